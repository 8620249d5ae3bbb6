"""A scripted chat/completions server: what a Responses layer stands before.

    async with ChatServer() as server:
        server.load([{"calls": [{"name": "exec_command", "arguments": {"cmd": "ls"}}]}, {"text": "Done."}])
        ...                                   # an agent, through a layer, talks to server.base_url
        assert server.problems == []

An answer (see `_KEYS`): `text`, `reasoning`, `refusal`, `calls` in words, or `chunks` (and `completion`, for a request
that does not stream) as they are on the wire; `finish`, `usage`; `status`, `body`, `headers` for a refusal; `done:
false` leaves [DONE] out, `cut` breaks the connection off, `wait` stays open until the client leaves, `split` writes so
many bytes at a time, `raw` is the stream as text.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from fake_server.chat_invariants import broken_chat
from fake_server.items import compact
from fake_server.site import served

__all__ = ["ChatServer", "chat_chunks", "chat_completion"]

_SAID = ("text", "reasoning", "refusal", "calls", "chunks", "completion", "finish", "usage", "raw")
_SENT = ("status", "body", "headers", "done", "cut", "wait", "split")
_KEYS = frozenset((*_SAID, *_SENT))
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
_DELTAS = 3  # a text or the arguments of a call come in so many pieces


def chat_chunks(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The chunks of an answer in words."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in _pieces(answer.get("reasoning", ""))]
    deltas += [{"content": piece} for piece in _pieces(answer.get("text", ""))]
    deltas += [{"refusal": piece} for piece in _pieces(answer.get("refusal", ""))]
    for index, call in enumerate(_calls(answer)):
        function = call["function"]
        deltas.append({"tool_calls": [{"index": index, **call, "function": {**function, "arguments": ""}}]})
        for piece in _pieces(function["arguments"]):
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": _finish(answer)}]})
    usage = answer.get("usage", USAGE)
    return [*chunks, *([{"choices": [], "usage": usage}] if usage else [])]


def chat_completion(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same answer as one object."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.get("text")}
    if "reasoning" in answer:
        message["reasoning_content"] = answer["reasoning"]
    if "refusal" in answer:
        message["refusal"] = answer["refusal"]
    if calls := _calls(answer):
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer)}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": answer.get("usage", USAGE)}


class ChatServer:
    """Gives the answers in order, remembers the requests, and says what was wrong with them."""

    def __init__(self) -> None:
        self._answers: list[Mapping[str, Any]] = []
        self._repeat = False
        self._site = AsyncExitStack()
        self._port = 0
        self.requests: list[dict[str, Any]] = []
        """The bodies."""
        self.heads: list[dict[str, str]] = []
        self.problems: list[str] = []
        self.open = 0
        """How many answers are being given."""
        self.left = asyncio.Event()
        """A client went away before its answer was whole."""

    def load(self, answers: Sequence[Mapping[str, Any]], *, repeat: bool = False) -> None:
        """Begin anew. With `repeat` the last answer serves all that follow."""
        for answer in answers:
            if unknown := set(answer) - _KEYS:
                raise ValueError(f"an answer has no {', '.join(sorted(unknown))}")
        self._answers, self._repeat = list(answers), repeat
        self.requests, self.heads, self.problems = [], [], []
        self.left = asyncio.Event()

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL."""
        return f"http://127.0.0.1:{self._port}/v1"

    def finish(self) -> list[str]:
        """Everything that was wrong, unused answers among it."""
        unused = [] if self._repeat else [f"an answer was never used: {compact(one)[:100]}" for one in self._answers]
        return [*self.problems, *unused]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        self._port = await self._site.enter_async_context(served(app))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._site.aclose()

    async def _models(self, request: web.Request) -> web.Response:
        self.heads.append({name.lower(): value for name, value in request.headers.items()})
        return web.json_response({"object": "list", "data": [{"id": "local-model", "object": "model"}]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.requests.append(body)
        self.heads.append({name.lower(): value for name, value in request.headers.items()})
        self.problems += [f"request {len(self.requests)}: {text}" for text in broken_chat(body)]
        if not self._answers:
            self.problems.append(f"request {len(self.requests)}: there is no answer left")
            return web.json_response({"error": {"message": "the script is over"}}, status=500)
        last = self._repeat and len(self._answers) == 1
        answer = self._answers[0] if last else self._answers.pop(0)
        if "status" in answer:
            text = answer.get("body", "")
            text = text if isinstance(text, str) else compact(text)
            return web.Response(status=answer["status"], text=text, headers=answer.get("headers"))
        if not body.get("stream"):
            return web.json_response(answer.get("completion") or chat_completion(answer))
        self.open += 1
        try:
            return await self._stream(request, answer)
        except (ConnectionError, asyncio.CancelledError):
            self.left.set()
            raise
        finally:
            self.open -= 1

    async def _stream(self, request: web.Request, answer: Mapping[str, Any]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream", **answer.get("headers", {})})
        await response.prepare(request)
        data = _stream_of(answer)
        step = answer.get("split")
        for piece in [data[at : at + step] for at in range(0, len(data), step)] if step else [data]:
            await response.write(piece)
            await asyncio.sleep(0)
        if answer.get("wait"):
            await asyncio.Event().wait()
        if answer.get("cut") and request.transport is not None:
            request.transport.abort()
        return response


def _stream_of(answer: Mapping[str, Any]) -> bytes:
    if "raw" in answer:
        return str(answer["raw"]).encode()
    chunks = answer["chunks"] if "chunks" in answer else chat_chunks(answer)
    lines = [f"data: {compact(chunk)}\n\n" for chunk in chunks]
    ends = answer.get("done", True) and not answer.get("cut") and not answer.get("wait")
    return "".join([*lines, "data: [DONE]\n\n" if ends else ""]).encode()


def _calls(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for number, call in enumerate(answer.get("calls", ())):
        arguments = call.get("arguments", {})
        text = arguments if isinstance(arguments, str) else compact(arguments)
        function = {"name": call["name"], "arguments": text}
        found.append({"id": call.get("id", f"call_{number}"), "type": "function", "function": function})
    return found


def _finish(answer: Mapping[str, Any]) -> str:
    return str(answer.get("finish", "tool_calls" if answer.get("calls") else "stop"))


def _pieces(text: str) -> list[str]:
    size = max(1, -(-len(text) // _DELTAS))
    return [text[at : at + size] for at in range(0, len(text), size)]
