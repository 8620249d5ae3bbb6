import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from fake_server import FakeServer, Script
from fake_server.journal import MESSAGE

SAY = {"output": [{"message": "hi there"}]}
UPGRADES = {"match": {"method": "GET"}, "answers": [{"websocket": {"headers": {"x-codex-turn-state": "TS-1"}}}]}
CREATE = {"type": "response.create", "model": "gpt-5.5", "input": []}


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


def load(server: FakeServer, *answers: dict[str, Any], upgrades: Any = UPGRADES) -> None:
    server.load(Script.from_data({"upgrades": upgrades, "main": list(answers)}))


async def said(socket: aiohttp.ClientWebSocketResponse, body: Any) -> list[dict[str, Any]]:
    """The events that answer a message."""
    await socket.send_json(body)
    events = []
    async with asyncio.timeout(5):
        async for message in socket:
            events.append(json.loads(message.data))
            if events[-1]["type"] in ("response.completed", "error"):
                break
    return events


async def test_messages_are_answered_in_turn_and_journalled(server: FakeServer, session: aiohttp.ClientSession) -> None:
    load(server, SAY, SAY)
    async with session.ws_connect(f"{server.url}/v1/responses") as socket:
        first = await said(socket, CREATE)
        second = await said(socket, {**CREATE, "previous_response_id": first[-1]["response"]["id"]})
    assert [event["type"] for event in first][-1] == "response.completed" and len(second) == len(first)
    assert await server.settle() and server.finish() == []
    upgrade, *messages = server.journal
    assert (upgrade.method, upgrade.status, upgrade.step, upgrade.end) == ("GET", 101, "upgrades/1", "complete")
    assert ("x-codex-turn-state", "TS-1") in upgrade.response_head
    assert [(each.method, each.step, each.end, each.connection) for each in messages] == [
        (MESSAGE, "main/1", "complete", "c1"),
        (MESSAGE, "main/2", "complete", "c1"),
    ]
    assert json.loads(messages[0].body) == CREATE
    assert [json.loads(line) for line in messages[0].response_body.splitlines()] == first


async def test_a_plain_answer_is_an_error_event(server: FakeServer, session: aiohttp.ClientSession) -> None:
    load(
        server,
        {"http": {"status": 429, "body": {"error": {"message": "slow down"}}}},
        {"http": {"status": 500, "body": "boom"}},
    )
    async with session.ws_connect(f"{server.url}/v1/responses") as socket:
        assert await said(socket, CREATE) == [{"type": "error", "status": 429, "error": {"message": "slow down"}}]
        assert await said(socket, CREATE) == [{"type": "error", "status": 500, "error": {"message": "boom"}}]


async def test_a_message_too_many_is_a_problem_of_the_script(
    server: FakeServer, session: aiohttp.ClientSession
) -> None:
    load(server)
    async with session.ws_connect(f"{server.url}/v1/responses") as socket:
        assert (await said(socket, CREATE))[0]["status"] == 500
    assert [problem.whose for problem in server.problems] == ["script"]


@pytest.mark.parametrize(("kind", "code"), [("end", 1000), ("close", 1006), ("reset", 1006)])
async def test_a_connection_ends_in_an_answer(
    server: FakeServer, session: aiohttp.ClientSession, kind: str, code: int
) -> None:
    load(server, {**SAY, "fault": {"kind": kind, "after": 2}})
    async with session.ws_connect(f"{server.url}/v1/responses") as socket:
        assert len(await said(socket, CREATE)) in ({2} if kind != "reset" else {0, 1, 2})
        assert socket.close_code == code or kind == "reset"
    assert server.journal[1].end == f"fault: {kind}"


async def test_compression_is_accepted_where_the_script_says_so(
    server: FakeServer, session: aiohttp.ClientSession
) -> None:
    load(
        server,
        SAY,
        upgrades={"match": {"method": "GET"}, "answers": [{"websocket": {"deflate": True}}, {"websocket": {}}]},
    )
    async with session.ws_connect(f"{server.url}/v1/responses", compress=15) as socket:
        assert socket.compress
        assert (await said(socket, CREATE))[-1]["type"] == "response.completed"
    async with session.ws_connect(f"{server.url}/v1/responses", compress=15) as socket:
        assert not socket.compress


async def test_an_upgrade_may_be_refused(server: FakeServer, session: aiohttp.ClientSession) -> None:
    load(server, upgrades={"match": {"method": "GET"}, "answers": [{"http": {"status": 426, "body": "post"}}]})
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"{server.url}/v1/responses")
    assert refused.value.status == 426 and server.finish() == []
