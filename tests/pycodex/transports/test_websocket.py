import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from fake_server import FakeServer, Script
from pycodex.transports.base import TransportError
from pycodex.transports.websocket import UpgradeRefused, connect, websocket_url

HEAD = (
    ("Host", ""),
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", ""),
    ("x-Last", "é"),
)


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as made:
        yield made


def load(server: FakeServer, *upgrades: object) -> str:
    answers = {"upgrades": {"match": {"method": "GET"}, "answers": list(upgrades)}, "main": [{"output": []}]}
    server.load(Script.from_data(answers))
    return websocket_url(f"{server.url}/v1/responses?v=1")


@pytest.mark.parametrize("deflate", [False, True])
async def test_the_head_goes_out_as_given_and_messages_go_both_ways(server: FakeServer, deflate: bool) -> None:
    url = load(server, {"websocket": {"headers": {"x-one": "1"}, "deflate": deflate}})
    offer = ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits")
    made = await connect(url, (*HEAD, offer), None)
    await made.send('{"type": "response.create", "input": []}')
    message = await made.receive()
    assert message is not None and '"response.created"' in message.text
    assert ("x-one", "1") in made.headers and made.usable
    made.close()
    assert not made.usable
    upgrade = server.journal[0]
    assert [name for name, _ in upgrade.head] == [name for name, _ in (*HEAD, offer)]
    assert upgrade.target == "/v1/responses?v=1" and dict(upgrade.head)["Host"] == url.split("/")[2]


async def test_another_status_is_a_refusal_with_its_body(server: FakeServer) -> None:
    url = load(server, {"http": {"status": 404, "headers": {"x-request-id": "r"}, "body": "no such"}})
    with pytest.raises(UpgradeRefused) as refused:
        await connect(url, HEAD, None)
    assert (refused.value.status, refused.value.body) == (404, "no such")
    assert ("x-request-id", "r") in refused.value.headers


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("reset", "reset", "Connection reset by peer (os error 104)"),
        ("close", "protocol", "WebSocket protocol error: Handshake not finished"),
    ],
)
async def test_a_connection_that_ends_before_the_answer(server: FakeServer, kind: str, error: str, words: str) -> None:
    with pytest.raises(TransportError) as failed:
        await connect(load(server, {"fault": {"kind": kind}}), HEAD, None)
    assert (failed.value.kind, failed.value.message) == (error, words)


async def test_nobody_answers() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        with pytest.raises(TransportError) as failed:
            await connect(f"ws://127.0.0.1:{holder.getsockname()[1]}/", HEAD, None)
    assert (failed.value.kind, failed.value.message) == ("connect", "Connection refused (os error 111)")


async def test_pings_are_answered_and_the_end_is_seen() -> None:
    got: list[bytes] = []
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        key = next(line[19:] for line in head.split("\r\n") if line.startswith("Sec-WebSocket-Key: "))
        from base64 import b64encode
        from hashlib import sha1

        accept = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        writer.write(f"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {accept}\r\n\r\n".encode())
        writer.write(b"\x89\x02hi\x81\x03yes")
        got.append(await reader.readexactly(8))
        writer.close()
        gone.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as made:
        port = made.sockets[0].getsockname()[1]
        client = await connect(f"ws://127.0.0.1:{port}/", HEAD, None)
        message = await client.receive()
        assert message is not None and message.text == "yes"
        assert await client.receive() is None
        client.close()
        await gone.wait()
    await asyncio.sleep(0)
    assert got[0][0] == 0x8A and bytes(a ^ b for a, b in zip(got[0][6:], got[0][2:6], strict=False)) == b"hi"


async def test_an_answer_to_another_key_is_refused() -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: wrong\r\n\r\n")
        await reader.read()
        writer.close()
        gone.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as made:
        with pytest.raises(TransportError, match="another key"):
            await connect(f"ws://127.0.0.1:{made.sockets[0].getsockname()[1]}/", HEAD, None)
        await gone.wait()
    await asyncio.sleep(0)


def test_urls() -> None:
    assert websocket_url("http://h/v1") == "ws://h/v1" and websocket_url("https://h/v1") == "wss://h/v1"
