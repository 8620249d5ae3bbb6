"""A WebSocket to a provider: the upgrade with its head exactly as given, then text messages."""

from __future__ import annotations

import asyncio
import base64
import os
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pycodex.transports.base import TransportError
from pycodex.transports.frames import Deflate, Message, MessageReader, frame
from pycodex.transports.http1 import BodyReader, ResponseHead, parse_head

if TYPE_CHECKING:
    import ssl

__all__ = ["UpgradeRefused", "WebSocket", "connect", "system_words", "websocket_url"]

_UNFINISHED = "WebSocket protocol error: Handshake not finished"
_ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_READ_BYTES = 64 * 1024
_LONGEST_HEAD = 1024 * 1024


class UpgradeRefused(Exception):
    """The provider answered the upgrade with another status than 101."""

    def __init__(self, status: int, headers: tuple[tuple[str, str], ...], body: str) -> None:
        super().__init__(str(status))
        self.status, self.headers, self.body = status, headers, body


def websocket_url(url: str) -> str:
    """`http` becomes `ws`, `https` becomes `wss`."""
    return f"ws{url.removeprefix('http')}" if url.startswith("http") else url


class WebSocket:
    """An open connection. `headers` are those of the answer to the upgrade, names in lower case."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: ResponseHead, rest: bytes
    ) -> None:
        self.headers = head.headers
        self._reader, self._writer = reader, writer
        extension = (head.header("sec-websocket-extensions") or "").partition(";")
        self._deflate = Deflate(extension[2]) if extension[0].strip() == "permessage-deflate" else None
        self._messages = MessageReader(self._deflate)
        self._waiting: deque[Message] = deque()
        self._rest = rest

    @property
    def usable(self) -> bool:
        """Whether the peer has not closed it, as far as is known."""
        return not self._writer.is_closing() and not self._reader.at_eof()

    async def send(self, text: str) -> None:
        """Send a text message. Raises OSError."""
        self._writer.write(frame("text", text.encode(), self._deflate))
        await self._writer.drain()

    async def receive(self) -> Message | None:
        """The next message that is not a ping (these are answered); None at the end of the connection.

        Raises OSError, and ValueError for what is no WebSocket.
        """
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                if message.kind == "ping":
                    self._writer.write(frame("pong", message.data))
                elif message.kind != "pong":
                    return message
            data, self._rest = self._rest or await self._reader.read(_READ_BYTES), b""
            if not data:
                return None
            self._waiting += self._messages.feed(data)

    def close(self) -> None:
        """Drop the connection without a word, as codex-cli does."""
        self._writer.close()


async def connect(
    url: str, head: Sequence[tuple[str, str]], tls: ssl.SSLContext | None, proxy: str | None = None
) -> WebSocket:
    """Ask for an upgrade; `head` goes out in this order, with `host` and `sec-websocket-key` filled in where empty.

    Raises UpgradeRefused, TransportError.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (80 if tls is None else 443)
    try:
        if proxy is None:
            reader, writer = await asyncio.open_connection(host, port)
        else:
            from pycodex.transports.tunnel import WEBSOCKET_HEAD, Via, open_tunnel, tunnel_head

            via = Via(proxy=proxy, head=tunnel_head(WEBSOCKET_HEAD, proxy))
            reader, writer = await open_tunnel(host, port, via)
    except OSError as error:
        raise TransportError("connect", system_words(error)) from error
    try:
        if tls is not None:
            from pycodex.transports.tls import refusal, start_tls

            try:
                await start_tls(writer, tls, host)
            except (OSError, EOFError) as error:
                raise TransportError("tls", refusal(error, host) or system_words(error)) from error
        key = base64.b64encode(os.urandom(16)).decode()
        known = {"host": parts.netloc.rpartition("@")[2], "sec-websocket-key": key}
        lines = [f"{name}: {value or known.get(name.lower(), '')}" for name, value in head]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        writer.write("\r\n".join([f"GET {target} HTTP/1.1", *lines, "", ""]).encode())
        answer, rest = await _read_head(reader)
        if answer.status != 101:
            raise UpgradeRefused(answer.status, answer.headers, await _body(reader, answer, rest))
        if answer.header("sec-websocket-accept") != _accept(key):
            raise ValueError("the answer to the upgrade is to another key")
        return WebSocket(reader, writer, answer, rest)
    except UpgradeRefused:
        writer.close()
        raise
    except (OSError, ValueError, EOFError) as error:
        writer.close()
        raise TransportError("reset" if isinstance(error, OSError) else "protocol", system_words(error)) from error
    except BaseException:
        writer.close()
        raise


def system_words(error: Exception) -> str:
    """As the system says it: `Connection refused (os error 111)`."""
    if isinstance(error, OSError) and error.errno:
        return f"{os.strerror(error.errno)} (os error {error.errno})"
    return str(error)


def _accept(key: str) -> str:
    from hashlib import sha1

    return base64.b64encode(sha1(f"{key}{_ACCEPT}".encode()).digest()).decode()


async def _read_head(reader: asyncio.StreamReader) -> tuple[ResponseHead, bytes]:
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        if len(data) > _LONGEST_HEAD:
            raise ValueError("the response head does not end")
        more = await reader.read(_READ_BYTES)
        if not more:
            raise ValueError(_UNFINISHED)
        data += more
    return parse_head(data[:end]), data[end + 4 :]


async def _body(reader: asyncio.StreamReader, head: ResponseHead, rest: bytes) -> str:
    body = BodyReader(head)
    found = body.feed(rest) if rest else b""
    while not body.finished and (more := await reader.read(_READ_BYTES)):
        found += body.feed(more)
    return found.decode(errors="replace")
