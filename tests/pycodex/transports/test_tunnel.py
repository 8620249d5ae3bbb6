"""Tunnels through a proxy; the words and the head are those of both binaries, measured with a proxy of one's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pycodex.transports.base import TransportError
from pycodex.transports.tunnel import WEBSOCKET_HEAD, Via, open_tunnel, tunnel_head, tunnels


def way(address: str) -> Via:
    return Via(proxy=address, head=tunnel_head(WEBSOCKET_HEAD, address))


@asynccontextmanager
async def proxy(answer: bytes, heads: list[bytes]) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_tunnel_is_asked_for_and_carries_what_follows() -> None:
    heads: list[bytes] = []
    async with proxy(b"HTTP/1.1 200 OK\r\n\r\nhello", heads) as port:
        reader, writer = await open_tunnel("provider", 81, way(f"http://user:p%40w@127.0.0.1:{port}"))
        assert await reader.read() == b"hello"
        writer.close()
    assert heads == [
        b"CONNECT provider:81 HTTP/1.1\r\nHost: provider:81\r\nProxy-Connection: Keep-Alive\r\n"
        b"Proxy-Authorization: Basic dXNlcjpwQHc=\r\n\r\n"
    ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 2\r\n\r\nno", "failed with status 407"),
        (b"", "response missing status line"),
    ],
)
async def test_a_proxy_that_will_not(answer: bytes, told: str) -> None:
    async with proxy(answer, []) as port:
        with pytest.raises(TransportError) as error:
            await open_tunnel("provider", 81, way(f"http://127.0.0.1:{port}"))
    assert error.value.message == f"URL error: Proxy connection failed: HTTP CONNECT {told}"


def test_which_proxies_tunnel() -> None:
    assert tunnels("http://proxy:3128")
    assert not tunnels("socks5://proxy:1080")
