"""ModelClient: anything that answers a turn's request with sample events; ResponsesModelClient speaks HTTP."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Protocol

from pycodex.protocol import Item
from pycodex.records import dataclass
from pycodex.retries import backoff, rule_for
from pycodex.sampling import Failure, Opened, SampleEvent, Sampler, Served
from pycodex.sse import SseError, SseParser

if TYPE_CHECKING:
    from pycodex.context import ContextManager, Turn
    from pycodex.credentials import Refusals
    from pycodex.request import Request
    from pycodex.responses_socket import ResponsesSocket
    from pycodex.settings import Settings
    from pycodex.transports.base import Transport

__all__ = ["Fetched", "ModelClient", "ModelRequest", "ResponsesModelClient", "model_beside"]


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    """What a model is asked: the thread and turn, the tools, the input items."""

    context: ContextManager
    turn: Turn
    tools: tuple[Item, ...]
    input: tuple[Item, ...]
    plain: bool = False
    """To be asked by POST although the provider supports WebSockets."""
    apart: tuple[Item, ...] | None = None
    """To be asked over a WebSocket of its own, where it is asked over one: the tools of the thread, whose own WebSocket
    is made ready before (captured: compact/websocket_before_old)."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A whole answer; names of headers are lower case."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class ModelClient(Protocol):
    """Answers a request. The stream never raises: a failure is its last event, success ends with Completed."""

    def stream(self, request: ModelRequest) -> AsyncIterator[SampleEvent]:
        """The answer as it arrives."""
        ...

    async def aclose(self) -> None:
        """Release connections."""
        ...


def model_beside(model: ModelClient, settings: Settings) -> ModelClient:
    """The model of a sub-agent with other settings: of the same kind, on connections of its own."""
    return model.beside(settings) if isinstance(model, ResponsesModelClient) else model


