"""The layer in-process: a transport that stands before the HTTP one, and answers /responses out of chat/completions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from pycodex.responses_server.backend import Backend
from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.layer import Layer, encode
from pycodex.transports.base import Response

if TYPE_CHECKING:
    from pycodex.provider import Provider
    from pycodex.responses_server.stream import Event
    from pycodex.transports.base import Transport

__all__ = ["ChatTransport", "chat_transport", "event_bytes"]


def event_bytes(events: Sequence[Event]) -> bytes:
    """Events as they stand in a stream."""
    return b"".join(b"event: %s\ndata: %s\n\n" % (event["type"].encode(), encode(event)) for event in events)


def chat_transport(provider: Provider, inner: Transport, log: Callable[[str], None]) -> ChatTransport:
    """The transport to a provider that speaks chat; what of a request is left out is told to `log`, once."""
    return ChatTransport(Layer(Backend(url=provider.base_url or ""), inner), inner, log)


class ChatTransport:
    """A `Transport` (see transports/base.py) to a chat/completions backend."""

    def __init__(self, layer: Layer, inner: Transport, log: Callable[[str], None]) -> None:
        self._layer, self._inner, self._log = layer, inner, log
        self._told: set[str] = set()

    def stream(
        self, url: str, head: Sequence[tuple[str, str]], body: bytes, *, method: str = "POST"
    ) -> AbstractAsyncContextManager[Response]:
        """See `Transport.stream`. What is not a request for an answer goes to the backend as it is."""
        path = url.partition("?")[0]
        if method == "POST" and path.endswith(("/responses", "/responses/compact")):
            return self._answer(path, head, body)
        return self._inner.stream(url, head, body, method=method)

    @asynccontextmanager
    async def _answer(self, path: str, head: Sequence[tuple[str, str]], body: bytes) -> AsyncIterator[Response]:
        credential = next((value for name, value in head if name.lower() == "authorization"), None)
        request = json.loads(body)
        # As any transport: an error before the head is an answer, or a TransportError of the inner one.
        async with AsyncExitStack() as stack:
            try:
                if path.endswith("/compact"):
                    answer = _plain(200, await self._layer.compact(request, credential))
                else:
                    began = await stack.enter_async_context(self._layer.ask(request, credential))
                    self._warn(began.warnings)
                    answer = Response(
                        status=200,
                        headers=(("content-type", "text/event-stream"),),
                        chunks=(event_bytes(events) async for events in began.events),
                    )
            except LayerError as error:
                answer = _plain(error.status, error.body, error.headers)
            yield answer

    def _warn(self, warnings: Sequence[str]) -> None:
        for text in warnings:
            if text not in self._told:
                self._told.add(text)
                self._log(text)

    async def aclose(self) -> None:
        """Close kept connections."""
        await self._inner.aclose()


def _plain(status: int, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield encode(value)

    return Response(status=status, headers=(("content-type", "application/json"), *headers), chunks=chunks())
