"""HttpTransport against a server that is a few lines of asyncio: what goes over the wire is asserted as
bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from pycodex.transports import HttpTransport, TransportError, TransportStyle

STYLE = TransportStyle(send_error="error sending request for url ({url})")
HEAD = [("x-first", "1"), ("Accept", "text/event-stream"), ("host", ""), ("content-length", "")]

Answer = Callable[[asyncio.StreamWriter, str], Awaitable[bool]]
"""Writes an answer to the request with that start line; True keeps the connection."""


@dataclass
class Seen:
    port: int = 0
    requests: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    """(number of the connection, head, body)"""
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client has closed a connection that the server keeps open."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/responses"


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Seen]:
    seen = Seen()
    count = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        mine = count
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")),
                    0,
                )
                seen.requests.append((mine, head, await reader.readexactly(length)))
                if not await answer(writer, head.split(b"\r\n")[0].decode()):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            seen.closed.set()
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()


async def write(writer: asyncio.StreamWriter, data: bytes, keep: bool = True) -> bool:
    writer.write(data)
    await writer.drain()
    return keep


async def plain(writer: asyncio.StreamWriter, _: str) -> bool:
    return await write(writer, b"HTTP/1.1 500 Oops\r\ncontent-length: 3\r\nX-Kind: b\r\n\r\nbad")


async def one_event(writer: asyncio.StreamWriter, _: str) -> bool:
    return await write(
        writer,
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    )


async def test_head_goes_out_in_the_given_order_and_case() -> None:
    async with serving(plain) as seen:
        transport = HttpTransport(STYLE, {})
        async with transport.stream(seen.url + "?a=b", HEAD, b"{}") as response:
            assert response.status == 500
            assert response.header("x-kind") == "b"
            assert [chunk async for chunk in response.chunks] == [b"bad"]
        await transport.aclose()
    assert seen.requests == [
        (
            1,
            f"POST /v1/responses?a=b HTTP/1.1\r\nx-first: 1\r\nAccept: text/event-stream\r\n"
            f"host: 127.0.0.1:{seen.port}\r\ncontent-length: 2\r\n\r\n".encode(),
            b"{}",
        )
    ]


async def test_plain_answer_read_to_its_end_keeps_the_connection() -> None:
    async with serving(plain) as seen:
        transport = HttpTransport(STYLE, {})
        for _ in range(2):
            async with transport.stream(seen.url, HEAD, b"x" * 200_000) as response:
                assert b"".join([chunk async for chunk in response.chunks]) == b"bad"
        await transport.aclose()
    assert [(number, len(body)) for number, _, body in seen.requests] == [(1, 200_000), (1, 200_000)]


async def test_stream_is_closed_at_once_and_not_drained() -> None:
    async with serving(one_event) as seen:
        transport = HttpTransport(STYLE, {})
        async with transport.stream(seen.url, HEAD, b"{}") as response:
            assert await anext(response.chunks) == b"hello"
        await asyncio.wait_for(seen.closed.wait(), 5)
        async with transport.stream(seen.url, HEAD, b"{}") as response:
            assert await anext(response.chunks) == b"hello"
        await transport.aclose()
    assert [number for number, _, _ in seen.requests] == [1, 2]


async def test_complete_stream_is_not_reused_either() -> None:
    async def whole(writer: asyncio.StreamWriter, _: str) -> bool:
        return await write(writer, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    async with serving(whole) as seen:
        transport = HttpTransport(STYLE, {})
        for _ in range(2):
            async with transport.stream(seen.url, HEAD, b"{}") as response:
                assert [chunk async for chunk in response.chunks] == [b"ok"]
        await transport.aclose()
    assert [number for number, _, _ in seen.requests] == [1, 2]


@pytest.mark.parametrize(
    ("status", "start", "names"),
    [
        (307, "POST /v2", "a content-type b c referer host content-length"),
        (308, "POST /v2", "a content-type b c referer host content-length"),
        (302, "GET /v2", "a c b referer host"),
        (303, "GET /v2", "a c b referer host"),
    ],
)
async def test_redirect(status: int, start: str, names: str) -> None:
    async def answer(writer: asyncio.StreamWriter, line: str) -> bool:
        if " /v2 " in line:
            return await write(writer, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        return await write(writer, b"HTTP/1.1 %d R\r\nlocation: /v2\r\ncontent-length: 1\r\n\r\nx" % status)

    head = [(name, "1") for name in ("a", "content-type", "b", "c")] + [("host", ""), ("content-length", "")]
    async with serving(answer) as seen:
        transport = HttpTransport(STYLE, {})
        async with transport.stream(seen.url, head, b"{}") as response:
            assert response.status == 200
        await transport.aclose()
    (first, _, _), (second, followed, _) = seen.requests
    assert first == second
    lines = followed.decode().split("\r\n")
    assert lines[0].startswith(start + " ")
    assert " ".join(line.split(":")[0] for line in lines[1:-2]) == names
    assert f"referer: {seen.url}" in lines


async def test_redirect_to_another_host_loses_the_credentials() -> None:
    async with serving(plain) as other:

        async def away(writer: asyncio.StreamWriter, _: str) -> bool:
            location = f"http://127.0.0.1:{other.port}/".encode()
            return await write(writer, b"HTTP/1.1 307 R\r\nlocation: %s\r\ncontent-length: 0\r\n\r\n" % location)

        async with serving(away) as seen:
            transport = HttpTransport(STYLE, {})
            async with transport.stream(seen.url, [("authorization", "Bearer k"), *HEAD], b"{}") as response:
                assert response.status == 500
            await transport.aclose()
    assert b"authorization" in seen.requests[0][1]
    assert b"authorization" not in other.requests[0][1]


async def test_body_that_breaks_off_is_a_decode_error() -> None:
    async def short(writer: asyncio.StreamWriter, _: str) -> bool:
        return await write(writer, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", keep=False)

    async with serving(short) as seen:
        transport = HttpTransport(STYLE, {})
        async with transport.stream(seen.url, HEAD, b"{}") as response:
            assert await anext(response.chunks) == b"ok"
            with pytest.raises(TransportError) as caught:
                await anext(response.chunks)
        await transport.aclose()
    assert (caught.value.kind, caught.value.message) == ("decode", "error decoding response body")


async def test_connection_closed_before_the_head_is_a_reset() -> None:
    async def nothing(writer: asyncio.StreamWriter, _: str) -> bool:
        return False

    async with serving(nothing) as seen:
        transport = HttpTransport(STYLE, {})
        with pytest.raises(TransportError) as caught:
            async with transport.stream(seen.url, HEAD, b"{}"):
                pass
        await transport.aclose()
    assert caught.value.kind == "reset"
    assert caught.value.message == f"error sending request for url ({seen.url})"


async def test_refused_is_a_connect_error_and_garbage_a_protocol_error() -> None:
    async def garbage(writer: asyncio.StreamWriter, _: str) -> bool:
        return await write(writer, b"not http at all\r\n\r\n", keep=False)

    transport = HttpTransport(STYLE, {})
    async with serving(garbage) as seen:
        with pytest.raises(TransportError) as caught:
            async with transport.stream(seen.url, HEAD, b"{}"):
                pass
        assert caught.value.kind == "protocol"
    with pytest.raises(TransportError) as caught:
        async with transport.stream(seen.url, HEAD, b"{}"):
            pass
    assert caught.value.kind == "connect"
    await transport.aclose()


async def test_proxy_gets_the_whole_url_and_the_same_head() -> None:
    async with serving(plain) as proxy:
        transport = HttpTransport(STYLE, {"http_proxy": f"http://127.0.0.1:{proxy.port}"})
        async with transport.stream("http://api.invalid/v1/responses", HEAD, b"{}") as response:
            assert response.status == 500
        await transport.aclose()
    assert proxy.requests[0][1].decode().split("\r\n")[:4] == [
        "POST http://api.invalid/v1/responses HTTP/1.1",
        "x-first: 1",
        "Accept: text/event-stream",
        "host: api.invalid",
    ]


async def test_peer_that_does_not_speak_tls_is_a_tls_error() -> None:
    async def no_hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 No\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(no_hello, "127.0.0.1", 0)
    transport = HttpTransport(STYLE, {})
    with pytest.raises(TransportError) as caught:
        async with transport.stream(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", HEAD, b"{}"):
            pass
    server.close()
    await transport.aclose()
    assert caught.value.kind == "tls"


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again() -> None:
    async def once(writer: asyncio.StreamWriter, _: str) -> bool:
        return await write(writer, b"HTTP/1.1 500 Oops\r\ncontent-length: 3\r\n\r\nbad", keep=False)

    async with serving(once) as seen:
        transport = HttpTransport(STYLE, {})
        for _ in range(2):
            async with transport.stream(seen.url, HEAD, b"{}") as response:
                assert [chunk async for chunk in response.chunks] == [b"bad"]
            await asyncio.sleep(0.05)
        await transport.aclose()
    assert [number for number, _, _ in seen.requests] == [1, 2]


async def test_an_interim_answer_is_skipped() -> None:
    async def twice(writer: asyncio.StreamWriter, _: str) -> bool:
        return await write(writer, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 Oops\r\ncontent-length: 3\r\n\r\nbad")

    async with serving(twice) as seen:
        transport = HttpTransport(STYLE, {})
        async with transport.stream(seen.url, HEAD, b"{}") as response:
            assert response.status == 500
            assert [chunk async for chunk in response.chunks] == [b"bad"]
        await transport.aclose()
    assert [number for number, _, _ in seen.requests] == [1]


@pytest.mark.parametrize("told", [b"content-length: 3", b"transfer-encoding: chunked"])
async def test_the_answer_to_a_head_has_no_body_and_leaves_its_connection(told: bytes) -> None:
    async def head_only(writer: asyncio.StreamWriter, _: str) -> bool:
        return await write(writer, b"HTTP/1.1 405 No\r\n" + told + b"\r\n\r\n")

    async with serving(head_only) as seen:
        transport = HttpTransport(STYLE, {})
        for _ in range(2):
            async with transport.stream(seen.url, HEAD, b"", method="HEAD") as response:
                assert response.status == 405
        await transport.aclose()
    assert [number for number, _, _ in seen.requests] == [1, 1]
    assert seen.requests[0][1].startswith(b"HEAD /v1/responses HTTP/1.1\r\n")


async def test_a_head_that_is_sent_elsewhere_stays_one() -> None:
    async def elsewhere(writer: asyncio.StreamWriter, line: str) -> bool:
        if "/v1/responses" in line:
            return await write(writer, b"HTTP/1.1 302 There\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n")
        return await write(writer, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n")

    async with serving(elsewhere) as seen:
        transport = HttpTransport(STYLE, {})
        async with transport.stream(seen.url, HEAD, b"", method="HEAD") as response:
            assert response.status == 200
        await transport.aclose()
    assert [head.split(b" ")[0] for _, head, _ in seen.requests] == [b"HEAD", b"HEAD"]


async def test_nothing_but_tls_follows_the_connect_to_a_proxy() -> None:
    """The head of the request, with its key, is for the provider only."""
    connects: list[bytes] = []
    first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connects.append(await reader.readuntil(b"\r\n\r\n"))
        await write(writer, b"HTTP/1.1 200 Connection established\r\n\r\n")
        first.set_result(await reader.read(65536))
        writer.close()

    server = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    transport = HttpTransport(STYLE, {"https_proxy": address})
    with pytest.raises(TransportError) as caught:
        async with transport.stream("https://api.invalid/v1", [("authorization", "Bearer k"), *HEAD], b"{}"):
            pass
    await transport.aclose()
    server.close()
    assert caught.value.kind == "tls"
    assert connects[0].startswith(b"CONNECT api.invalid:443 HTTP/1.1\r\n")
    assert b"Bearer" not in connects[0]
    assert (await first)[:1] == b"\x16"  # a handshake record


async def test_of_several_kept_connections_one_is_taken_and_none_forgotten() -> None:
    both_asked = asyncio.Event()

    async def answer(writer: asyncio.StreamWriter, start: str) -> bool:
        if start.startswith("POST") and len(seen.requests) == 2:
            both_asked.set()
        await both_asked.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        return True

    async with serving(answer) as seen:
        transport = HttpTransport(STYLE, {}, keeps_all=True)

        async def ask() -> None:
            async with transport.stream(seen.url, HEAD, b"{}") as response:
                assert b"".join([chunk async for chunk in response.chunks]) == b"ok"

        await asyncio.gather(ask(), ask())
        await ask()
        await ask()
        assert sorted({number for number, _, _ in seen.requests}) == [1, 2]
        await asyncio.gather(ask(), ask())
        assert sorted({number for number, _, _ in seen.requests}) == [1, 2], "the other one was still there"
        await transport.aclose()
