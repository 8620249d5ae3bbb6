"""What the scenarios doctor/network_* do not show of codex-cli's own probes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from hashlib import sha1
from pathlib import Path

from pycodex.doctor.probes import provider_reachability, websocket_reachability
from pycodex.doctor.report import Check
from tests.pycodex.doctor.subjects import Reply, canned, provider, subject

SOCKET = "supports_websockets = true\n"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def probed(home: Path, handler: Handler, more: str = SOCKET) -> Check:
    async def run() -> Check:
        ended = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await handler(reader, writer)
            writer.close()
            await writer.wait_closed()
            ended.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        check = await websocket_reachability(subject(home, provider(f"http://127.0.0.1:{port}/v1", more)))
        server.close()
        await asyncio.wait_for(ended.wait(), 5)
        return check

    return asyncio.run(run())


async def opens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    accept = base64.b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    writer.write("\r\n".join([*lines, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode())


def test_a_websocket_that_is_closed_at_once(tmp_path: Path) -> None:
    async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await opens(reader, writer)
        writer.write(b"\x88\x05\x03\xf0bye")  # close, 1008
        await reader.read()

    check = probed(tmp_path, closes)
    assert check.status == "warning" and "closed immediately" in check.summary and check.remedy
    assert (check.detail("immediate close code"), check.detail("immediate close reason")) == ("1008", "bye")


def test_a_websocket_that_stays_open(tmp_path: Path) -> None:
    async def stays(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await opens(reader, writer)
        await reader.read()

    check = probed(tmp_path, stays)
    assert check.status == "ok" and check.detail("reasoning header") == "false"


def test_an_upgrade_that_gets_no_answer(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    check = probed(tmp_path, silent, f"{SOCKET}websocket_connect_timeout_ms = 100\n")
    assert check.status == "warning" and "timed out" in check.summary
    assert check.details[-1] == ("", "handshake timed out")


def test_a_provider_that_is_lost_between_two_requests(tmp_path: Path) -> None:
    replies: dict[tuple[str, str], Reply] = {
        ("HEAD", "/responses"): (200, {}, ""),
        ("GET", "/models"): (302, {"location": "http://127.0.0.1:1/"}, ""),
    }
    with canned(replies) as (url, _):
        check = asyncio.run(provider_reachability(subject(tmp_path, provider(url))))
    assert check.status == "fail" and "could not connect" in check.issues[0].cause and check.remedy


def test_openai_is_where_it_is(tmp_path: Path) -> None:
    """Without an address of one's own, a ChatGPT login is asked for at ChatGPT; nothing is sent here."""
    from pycodex.doctor.probes import endpoint

    assert endpoint(subject(tmp_path))[1:] == ("ChatGPT", "https://chatgpt.com/backend-api/codex/responses", None)
    keyed = endpoint(subject(tmp_path, env={"CODEX_API_KEY": "sk-test"}))
    api = "https://api.openai.com/v1"
    assert keyed == ("API key auth", "openai API", f"{api}/responses", f"{api}/models")
