"""Connections to a provider, straight or through a proxy, on asyncio's streams: no library, one read per wake-up.

An HTTP library costs more to import than a whole request, and more per event of a stream than everything else that is
done with it; and none writes a head in an order of ours, that of a CONNECT included.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from pycodex.transports.base import TransportError, TransportErrorKind
from pycodex.transports.http1 import BodyReader, ResponseHead, parse_head

if TYPE_CHECKING:
    import ssl

    from pycodex.transports.tunnel import Via

__all__ = ["Connections", "DirectAnswer"]

_IDLE_SECONDS = 90.0
"""How long an unused connection is kept (reqwest's default)."""
_READ_BYTES = 64 * 1024
_LONGEST_HEAD = 1024 * 1024

_Key = tuple[str, str, int, str]


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        closed = self.writer.is_closing() or self.reader.at_eof()
        return not closed and monotonic() - self.idle_since < _IDLE_SECONDS

    def close(self) -> None:
        # No wait_closed(): codex-cli drops the connection at once, and a TLS peer may never answer the goodbye.
        self.writer.close()


class DirectAnswer:
    """A response whose body is still to be read."""

    def __init__(
        self,
        connection: _Connection,
        head: ResponseHead,
        rest: bytes,
        release: Callable[[_Connection], None],
        *,
        bodiless: bool = False,
    ) -> None:
        """`bodiless`: none follows, whatever the head says."""
        self.status, self.headers = head.status, head.headers
        self._connection, self._release = connection, release
        self._rest = rest
        self._body = BodyReader(head, bodiless=bodiless)
        self._keeps_open = head.keeps_open and self._body.delimited

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises ValueError or OSError where it breaks off."""
        body, read = self._body, self._connection.reader.read
        data, self._rest = self._rest, b""
        while True:
            if data and (found := body.feed(data)):
                yield found
            if body.finished:
                return
            data = await read(_READ_BYTES)
            if not data:
                if body.delimited:
                    raise ValueError("the connection ended before the body")
                return

    async def aclose(self, *, reuse: bool) -> None:
        """Let the connection go; it is kept when `reuse` and the body was read to its end."""
        if reuse and self._keeps_open and self._body.finished:
            self._release(self._connection)
        else:
            self._connection.close()


class Connections:
    """Opens connections, and keeps those whose answer was read to its end."""

    def __init__(self) -> None:
        self._idle: dict[_Key, list[_Connection]] = {}

    async def send(
        self,
        method: str,
        url: str,
        lines: Sequence[tuple[str, str]],
        body: bytes,
        tls: ssl.SSLContext | None,
        via: Via | None = None,
    ) -> DirectAnswer:
        """Write the request with these header lines; comes back with the response head. Raises TransportError.

        `via` is a proxy: of a tunnel where there is `tls`, else of a request that names the whole address.
        """
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if via is not None and tls is None:
            target = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{target}"
        try:
            head = "\r\n".join([f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines), "", ""])
            request = head.encode() + body
        except UnicodeEncodeError as error:
            raise TransportError("protocol", str(error)) from error
        key, connection = await self._connection(parts, tls, via)

        def release(connection: _Connection) -> None:
            connection.idle_since = monotonic()
            self._idle.setdefault(key, []).append(connection)

        try:
            # A server may answer and close before it has read everything: then its answer counts.
            with contextlib.suppress(OSError):
                connection.writer.write(request)
                await connection.writer.drain()
            answer, rest = await _read_head(connection)
            return DirectAnswer(connection, answer, rest, release, bodiless=method == "HEAD")
        except BaseException as error:
            connection.close()
            if isinstance(error, OSError | ValueError):
                kind: TransportErrorKind = "protocol" if isinstance(error, ValueError) else "reset"
                raise TransportError(kind, str(error)) from error
            raise

    async def _connection(
        self, parts: SplitResult, tls: ssl.SSLContext | None, via: Via | None
    ) -> tuple[_Key, _Connection]:
        host = parts.hostname or ""
        try:
            port = parts.port or (80 if tls is None else 443)
        except ValueError as error:
            raise TransportError("protocol", str(error)) from error
        key = (parts.scheme, host, port, "" if via is None else via.proxy)
        idle = self._idle.get(key, [])
        while idle:
            kept = idle.pop(0)
            if kept.usable:
                return key, kept
            kept.close()
        try:
            reader, writer = await _opened(host, port, via, tunnel=tls is not None)
        except (OSError, EOFError, TransportError) as error:
            raise TransportError("connect", str(error)) from error
        if tls is not None:
            from pycodex.transports.tls import start_tls

            try:
                await start_tls(writer, tls, host)
            except (OSError, EOFError) as error:  # ssl.SSLError is an OSError
                writer.close()
                raise TransportError("tls", str(error)) from error
        return key, _Connection(reader, writer)

    async def aclose(self) -> None:
        """Close kept connections."""
        idle, self._idle = list(self._idle.values()), {}
        for connections in idle:
            for connection in connections:
                connection.close()


async def _opened(
    host: str, port: int, via: Via | None, *, tunnel: bool
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Raises OSError, EOFError, TransportError."""
    if via is None:
        return await asyncio.open_connection(host, port, happy_eyeballs_delay=0.3)
    from pycodex.transports.tunnel import open_tunnel, reach

    return await (open_tunnel(host, port, via) if tunnel else reach(via))


async def _read_head(connection: _Connection) -> tuple[ResponseHead, bytes]:
    """The final response head, and what came after it. Raises ValueError, OSError."""
    data = b""
    while True:
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            head, data = parse_head(data[:end]), data[end + 4 :]
            if not 100 <= head.status < 200:
                return head, data
            continue
        if len(data) > _LONGEST_HEAD:
            raise ValueError("the response head does not end")
        more = await connection.reader.read(_READ_BYTES)
        if not more:
            raise ConnectionResetError("the connection ended before the response head")
        data += more
