"""One exchange with a backend: a Responses request in, Responses events out. Used by the server and in-process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass
from pycodex.responses_server.adapt import Lessons
from pycodex.responses_server.backend import Backend
from pycodex.responses_server.compact import kept_input
from pycodex.responses_server.errors import LayerError, backend_error
from pycodex.responses_server.ids import item_id
from pycodex.responses_server.request import ChatRequest, chat_request
from pycodex.responses_server.response import response_object
from pycodex.responses_server.store import Store
from pycodex.responses_server.stream import ChatStream, Event
from pycodex.sse import SseError, SseParser
from pycodex.transports.base import TransportError

if TYPE_CHECKING:
    from pycodex.responses_server.store import Stored
    from pycodex.transports.base import Response, Transport

__all__ = ["Answer", "Layer", "encode", "raise_failed"]

_USAGE_SECONDS = 5.0
"""How long the usage, or [DONE], of an answer that is finished is waited for."""
_LONGEST_REFUSAL = 1024 * 1024
_LONGEST_ANSWER = 256 * 1024 * 1024
_REFERENCE = "item_reference"


def encode(value: Any) -> bytes:
    """Compact JSON. A lone half of a surrogate pair, which is no character, becomes the sign for that."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that began. `response` is whole when the events are read to their end."""

    events: AsyncIterator[Event]
    response: dict[str, Any]
    warnings: tuple[str, ...]


class Layer:
    """A backend as a Responses provider."""

    def __init__(self, backend: Backend, transport: Transport, store: Store | None = None) -> None:
        self._backend, self._transport = backend, transport
        self.store = Store() if store is None else store
        self._lessons = Lessons()

    @asynccontextmanager
    async def ask(
        self, body: Mapping[str, Any], authorization: str | None = None, near: Store | None = None
    ) -> AsyncIterator[Answer]:
        """Ask, and give the answer as it comes; leaving early ends the request to the backend.

        `near`: what one connection remembers, also of requests that are not to be stored. Raises LayerError,
        TransportError.
        """
        before = self._before(body, near)
        added = self._resolved(_own_input(body), near)
        request = chat_request(body, self._backend, [*_history(before), *added])
        response = response_object(body, request.body["model"])
        stream = ChatStream(request, response)
        async with AsyncExitStack() as stack:
            if body.get("generate") is False:
                chunks, warnings = _nothing(), request.warnings
            else:
                reply, told = await self._send(stack, request, authorization)
                chunks, warnings = _chunks(reply, stream), (*request.warnings, *told)

            async def events() -> AsyncIterator[Event]:
                for event in stream.start():
                    yield event
                async for found in chunks:
                    for event in found:
                        yield event
                if body.get("generate") is False:
                    for event in stream.feed({"choices": [{"finish_reason": "stop"}], "usage": _NO_TOKENS}):
                        yield event
                for event in stream.end():
                    yield event
                self._keep(body, response, before, added, near)

            yield Answer(events=events(), response=response, warnings=warnings)

    async def compact(self, body: Mapping[str, Any], authorization: str | None = None) -> dict[str, Any]:
        """The answer to `/responses/compact`: the user's messages, and an item for the rest. Raises as `ask`."""
        items = [*_history(self._before(body, None)), *self._resolved(_own_input(body), None)]
        plain = {key: value for key, value in body.items() if key != "stream"}
        request = chat_request(plain, self._backend, items, compacts=True)
        response = response_object(body, request.body["model"])
        stream = ChatStream(request, response)
        async with AsyncExitStack() as stack:
            reply, _ = await self._send(stack, request, authorization)
            async for _ in _chunks(reply, stream):
                pass
            stream.end()
        raise_failed(response)
        if response["status"] != "completed":
            raise LayerError("The backend did not finish its summary.", status=502, code="server_error")
        return {
            "id": item_id("resp"),
            "object": "response.compaction",
            "created_at": response["created_at"],
            "output": [*kept_input(items), *response["output"]],
            "usage": response["usage"],
        }

    async def models(self, authorization: str | None = None) -> dict[str, Any]:
        """What the backend has. Raises as `ask`."""
        head = self._backend.head(authorization)
        async with self._transport.stream(
            self._backend.path("models"), head[:1] + head[2:], b"", method="GET"
        ) as reply:
            data = await _whole(reply, _LONGEST_REFUSAL)
            if not 200 <= reply.status < 300:
                raise backend_error(reply.status, data, reply.headers)
        try:
            found = json.loads(data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise LayerError("The backend's list of models is no JSON object.", status=502, code="server_error")
        return found

    def stored(self, identity: str, near: Store | None = None) -> Stored:
        """A response that was kept. Raises LayerError."""
        found = (near.find(identity) if near is not None else None) or self.store.find(identity)
        if found is None:
            raise LayerError(f"Response with id '{identity}' not found.", status=404, code="not_found")
        return found

    async def _send(
        self, stack: AsyncExitStack, request: ChatRequest, authorization: str | None
    ) -> tuple[Response, list[str]]:
        """Ask the backend, again without what it names as the reason of a refusal."""
        url, head = self._backend.path("chat/completions"), self._backend.head(authorization)
        while True:
            chat, told = self._lessons.apply(request.body)
            attempt = AsyncExitStack()
            try:
                reply = await attempt.enter_async_context(self._transport.stream(url, head, encode(chat)))
                if 200 <= reply.status < 300:
                    stack.push_async_exit(attempt.pop_all())
                    return reply, told
                error = backend_error(reply.status, await _whole(reply, _LONGEST_REFUSAL), reply.headers)
            finally:
                await attempt.aclose()
            if error.code == "context_length_exceeded" or not self._lessons.learn(chat, error.status, error.message):
                raise error

    def _before(self, body: Mapping[str, Any], near: Store | None) -> Stored | None:
        previous = body.get("previous_response_id")
        if previous is None:
            return None
        found = (near.find(str(previous)) if near is not None else None) or self.store.find(str(previous))
        if found is None:
            text = f"Previous response with id '{previous}' not found."
            raise LayerError(text, code="previous_response_not_found", param="previous_response_id")
        return found

    def _resolved(self, items: Sequence[Any], near: Store | None) -> list[Any]:
        """The items, those that are only named by their id looked up."""
        found = []
        for number, item in enumerate(items):
            if isinstance(item, Mapping) and item.get("type", _REFERENCE if set(item) == {"id"} else "") == _REFERENCE:
                stores = [self.store] if near is None else [near, self.store]
                item = next((it for store in stores if (it := store.item(str(item.get("id")))) is not None), None)
                if item is None:
                    raise LayerError(f"input[{number}] names an item that is not stored.", param=f"input[{number}].id")
            found.append(item)
        return found

    def _keep(
        self,
        body: Mapping[str, Any],
        response: dict[str, Any],
        before: Stored | None,
        added: Sequence[Any],
        near: Store | None,
    ) -> None:
        if response["status"] == "failed":
            return
        if near is not None:
            near.put(response, before, added)
        if body.get("store", True) is not False:
            self.store.put(response, before, added)


_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0}


