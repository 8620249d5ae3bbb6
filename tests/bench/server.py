"""The server of the bench: answers are encoded before the agent starts, so what is measured is the agent.

It answers the POSTs to /responses in order and anything else with 404. The fake server of the tests keeps a journal
and judges what it gets; here that would be a third of the time of a turn.
"""

from __future__ import annotations

import abc
import asyncio
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from fake_server import Script
from fake_server.reply import answer_reply

__all__ = ["NOT_FOUND", "STREAM_END", "STREAM_HEAD", "BenchServer", "RawServer", "Stream", "encode", "framed"]

Stream = tuple[bytes, ...]
"""One answer: the writes of its body, framed as chunks."""

STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
STREAM_END = b"0\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
_MAX_HEAD = 1024 * 1024


def framed(data: bytes) -> bytes:
    """A chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def encode(script: Script) -> tuple[Stream, ...]:
    """The answers of a script in order, one write per event."""
    return tuple(tuple(framed(data) for data in answer_reply(answer).writes) for answer in script.answers)


class RawServer(abc.ABC):
    """HTTP/1.1 with as little work as it takes; who inherits says what is answered."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_MAX_HEAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """`http://HOST:PORT`."""
        assert self._server is not None
        return "http://{}:{}".format(*self._server.sockets[0].getsockname())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                _, _, length = head.partition(b"\r\ncontent-length:")
                if length:
                    await reader.readexactly(int(length.split(b"\r\n", 1)[0]))
                method, target = head.split(b" ", 2)[:2]
                await self.answer(method, target, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client is done with this connection
        finally:
            self._writers.discard(writer)
            writer.close()

    @abc.abstractmethod
    async def answer(self, method: bytes, target: bytes, writer: asyncio.StreamWriter) -> None:
        """Answer a request that was read; both words are in lower case."""


class BenchServer(RawServer):
    """`async with BenchServer(streams) as server:`; `requests` are the unix seconds at which each was complete."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        super().__init__()
        self.requests: list[float] = []
        self._streams: Iterator[Stream] = iter(streams)
        self._left = len(streams)

    @property
    def unused(self) -> int:
        """How many answers no request has had yet."""
        return self._left

    async def answer(self, method: bytes, target: bytes, writer: asyncio.StreamWriter) -> None:
        """The next stream, or 404."""
        stream = next(self._streams, None) if method == b"post" and target.endswith(b"/responses") else None
        if stream is None:
            writer.write(NOT_FOUND)
            return
        self.requests.append(time.time())
        self._left -= 1
        writer.write(STREAM_HEAD)
        for data in stream:
            writer.write(data)
            await writer.drain()
        writer.write(STREAM_END)
        await writer.drain()
