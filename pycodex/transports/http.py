"""HTTP/1.1 with the request head exactly as given: redirects, TLS, and the way through a proxy (tunnel.py, which is
imported when one is asked for).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pycodex.transports.base import Response, TransportError, TransportStyle
from pycodex.transports.direct import Connections
from pycodex.transports.proxies import proxy_for

if TYPE_CHECKING:
    import ssl

    from pycodex.transports.direct import DirectAnswer
    from pycodex.transports.tunnel import Via

__all__ = ["HttpTransport"]

_MAX_REDIRECTS = 10
_LOGIN = "proxy-authorization"
_REDIRECTS_THAT_KEEP_THE_BODY = (307, 308)
_REDIRECTS_TO_GET = (301, 302, 303)
_HEADERS_OF_THE_BODY = ("transfer-encoding", "content-encoding", "content-type", "content-length")
_HEADERS_FOR_ONE_HOST = ("authorization", "cookie", "cookie2", "proxy-authorization", "www-authenticate")


class HttpTransport:
    """A `Transport` (see base.py).

    `env` gives the proxy variables (see proxies.py) and those of authorities.py. There is no time limit, neither for
    connecting nor for the response head (captures: a provider that stays silent for ever is waited for); who wants
    one wraps the context.
    """

    def __init__(self, style: TransportStyle, env: Mapping[str, str] | None = None, *, keeps_all: bool = False) -> None:
        """`keeps_all`: a 200 leaves its connection too."""
        self._style = style
        self._keeps_all = keeps_all
        self._env = os.environ if env is None else env
        self._direct = Connections()
        self._tls: ssl.SSLContext | None = None

    def stream(
        self, url: str, head: Sequence[tuple[str, str]], body: bytes, *, method: str = "POST"
    ) -> AbstractAsyncContextManager[Response]:
        """See `Transport.stream`. A 200 closes its connection, any other answer that was read to its end
        leaves it."""
        return self._stream(url, list(head), body, method)

    @asynccontextmanager
    async def _stream(self, url: str, head: list[tuple[str, str]], body: bytes, method: str) -> AsyncIterator[Response]:
        answer = await self._send(url, head, body, method)
        followed = 0
        while (target := _redirect_target(url, answer)) is not None:
            await self._drain(answer)
            if followed == _MAX_REDIRECTS:
                raise TransportError("protocol", self._style.too_many_redirects.format(url=url))
            followed += 1
            if answer.status in _REDIRECTS_TO_GET and method != "HEAD":
                method, body = "GET", b""
                head = _without(head, _HEADERS_OF_THE_BODY)
            head = _redirected_head(head, url, target)
            url = target
            answer = await self._send(url, head, body, method)
        try:
            yield Response(status=answer.status, headers=answer.headers, chunks=self._chunks(answer))
        finally:
            # codex-cli never reads an event stream to its end, so each turn request is a connection of its own.
            await answer.aclose(reuse=self._keeps_all or answer.status != 200)

    async def _send(self, url: str, head: list[tuple[str, str]], body: bytes, method: str) -> DirectAnswer:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TransportError("protocol", self._style.send_error.format(url=url))
        lines = _filled(head, parts.netloc.rpartition("@")[2], len(body))
        body = body[: _told_length(lines, len(body))]
        tls = self._context() if parts.scheme == "https" else None
        proxy = proxy_for(url, self._env)
        via = None if proxy is None else self._via(proxy, lines)
        if proxy is not None and tls is None:
            lines = _with_login(lines, proxy)
        try:
            return await self._direct.send(method, url, lines, body, tls, via)
        except TransportError as error:
            raise TransportError(error.kind, self._style.send_error.format(url=url)) from error

    async def _chunks(self, answer: DirectAnswer) -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.chunks():
                yield chunk
        except (OSError, ValueError) as error:
            raise TransportError("decode", self._style.body_error) from error

    async def _drain(self, answer: DirectAnswer) -> None:
        try:
            async for _ in self._chunks(answer):
                pass
        finally:
            await answer.aclose(reuse=True)

    def _via(self, proxy: str, lines: Sequence[tuple[str, str]]) -> Via:
        from pycodex.transports.tunnel import Via, tunnel_head

        tls = self._context() if proxy.startswith("https:") else None
        return Via(proxy=proxy, head=tunnel_head(self._style.tunnel, proxy, lines), tls=tls)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            from pycodex.transports.tls import tls_context

            self._tls = tls_context(self._env)
        return self._tls

    async def aclose(self) -> None:
        """Close kept connections."""
        await self._direct.aclose()


def _filled(head: Sequence[tuple[str, str]], host: str, length: int) -> list[tuple[str, str]]:
    """`head` with the two place holders filled in."""
    known = {"host": host, "content-length": str(length)}
    return [(name, value or known.get(name.lower(), "")) for name, value in head]


def _with_login(lines: list[tuple[str, str]], proxy: str) -> list[tuple[str, str]]:
    """The proxy's login comes last in the map of headers, unless the provider's own are one."""
    from pycodex.transports.tunnel import login

    value = login(proxy)
    if value is None or any(name.lower() == _LOGIN for name, _ in lines):
        return lines
    at = _end_of_map(lines)
    return [*lines[:at], (_LOGIN, value), *lines[at:]]


def _told_length(lines: Sequence[tuple[str, str]], length: int) -> int:
    """How much of a body is sent: a provider's own `content-length` cuts it (captured: config/odd_headers)."""
    told = next((value for name, value in lines if name.lower() == "content-length"), "")
    return int(told) if told.isascii() and told.isdigit() else length


def _redirect_target(url: str, answer: DirectAnswer) -> str | None:
    if answer.status not in _REDIRECTS_THAT_KEEP_THE_BODY + _REDIRECTS_TO_GET:
        return None
    for name, value in answer.headers:
        if name == "location":
            return urljoin(url, value)
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
