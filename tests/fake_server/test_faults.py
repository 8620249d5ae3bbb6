import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fake_server import FakeServer, Script, ScriptError
from fake_server.faults import FAULTS, Gates

SAY = {"output": [{"message": "hi there"}]}
BODY = {"model": "gpt-5.4", "input": [], "tools": [], "stream": True}


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as made:
        yield made


async def ask(server: FakeServer) -> str:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=5) as client:
        return (await client.post("/v1/responses", json=BODY)).text


def load(server: FakeServer, *answers: dict[str, Any]) -> None:
    server.load(Script.from_data({"main": list(answers)}))


async def test_refused_until_the_gate_opens(server: FakeServer) -> None:
    load(server, {"fault": {"kind": "refuse", "until": "online"}}, SAY)
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            await ask(server)
    server.open_gate("online")
    assert "hi there" in await ask(server)
    assert server.finish() == [] and [exchange.step for exchange in server.journal] == ["main/2"]


async def test_refused_after_an_answer_also_on_the_old_connection(server: FakeServer) -> None:
    load(server, {"http": {"status": 500, "body": "boom"}}, {"fault": {"kind": "refuse"}})
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        assert (await client.post("/v1/responses", json=BODY)).status_code == 500
        with pytest.raises(httpx.TransportError):
            await client.post("/v1/responses", json=BODY)
    with pytest.raises(httpx.ConnectError):
        await ask(server)
    assert server.finish() == []


async def test_the_next_script_finds_the_port_open_again(server: FakeServer) -> None:
    url = server.url
    for _ in range(3):
        load(server, {"fault": {"kind": "refuse"}})
        with pytest.raises(httpx.ConnectError):
            await ask(server)
        load(server, SAY)
        assert "hi there" in await ask(server)
    assert server.url == url


@pytest.mark.parametrize("kind", ["reset", "close"])
async def test_a_connection_ends_before_the_head(server: FakeServer, kind: str) -> None:
    load(server, {"fault": {"kind": kind}})
    wanted = httpx.ReadError if kind == "reset" else httpx.RemoteProtocolError
    with pytest.raises(wanted):
        await ask(server)
    assert server.finish() == [] and server.journal[0].end == f"fault: {kind}"


@pytest.mark.parametrize(("kind", "whole"), [("reset", False), ("close", False), ("end", True)])
async def test_a_stream_ends_after_some_events(server: FakeServer, kind: str, whole: bool) -> None:
    load(server, {**SAY, "fault": {"kind": kind, "after": 2}})
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(b'POST /v1/responses HTTP/1.1\r\nHost: h\r\nContent-Length: 15\r\n\r\n{"stream":true}')
    got = b""
    try:
        async with asyncio.timeout(5):
            while (more := await reader.read(65536)) and not got.endswith(b"0\r\n\r\n"):
                got += more
                if got.endswith(b"0\r\n\r\n"):
                    break
    except ConnectionResetError:
        assert kind == "reset"
    assert got.count(b"event: ") == 2
    assert got.endswith(b"0\r\n\r\n") is whole
    assert server.journal[0].end == f"fault: {kind}"
    writer.close()


async def test_a_stalled_stream_goes_quiet_until_the_client_leaves(server: FakeServer) -> None:
    load(server, {**SAY, "fault": {"kind": "stall", "after": 1}})
    with pytest.raises(httpx.ReadTimeout):
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=0.3) as client:
            await client.post("/v1/responses", json=BODY)
    assert await server.settle()
    assert server.journal[0].end == "fault: stall"


async def test_a_stalled_stream_ends_when_the_gate_opens(server: FakeServer) -> None:
    load(server, {**SAY, "fault": {"kind": "stall", "after": 1, "until": "enough"}})
    asking = asyncio.create_task(ask(server))
    while not server.journal or not server.journal[0].response_body:
        await asyncio.sleep(0.01)
    assert not asking.done()
    server.open_gate("enough")
    assert (await asking).count("event: ") == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"fault": {"kind": "melt"}}, "unknown fault 'melt'"),
        ({"fault": {"kind": "refuse", "after": 1}, **SAY}, "no answer is on its way"),
        ({"fault": {"kind": "reset", "until": "x"}}, "no gate can end it"),
        ({"fault": {"kind": "reset"}, **SAY}, "stands alone"),
        ({"fault": {"kind": "reset", "after": 1}, "http": {"status": 500}}, "has no meaning beside `http`"),
        ({"fault": {"kind": "reset", "after": 1}}, "exactly one of"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(answer: dict[str, Any], words: str) -> None:
    with pytest.raises(ScriptError, match=words):
        Script.from_data({"main": [answer]})


def test_gates_are_shut_until_they_are_opened_and_no_name_never_opens() -> None:
    gates = Gates()
    assert not gates.is_open("a")
    gates.open("a")
    assert gates.is_open("a") and not gates.is_open("b") and not gates.is_open(None)


def test_only_faults_of_the_port_have_no_act() -> None:
    assert [kind for kind, row in FAULTS.items() if row.act is None] == ["refuse"]