def _own_input(body: Mapping[str, Any]) -> list[Any]:
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
    if given is not None and not isinstance(given, list):
        raise LayerError("input must be a string or a list of items.", code="invalid_type", param="input")
    return given or []


def raise_failed(response: Mapping[str, Any]) -> None:
    """Raises LayerError for an answer that failed, where no event can say so."""
    if response["status"] == "failed":
        error = response["error"]
        raise LayerError(error["message"], status=502, code=error["code"])


def _history(before: Stored | None) -> Sequence[Any]:
    return () if before is None else before.history


async def _nothing() -> AsyncIterator[list[Event]]:
    """Of a request that only prepares the next one (`generate: false`, codex-cli's over a WebSocket)."""
    return
    yield []


async def _whole(reply: Response, most: int) -> bytes:
    data = bytearray()
    async for chunk in reply.chunks:
        data += chunk
        if len(data) > most:
            raise LayerError("The backend's answer is too long.", status=502, code="server_error")
    return bytes(data)


async def _chunks(reply: Response, stream: ChatStream) -> AsyncIterator[list[Event]]:
    """The events that each piece of a reply brings, up to its end."""
    kind = reply.header("content-type") or ""
    if "json" in kind and "event-stream" not in kind:
        try:
            data = await _whole(reply, _LONGEST_ANSWER)
        except TransportError as error:
            yield stream.fail({"message": f"The connection to the backend broke off: {error.message}"})
            return
        yield _at_once(stream, data)
        return
    parser = SseParser()
    chunks = aiter(reply.chunks)
    size = 0
    while not stream.finished:
        try:
            async with asyncio.timeout(_USAGE_SECONDS if stream.said_all else None):
                chunk = await anext(chunks, None)
            # An event whose blank line is missing counts where nothing follows.
            found = parser.feed(b"\n\n" if chunk is None else chunk)
        except TimeoutError:
            return
        except SseError as error:
            yield stream.fail({"message": f"The backend's stream cannot be read: {error}"})
            return
        except TransportError as error:
            if not stream.said_all:
                yield stream.fail({"message": f"The connection to the backend broke off: {error.message}"})
            return
        size += len(chunk or b"")
        if size > _LONGEST_ANSWER:
            yield stream.fail({"message": "The backend's answer is too long."})
            return
        for text in found:
            if text.strip() == "[DONE]":
                yield stream.end(told=True)
                return
            for value in _values(text):
                yield stream.feed(value)
        if chunk is None:
            return


def _values(text: str) -> list[Any]:
    """The JSON of an event; of a backend that leaves the blank lines out, of several."""
    try:
        return [json.loads(text)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip() not in ("", "[DONE]")]
    except ValueError:
        return [text]


def _at_once(stream: ChatStream, data: bytes) -> list[Event]:
    try:
        answer = json.loads(data)
    except ValueError:
        answer = None
    if not isinstance(answer, Mapping):
        return stream.fail({"message": "The backend's answer is no JSON object."})
    if answer.get("choices") is None and not answer.get("error"):
        return stream.fail({"message": "The backend's answer has no choices."})
    events = stream.feed(answer)
    return events + stream.end(told=True)
