"""The layer as an HTTP server (aiohttp): streaming, plain JSON, WebSocket.

A client that leaves ends its request to the backend (handlers are cancelled), and a client that reads slowly slows the
backend down: each write is waited for, and nothing is read ahead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Middleware

from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.layer import Answer, Layer, encode, raise_failed
from pycodex.responses_server.store import Store, input_page
from pycodex.responses_server.stream import Event
from pycodex.responses_server.transport import event_bytes
from pycodex.transports.base import TransportError

__all__ = ["WARNINGS", "make_app", "running"]

WARNINGS = "x-responses-layer-warnings"
"""Header that says how many things of the request were left out; the server's log says which."""

_MOST_BYTES = 256 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024  # of a head: codex-cli's x-codex-turn-metadata has no bound
_MOST_WAITING = 16
_NEAR = {"most": 64, "most_bytes": 32 * 1024 * 1024}
_STATUSES = {"connect": 502, "tls": 502, "reset": 502, "protocol": 502, "decode": 502, "timeout": 504}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Log = Callable[[str], None]


def _to_stderr(text: str) -> None:
    print(f"responses_server: {text}", file=sys.stderr, flush=True)


def make_app(layer: Layer, log: Log = _to_stderr) -> web.Application:
    """The application. Each warning is logged once."""
    app = web.Application(client_max_size=_MOST_BYTES, middlewares=[_errors(log)])
    server = _Server(layer, log)
    for base in ("/v1", ""):
        app.router.add_post(f"{base}/responses", server.create)
        app.router.add_get(f"{base}/responses", server.talk)
        app.router.add_post(f"{base}/responses/compact", server.compact)
        app.router.add_get(f"{base}/responses/{{id}}", server.retrieve)
        app.router.add_delete(f"{base}/responses/{{id}}", server.delete)
        app.router.add_get(f"{base}/responses/{{id}}/input_items", server.input_items)
        app.router.add_post(f"{base}/responses/{{id}}/cancel", server.cancel)
        app.router.add_get(f"{base}/models", server.models)
    return app


@contextlib.asynccontextmanager
async def running(layer: Layer, host: str, port: int, log: Log = _to_stderr) -> AsyncIterator[int]:
    """Serve while the context lasts; gives the port. Raises OSError where it cannot listen."""
    runner = web.AppRunner(
        make_app(layer, log),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=1.0,
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_LINE,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _errors(log: Log) -> Middleware:
    """Whatever cannot be answered is an error object of the Responses API."""

    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            text = f"{request.method} {request.path}: {error.reason}."
            return _refusal(LayerError(text, status=error.status, code="not_found" if error.status == 404 else None))
        except Exception as error:
            return _refusal(_layer_error(error, log))

    return answered


def _layer_error(error: Exception, log: Log) -> LayerError:
    if isinstance(error, LayerError):
        return error
    if isinstance(error, TransportError):
        text = f"The backend cannot be reached: {error.message}"
        return LayerError(text, status=_STATUSES[error.kind], code="backend_unreachable", kind="server_error")
    log("".join(traceback.format_exception(error)))
    return LayerError(f"The layer itself failed: {type(error).__name__}", status=500, code="server_error")


def _refusal(error: LayerError) -> web.Response:
    return _json(error.body, status=error.status, headers=dict(error.headers))


def _json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=encode(value), status=status, headers=headers, content_type="application/json")


