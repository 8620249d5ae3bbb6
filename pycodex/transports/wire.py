"""A network backend for httpcore on asyncio streams, whose request heads go out exactly as the caller wrote
them.

h11 always writes `host` first and joins names in its own way; codex-cli writes it near the end. So the head
that h11 made is replaced here, on its way to the socket. Everything else (framing, TLS, tunnels through
proxies) is httpcore's.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import Any

import httpcore

from pycodex.transports.tls import start_tls

__all__ = ["AsyncioBackend", "AsyncioStream", "TlsError", "WireHead", "wire_head"]


class TlsError(httpcore.ConnectError):
    """The connection stands, but the TLS handshake failed."""


class WireHead:
    """The header lines of the next request of the current task; used up by the first head that is written."""

    def __init__(self, lines: Sequence[tuple[str, str]]) -> None:
        self._lines = lines
        self.used = False

    def replace(self, written: bytes) -> bytes:
        """`written` (a request head as h11 made it) with these lines in place of its own."""
        self.used = True
        start_line = written.split(b"\r\n", 1)[0]
        lines = [f"{name}: {value}".encode() for name, value in self._lines]
        return b"\r\n".join([start_line, *lines, b"", b""])


wire_head: ContextVar[WireHead | None] = ContextVar("wire_head", default=None)


class AsyncioStream(httpcore.AsyncNetworkStream):
    """One connection; see the module for what `write` does to a request head."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        head = wire_head.get()
        # A CONNECT to a proxy comes before the request itself and is httpcore's own; it ends with an empty write.
        if head is not None and not head.used and buffer and not buffer.startswith(b"CONNECT "):
            buffer = head.replace(buffer)
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        # No wait_closed(): codex-cli drops the connection at once, and a TLS peer may never answer the
        # goodbye.
        self._writer.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        try:
            await start_tls(self._writer, ssl_context, server_hostname or "")
        except (OSError, EOFError) as error:  # ssl.SSLError is an OSError
            self._writer.close()
            raise TlsError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # What httpcore asks before it reuses an idle connection: readable means the peer closed it.
            return self._writer.is_closing() or self._reader.at_eof()
        return self._writer.get_extra_info({"ssl_object": "ssl_object", "socket": "socket"}.get(info, info))


class AsyncioBackend(httpcore.AsyncNetworkBackend):
    """Makes AsyncioStreams."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            reader, writer = await asyncio.open_connection(host, port, happy_eyeballs_delay=0.3)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return AsyncioStream(reader, writer)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
