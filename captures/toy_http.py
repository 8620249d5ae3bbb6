"""The toy MCP server over HTTP: one server of the harness, a script by path.

A scenario that `needs: [toy_http]` has it at `$toy_url`: `$toy_url/NAME` answers as `NAME.json` of the workspace says
(the scripts of `captures.toy_mcp`) and writes each request it gets, head and body, into `NAME.post.jsonl`,
`NAME.get.jsonl` or `NAME.delete.jsonl`, so that requests that race stand in files of their own; a request to any other
path is a line of `toy_http.jsonl` and gets a 404. Beside what a script says of messages it may have

    session  the value of `mcp-session-id`, which `initialize` brings; null: none
    stream   true: requests are answered as events, not as JSON
    answers  GET, DELETE, METHOD of a message, or METHOD and a name; a list has one for each time, the last for the rest

An answer may also have `status`; `headers` (a mapping; null leaves one out); `body`, a text verbatim; `stream`; `hold`
(after the body nothing more comes, and the answer does not end); `drop` (the connection is cut before a word). What a
message is told that is no request stands under its method.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from captures.toy_mcp import Toy, reply
from fake_server.site import served

__all__ = ["ToyHttp"]

_JSON = "application/json"
_EVENTS = "text/event-stream"
_REST: Mapping[str, Mapping[str, Any]] = {"GET": {"status": 405}, "DELETE": {"status": 200}}
_LOOK = 0.01


class ToyHttp:
    """`async with ToyHttp(folder) as toy:` serves the scripts of the folder at `toy.url`."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._folder = folder
        self._toys: dict[str, Toy] = {}
        self._site = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self.url = f"http://127.0.0.1:{await self._site.enter_async_context(served(app))}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._site.aclose()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        name = request.path.strip("/")
        script = self._folder / f"{name}.json"
        if not name or not script.is_file():
            self._note("toy_http", {"target": request.raw_path, **_seen(request, data)})
            return web.Response(status=404)
        if name not in self._toys:
            self._toys[name] = Toy(json.loads(script.read_text(encoding="utf-8")))
        self._note(f"{name}.{request.method.lower()}", _seen(request, data))
        return await self._answer(request, self._toys[name], json.loads(data) if data else None)

    def _note(self, name: str, seen: Mapping[str, Any]) -> None:
        with (self._folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(seen, sort_keys=True) + "\n")

    async def _answer(self, request: web.Request, toy: Toy, message: Any) -> web.StreamResponse:
        if request.method != "POST":
            scripted = toy.scripted(request.method)
            found = _REST.get(request.method, {}) if scripted is None else scripted
            return await _send(request, found, {}, "", self._folder)
        method = message.get("method")
        if method is None or "id" not in message:
            return await _send(request, {"status": 202, **(toy.scripted(str(method)) or {})}, {}, "", self._folder)
        answer = toy.answer(message)
        stream = answer.get("stream", toy.script.get("stream"))
        head = {"content-type": _EVENTS if stream else _JSON}
        if method == "initialize" and toy.script.get("session") is not None:
            head["mcp-session-id"] = toy.script["session"]
        text = reply(message, answer)
        if stream:
            text = "".join(f"{line}\n" for line in answer.get("say", ())) + f"data: {text}\n\n"
        return await _send(request, answer, head, text, self._folder)


def _seen(request: web.Request, data: bytes) -> dict[str, Any]:
    """Head in the order and case of the wire, and body."""
    head = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.raw_headers]
    length = str(len(data))
    head = [
        [name, "<len:body>" if name.lower() == "content-length" and value == length else value] for name, value in head
    ]
    return {"head": head, **({"body": json.loads(data)} if data else {})}


async def _send(
    request: web.Request, found: Mapping[str, Any], head: Mapping[str, Any], text: str, folder: Path
) -> web.StreamResponse:
    await asyncio.sleep(found.get("wait", 0))
    while found.get("until") and not (folder / found["until"]).exists():
        await asyncio.sleep(_LOOK)
    if found.get("silent"):
        await asyncio.Event().wait()
    if found.get("drop") and request.transport is not None:
        request.transport.abort()
        return web.Response()
    told = {**head, **found.get("headers", {})}
    answer = web.StreamResponse(status=found.get("status", 200))
    answer.headers.update({name: str(value) for name, value in told.items() if value is not None})
    data = str(found.get("body", text)).encode()
    if not found.get("hold"):
        answer.content_length = len(data)
    with contextlib.suppress(ConnectionError):  # the client went away
        await answer.prepare(request)
        await answer.write(data)
        if found.get("hold"):
            await asyncio.Event().wait()
        await answer.write_eof()
    return answer