def _object(data: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise LayerError(f"The body is no JSON: {error}", code="invalid_json") from None
    if not isinstance(value, dict):
        raise LayerError("The body is no JSON object.", code="invalid_json")
    return value


class _Server:
    def __init__(self, layer: Layer, log: Log) -> None:
        self._layer, self._log = layer, log
        self._told: set[str] = set()

    async def create(self, request: web.Request) -> web.StreamResponse:
        body = _object(await _read(request))
        async with self._layer.ask(body, request.headers.get("authorization")) as answer:
            headers = self._warn(answer)
            if not body.get("stream"):
                async for _ in answer.events:
                    pass
                raise_failed(answer.response)
                return _json(answer.response, headers=headers)
            return await self._stream(request, answer, headers)

    async def _stream(self, request: web.Request, answer: Answer, headers: dict[str, str]) -> web.StreamResponse:
        kind = {"content-type": "text/event-stream", "cache-control": "no-cache"}
        response = web.StreamResponse(headers={**kind, **headers})
        await response.prepare(request)
        try:
            async for events in answer.events:
                await response.write(event_bytes(events))
            await response.write_eof()
        except ConnectionError:
            pass  # the client left
        except Exception as error:
            _layer_error(error, self._log)
            if request.transport is not None:  # an end would say that this is all
                request.transport.abort()
        return response

    async def talk(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket: each message is a request, each event of its answer a message."""
        if "upgrade" not in request.headers.get("connection", "").lower():
            raise web.HTTPMethodNotAllowed("GET", ["POST"])
        socket = web.WebSocketResponse(max_msg_size=_MOST_BYTES)
        await socket.prepare(request)
        asked: asyncio.Queue[bytes | str] = asyncio.Queue(_MOST_WAITING)
        answers = asyncio.create_task(self._answer_all(asked, request, socket))
        try:
            # Read also while an answer is written: a client that says goodbye ends it.
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await asked.put(message.data)
        finally:
            answers.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await answers
        return socket

    async def _answer_all(
        self, asked: asyncio.Queue[bytes | str], request: web.Request, socket: web.WebSocketResponse
    ) -> None:
        """One after another, as they were asked."""
        near = Store(**_NEAR)
        while True:
            data = await asked.get()
            try:
                async for event in self._answered(data, request, near):
                    await socket.send_str(encode(event).decode())
            except ConnectionError:
                return  # the client left
            except Exception as problem:
                error = _layer_error(problem, self._log)
                told = {"type": "error", "status": error.status, **error.body, "headers": dict(error.headers)}
                await socket.send_str(encode(told).decode())

    async def _answered(self, data: bytes | str, request: web.Request, near: Store) -> AsyncIterator[Event]:
        body = _object(data)
        if body.get("type") != "response.create":
            raise LayerError(f"There is no message `{body.get('type')}`.", code="invalid_value", param="type")
        body = {**body, "stream": True}
        failed = True
        try:
            async with self._layer.ask(body, request.headers.get("authorization"), near) as answer:
                self._warn(answer)
                async for events in answer.events:
                    for event in events:
                        yield event
                failed = answer.response["status"] == "failed"
        finally:
            # As OpenAI's server does: what a turn that failed went on with is no longer near.
            if failed:
                near.drop(str(body.get("previous_response_id")))

    def _warn(self, answer: Answer) -> dict[str, str]:
        for text in answer.warnings:
            # Logged once, wherever it stood.
            if text not in self._told and len(self._told) < 10_000:
                self._told.add(text)
                self._log(text)
        if not answer.warnings:
            return {}
        first = answer.warnings[0].encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")[:200]
        return {WARNINGS: f"{len(answer.warnings)}; {first}"}

    async def compact(self, request: web.Request) -> web.Response:
        return _json(await self._layer.compact(_object(await _read(request)), request.headers.get("authorization")))

    async def retrieve(self, request: web.Request) -> web.Response:
        if request.query.get("stream") == "true":
            raise LayerError("An answer cannot be streamed again.", code="unsupported_parameter", param="stream")
        return _json(self._layer.stored(request.match_info["id"]).response)

    async def delete(self, request: web.Request) -> web.Response:
        identity = request.match_info["id"]
        self._layer.stored(identity)
        self._layer.store.drop(identity)
        return _json({"id": identity, "object": "response", "deleted": True})

    async def input_items(self, request: web.Request) -> web.Response:
        return _json(input_page(self._layer.stored(request.match_info["id"]), request.query))

    async def cancel(self, request: web.Request) -> web.Response:
        self._layer.stored(request.match_info["id"])
        raise LayerError("Only a response in the background can be cancelled.", code="invalid_value")

    async def models(self, request: web.Request) -> web.Response:
        return _json(await self._layer.models(request.headers.get("authorization")))


async def _read(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise LayerError("The request is too large.", status=413, code="request_too_large") from None