class ResponsesModelClient:
    """POST /responses with the dialect's head and body, request-level retries, SSE answer; or the session's WebSocket,
    where provider and dialect want one."""

    def __init__(self, settings: Settings, transport: Transport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._given = transport is not None
        self._socket: ResponsesSocket | None = None
        self._warmed = False
        self._noted: set[str] = set()

    @classmethod
    def from_codex_config(cls, **options: Any) -> ResponsesModelClient:
        """From config.toml: model, provider, profile; options as in `pycodex.open_settings`."""
        from pycodex.api import open_settings

        return cls(open_settings(**options))

    def beside(self, settings: Settings) -> ResponsesModelClient:
        """A client for another thread, with connections of its own; the caller's transport serves all."""
        return self if self._given else ResponsesModelClient(settings)

    async def stream(self, request: ModelRequest) -> AsyncIterator[SampleEvent]:
        """The answer as it arrives; what can be resent silently is resent before anything is given out."""
        from pycodex.credentials import prepare
        from pycodex.request import MissingKey, build_request

        settings, refusals = request.context.settings, self._refusals(request.context.settings)
        warmed, self._warmed = self._warmed, True
        try:
            if self._wants_socket and not request.plain:
                async for event in self._over_socket().stream(request):
                    yield event
                if not self._over_socket().refused:
                    return
            elif not warmed:  # what a WebSocket is warmed up with is looked for without one, too (auth/command_failed)
                for line in await prepare(settings):
                    yield line
            for line in await prepare(settings):
                yield line
            built = build_request(request.context, request.turn, request.tools, request.input)
        except MissingKey as error:
            yield Failure(kind="missing_key", detail=str(error))
            return
        limit, style = self._settings.config.provider.request_max_retries, self._settings.dialect.retry
        attempt = 0
        while True:
            failed: Failure | None = None
            async with aclosing(self._attempt(built)) as events:  # its connection is let go before the next try
                async for event in events:
                    if isinstance(event, Failure):
                        failed = event
                        break
                    yield event
            if failed is None:
                return
            if attempt < limit and rule_for(failed, style).request:
                attempt += 1
                await asyncio.sleep(backoff(attempt, failed, style))
                continue
            # What is given up is not gone on with: the next request has a connection of its own (captured).
            await self._forget()
            done = await refusals.after(failed)
            if done is None:
                yield failed
                return
            for line in done.logged:
                yield line
            if done.failure is not None:
                yield done.failure
                return
            for line in await prepare(settings):
                yield line
            built = build_request(request.context, request.turn, request.tools, request.input)

    async def fetch(self, request: Request) -> Fetched | Failure:
        """The whole answer to a request that is not streamed, resent silently as any other."""
        limit, style = self._settings.config.provider.request_max_retries, self._settings.dialect.retry
        attempt = 0
        while True:
            answer = await self._whole(request)
            if not isinstance(answer, Failure):
                return answer
            if attempt == limit or not rule_for(answer, style).request:
                await self._forget()
                return answer
            attempt += 1
            await asyncio.sleep(backoff(attempt, answer, style))

    async def _whole(self, request: Request) -> Fetched | Failure:
        from pycodex.transports.base import TransportError

        try:
            opened = self._open().stream(request.url, request.head, request.body, method=request.method)
            async with opened as response:
                body = b"".join([chunk async for chunk in response.chunks])
        except TransportError as error:
            kind = "unreachable" if error.kind in ("connect", "tls") else "send"
            return Failure(kind=kind, detail=error.message, url=request.url)
        if 200 <= response.status < 300:
            return Fetched(body=body, headers=tuple(response.headers))
        text = body.decode(errors="replace")
        return Failure(kind="status", status=response.status, body=text, url=request.url, headers=response.headers)

    async def _attempt(self, request: Request) -> AsyncGenerator[SampleEvent]:
        from pycodex.transports.base import TransportError

        opened = False
        try:
            async with self._open().stream(request.url, request.head, request.body) as response:
                opened = True
                if not 200 <= response.status < 300:
                    body = b"".join([chunk async for chunk in response.chunks])
                    yield Failure(
                        kind="status",
                        status=response.status,
                        body=body.decode(errors="replace"),
                        url=request.url,
                        headers=response.headers,
                    )
                    return
                told = dict(reversed(response.headers)).get("openai-model")
                if told is not None and told.isascii():
                    yield Served(model=told)
                yield Opened(headers=response.headers)
                async for event in self._events(response.chunks):
                    yield event
        except TransportError as error:
            if opened:
                yield Failure(kind="body", detail=f"Transport error: network error: {error.message}")
            else:
                kind = "unreachable" if error.kind in ("connect", "tls") else "send"
                yield Failure(kind=kind, detail=error.message, url=request.url)

    async def _events(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[SampleEvent]:
        parser, sampler = SseParser(), Sampler(style=self._settings.dialect.stream.answers)
        idle = self._settings.config.provider.stream_idle_timeout_ms / 1000
        clock = asyncio.get_running_loop()
        deadline = clock.time() + idle if idle else None
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    parser.end()
                    yield sampler.end()
                    return
                found = parser.feed(chunk)
            except TimeoutError:
                yield Failure(kind="idle", detail="idle timeout waiting for SSE")
                return
            except SseError as error:
                yield Failure(kind="decode", detail=str(error))
                return
            # Only a complete event proves that the stream is alive: comments and half events do not (captured).
            if found and idle:
                deadline = clock.time() + idle
            for data in found:
                for event in sampler.feed(data):
                    yield event
                told = sampler.announced
                if told is not None and rule_for(told, self._settings.dialect.retry).at_once:
                    yield told
                    return
            if sampler.finished:
                return

    @property
    def _wants_socket(self) -> bool:
        """Whether a WebSocket is to be used: not with a transport of the caller's, and not through every proxy."""
        provider, style = self._settings.config.provider, self._settings.dialect.websocket
        if self._given or not provider.supports_websockets or not style.enabled(self._settings):
            return False
        from pycodex.transports.proxies import proxy_for
        from pycodex.transports.tunnel import tunnels

        if self._socket is not None and self._socket.refused:
            return False
        proxy = proxy_for(provider.url("responses"), self._settings.environment)
        return proxy is None or tunnels(proxy)

    def _over_socket(self) -> ResponsesSocket:
        if self._socket is None:
            from pycodex.responses_socket import ResponsesSocket

            self._socket = ResponsesSocket(self._settings, self._settings.dialect.websocket, self._refusals)
        return self._socket

    def _refusals(self, settings: Settings) -> Refusals:
        from pycodex.credentials import Refusals

        return Refusals(settings, self._open, self._forget)

    def _open(self) -> Transport:
        if self._transport is None:
            from pycodex.transports.http import HttpTransport

            self._transport = HttpTransport(self._settings.dialect.transport, self._settings.environment)
            if self._settings.config.provider.wire_api == "chat":
                from pycodex.responses_server.transport import chat_transport

                self._transport = chat_transport(self._settings.config.provider, self._transport, self._note)
        return self._transport

    def _note(self, text: str) -> None:
        """Something of the requests that the provider is not told; a terminal's screen is not written over."""
        if text not in self._noted and self._settings.mode == "exec":
            self._noted.add(text)
            print(f"warning: {text}", file=sys.stderr, flush=True)

    async def _forget(self) -> None:
        if self._transport is not None and not self._given:
            await self._transport.aclose()
            self._transport = None

    async def aclose(self) -> None:
        """Close connections."""
        if self._socket is not None:
            self._socket.close()
        if self._transport is not None:
            await self._transport.aclose()
