"""Requests through a proxy, on httpcore (the engine of httpx): tunnels, credentials, and the proxy's own forms.

httpx's own client is not used: it adds headers that codex-cli does not send and decodes bodies. This module is
imported when a proxy is asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpcore

from pycodex.transports.base import TransportError, TransportErrorKind
from pycodex.transports.wire import AsyncioBackend, TlsError, WireHead, wire_head

if TYPE_CHECKING:
    import ssl

__all__ = ["ProxiedAnswer", "Proxies"]

_IDLE_SECONDS = 90.0
"""How long an unused connection is kept (reqwest's default)."""


class ProxiedAnswer:
    """A response whose body is still to be read."""

    def __init__(self, answer: httpcore.Response) -> None:
        self.status = answer.status
        self.headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in answer.headers
        )
        self._answer = answer

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises ValueError where it breaks off."""
        try:
            async for chunk in self._answer.aiter_stream():
                yield chunk
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise ValueError(str(error)) from error

    async def aclose(self, *, reuse: bool) -> None:
        """Let the connection go; it is kept when `reuse` and the body was read to its end."""
        if not reuse:
            await self._answer.extensions["network_stream"].aclose()
        await self._answer.aclose()


class Proxies:
    """One pool of connections for each proxy."""

    def __init__(self) -> None:
        self._pools: dict[tuple[bool, str], httpcore.AsyncHTTPProxy] = {}

    async def send(
        self,
        method: str,
        url: str,
        lines: Sequence[tuple[str, str]],
        body: bytes,
        tls: ssl.SSLContext | None,
        proxy: str,
    ) -> ProxiedAnswer:
        """Write the request with these header lines; comes back with the response head. Raises TransportError."""
        # h11 wants these two to frame the request; what is written instead is `lines`.
        framing = [("host", urlsplit(url).netloc)]
        if body or method == "POST":
            framing.append(("content-length", str(len(body))))
        token = wire_head.set(WireHead(lines))
        try:
            request = httpcore.Request(method, url, headers=framing, content=body)
            return ProxiedAnswer(await self._pool(proxy, tls).handle_async_request(request))
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.ProxyError,
        ) as error:
            raise TransportError(_kind(error), str(error)) from error
        finally:
            wire_head.reset(token)

    def _pool(self, proxy: str, tls: ssl.SSLContext | None) -> httpcore.AsyncHTTPProxy:
        key = (tls is not None, proxy)
        if key not in self._pools:
            address, auth = _proxy_parts(proxy)
            self._pools[key] = httpcore.AsyncHTTPProxy(
                address,
                proxy_auth=auth,
                ssl_context=tls,
                max_connections=None,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=AsyncioBackend(),
            )
        return self._pools[key]

    async def aclose(self) -> None:
        """Close kept connections."""
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()


def _proxy_parts(proxy: str) -> tuple[str, tuple[str, str] | None]:
    """The proxy's address without credentials, and the credentials."""
    parts = urlsplit(proxy)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is None:
        return address, None
    return address, (unquote(parts.username), unquote(parts.password or ""))


def _kind(error: Exception) -> TransportErrorKind:
    """The class of an error that came before the response head was complete."""
    if isinstance(error, httpcore.TimeoutException):
        return "timeout"
    if isinstance(error, httpcore.ConnectError):
        return "tls" if isinstance(error, TlsError) else "connect"
    if isinstance(error, httpcore.ProxyError):
        return "connect"
    if isinstance(error, httpcore.RemoteProtocolError) and "without sending a response" not in str(error):
        return "protocol"
    return "protocol" if isinstance(error, httpcore.LocalProtocolError | httpcore.UnsupportedProtocol) else "reset"
