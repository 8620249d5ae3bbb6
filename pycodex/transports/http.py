"""HTTP/1.1 with the request head exactly as given, on httpcore (the engine of httpx).

httpx's own client is not used: it adds headers that codex-cli does not send, decodes bodies, and builds a TLS
context (tens of milliseconds) also for an http:// URL. httpcore is imported at the first request.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pycodex.transports.base import Response, TransportError, TransportErrorKind, TransportStyle
from pycodex.transports.proxies import proxy_for

if TYPE_CHECKING:
    import ssl

    import httpcore

__all__ = ["HttpTransport"]

_IDLE_SECONDS = 90.0
"""How long an unused connection is kept (reqwest's default)."""
_MAX_REDIRECTS = 10
_REDIRECTS_THAT_KEEP_THE_BODY = (307, 308)
_REDIRECTS_TO_GET = (301, 302, 303)
_HEADERS_OF_THE_BODY = ("transfer-encoding", "content-encoding", "content-type", "content-length")
_HEADERS_FOR_ONE_HOST = ("authorization", "cookie", "cookie2", "proxy-authorization", "www-authenticate")


class HttpTransport:
    """A `Transport` (see base.py).

    `env` gives the proxy variables (see proxies.py) and the CA file: CODEX_CA_CERTIFICATE, else
    SSL_CERT_FILE. There is no time limit, neither for connecting nor for the response head (captures: a
    provider that stays silent for ever is waited for); who wants one wraps the context.
    """

    def __init__(self, style: TransportStyle, env: Mapping[str, str] | None = None) -> None:
        self._style = style
        self._env = os.environ if env is None else env
        self._pools: dict[tuple[bool, str | None], httpcore.AsyncConnectionPool] = {}

    def stream(
        self, url: str, head: Sequence[tuple[str, str]], body: bytes, *, method: str = "POST"
    ) -> AbstractAsyncContextManager[Response]:
        """See `Transport.stream`. A 200 closes its connection, any other answer that was read to its end
        leaves it."""
        return self._stream(url, list(head), body, method)

    @asynccontextmanager
    async def _stream(self, url: str, head: list[tuple[str, str]], body: bytes, method: str) -> AsyncIterator[Response]:
        answer = await self._send(url, head, body, method)
        for _ in range(_MAX_REDIRECTS):
            target = _redirect_target(url, answer)
            if target is None:
                break
            await self._drain(answer)
            if answer.status in _REDIRECTS_TO_GET:
                method, body = "GET", b""
                head = _without(head, _HEADERS_OF_THE_BODY)
            head = _redirected_head(head, url, target)
            url = target
            answer = await self._send(url, head, body, method)
        headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in answer.headers)
        try:
            yield Response(status=answer.status, headers=headers, chunks=self._chunks(answer))
        finally:
            if answer.status == 200:
                # codex-cli never reads an event stream to its end, so each turn request is a connection of
                # its own.
                await answer.extensions["network_stream"].aclose()
            await answer.aclose()

    async def _send(self, url: str, head: list[tuple[str, str]], body: bytes, method: str) -> httpcore.Response:
        import httpcore

        from pycodex.transports.wire import WireHead, wire_head

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TransportError("protocol", self._style.send_error.format(url=url))
        lines = _filled(head, parts.netloc.rpartition("@")[2], len(body))
        # h11 wants these two to frame the request; what is written instead is `lines`.
        framing = [("host", parts.netloc)]
        if body or method == "POST":
            framing.append(("content-length", str(len(body))))
        token = wire_head.set(WireHead(lines))
        try:
            request = httpcore.Request(method, url, headers=framing, content=body)
            return await self._pool(url).handle_async_request(request)
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            httpcore.ProxyError,
        ) as error:
            raise TransportError(_kind(error), self._style.send_error.format(url=url)) from error
        finally:
            wire_head.reset(token)

    async def _chunks(self, answer: httpcore.Response) -> AsyncIterator[bytes]:
        import httpcore

        try:
            async for chunk in answer.aiter_stream():
                yield chunk
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise TransportError("decode", self._style.body_error) from error

    async def _drain(self, answer: httpcore.Response) -> None:
        try:
            async for _ in self._chunks(answer):
                pass
        finally:
            await answer.aclose()

    def _pool(self, url: str) -> httpcore.AsyncConnectionPool:
        import httpcore

        from pycodex.transports.wire import AsyncioBackend

        tls = url.startswith("https:")
        proxy = proxy_for(url, self._env)
        key = (tls, proxy)
        if key not in self._pools:
            context = _tls_context(self._env) if tls else None
            if proxy is None:
                self._pools[key] = httpcore.AsyncConnectionPool(
                    ssl_context=context,
                    max_connections=None,
                    keepalive_expiry=_IDLE_SECONDS,
                    network_backend=AsyncioBackend(),
                )
            else:
                address, auth = _proxy_parts(proxy)
                self._pools[key] = httpcore.AsyncHTTPProxy(
                    address,
                    proxy_auth=auth,
                    ssl_context=context,
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


def _filled(head: Sequence[tuple[str, str]], host: str, length: int) -> list[tuple[str, str]]:
    """`head` with the two place holders filled in."""
    known = {"host": host, "content-length": str(length)}
    return [(name, value or known.get(name.lower(), "")) for name, value in head]


def _redirect_target(url: str, answer: httpcore.Response) -> str | None:
    if answer.status not in _REDIRECTS_THAT_KEEP_THE_BODY + _REDIRECTS_TO_GET:
        return None
    for name, value in answer.headers:
        if name.lower() == b"location":
            return urljoin(url, value.decode("latin-1"))
    return None


def _redirected_head(head: list[tuple[str, str]], source: str, target: str) -> list[tuple[str, str]]:
    """`head` for the request that follows a redirect: credentials stay with their host, and `referer` comes
    in."""
    before, after = urlsplit(source), urlsplit(target)
    head = _without(head, ("referer",))
    if (before.hostname, before.port) != (after.hostname, after.port):
        head = _without(head, _HEADERS_FOR_ONE_HOST)
    if before.scheme == "https" and after.scheme == "http":
        return head
    referer = before._replace(netloc=before.netloc.rpartition("@")[2], fragment="").geturl()
    at = _end_of_map(head)
    return [*head[:at], ("referer", referer), *head[at:]]


def _end_of_map(head: list[tuple[str, str]]) -> int:
    """Where `host` and `content-length` begin, which codex-cli's HTTP library writes after its map of
    headers."""
    return next((i for i, (name, _) in enumerate(head) if name.lower() in ("host", "content-length")), len(head))


def _without(head: list[tuple[str, str]], names: Sequence[str]) -> list[tuple[str, str]]:
    """`head` without `names`. The last header of the map moves into each gap, as it does in codex-cli's map:
    after a 302 the order is `accept, originator, user-agent` where it was `accept, content-type, user-agent,
    originator`."""
    at = _end_of_map(head)
    in_map, behind = head[:at], [line for line in head[at:] if line[0].lower() not in names]
    for name in names:
        for i, (key, _) in enumerate(in_map):
            if key.lower() == name:
                last = in_map.pop()
                if i < len(in_map):
                    in_map[i] = last
                break
    return in_map + behind


def _proxy_parts(proxy: str) -> tuple[str, tuple[str, str] | None]:
    """The proxy's address without credentials, and the credentials."""
    from urllib.parse import unquote

    parts = urlsplit(proxy)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is None:
        return address, None
    return address, (unquote(parts.username), unquote(parts.password or ""))


def _tls_context(env: Mapping[str, str]) -> ssl.SSLContext:
    import ssl

    context = ssl.create_default_context()
    extra = env.get("CODEX_CA_CERTIFICATE") or env.get("SSL_CERT_FILE")
    if extra:
        try:
            context.load_verify_locations(cafile=extra)
        except (OSError, ssl.SSLError) as error:
            name = "CODEX_CA_CERTIFICATE" if env.get("CODEX_CA_CERTIFICATE") else "SSL_CERT_FILE"
            raise TransportError("tls", f"cannot read the CA file {extra} named by {name}: {error}") from error
    return context


def _kind(error: Exception) -> TransportErrorKind:
    """The class of an error that came before the response head was complete."""
    import httpcore

    from pycodex.transports.wire import TlsError

    if isinstance(error, httpcore.TimeoutException):
        return "timeout"
    if isinstance(error, httpcore.ConnectError):
        return "tls" if isinstance(error, TlsError) else "connect"
    if isinstance(error, httpcore.ProxyError):
        return "connect"
    if isinstance(error, httpcore.RemoteProtocolError) and "without sending a response" not in str(error):
        return "protocol"
    return "protocol" if isinstance(error, httpcore.LocalProtocolError | httpcore.UnsupportedProtocol) else "reset"
