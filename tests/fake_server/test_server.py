import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest

from fake_server import Arrival, Exchange, FakeServer, Script, check_events
from fake_server.friendly import Friendly
from fake_server.port import Port
from fake_server.replay import decode_events

SAY = {"output": [{"message": "hi there"}]}
BODY = {"model": "gpt-5.4", "input": [], "tools": [], "stream": True}
STREAM = b'{"stream":true}'


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as made:
        yield made


@pytest.fixture
async def client(server: FakeServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as made:
        yield made


def load(server: FakeServer, **data: Any) -> None:
    server.load(Script.from_data(data))


async def ask(client: httpx.AsyncClient, body: Any = BODY, **more: Any) -> httpx.Response:
    return await client.post("/v1/responses", json=body, **more)


async def raw(server: FakeServer, data: bytes, *, read: int = -1) -> bytes:
    """Send bytes, read so many (or all), and go away."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(data)
    await writer.drain()
    got = await reader.read() if read < 0 else await reader.readexactly(read)
    writer.transport.abort()
    return got


def post(body: bytes = STREAM, *lines: str, version: str = "1.1", path: str = "/v1/responses") -> bytes:
    head = [f"POST {path} HTTP/{version}", "Host: h", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


async def test_every_kind_of_item_is_a_good_stream_on_the_wire(server: FakeServer, client: httpx.AsyncClient) -> None:
    output = [
        {"reasoning": {"summary": ["think"], "encrypted_content": "gA"}},
        {"message": "grüße 🙂 and more"},
        {"call": {"name": "exec_command", "arguments": {"cmd": "echo hi"}}},
        {"custom_call": {"name": "apply_patch", "input": "*** Begin Patch\n*** End Patch"}},
        {"web_search": "rain"},
    ]
    load(server, main=[{"output": output}, {"output": output, "chunking": {"bytes": 3}}, {"output": [], "delay_ms": 1}])
    for _ in range(3):
        response = await ask(client)
        assert response.status_code == 200 and response.headers["content-type"] == "text/event-stream"
        events = decode_events(response.text)
        assert events is not None and check_events(events) == []
        assert [f"event: {event['type']}" for event in events] == [
            line for line in response.text.splitlines() if line.startswith("event: ")
        ]
    assert server.finish() == []
    assert [exchange.end for exchange in server.journal] == ["complete"] * 3


async def test_the_journal_holds_head_and_body_as_they_came(server: FakeServer) -> None:
    load(server, main=[SAY])
    lines = ["accept: text/event-stream", "AUTHORIZATION: Bearer sk-1", "X-Odd: é", "x-odd: two", "X-Capture-ID: f1"]
    await raw(server, post(b'{"b": 1,  "a": 2}', *lines, "connection: close", path="/v1/responses?v=a%20b"))
    (exchange,) = server.journal
    assert exchange.head == (
        ("Host", "h"),
        ("Content-Length", "17"),
        ("accept", "text/event-stream"),
        ("AUTHORIZATION", "Bearer sk-1"),
        ("X-Odd", "é"),
        ("x-odd", "two"),
        ("connection", "close"),
    )
    assert exchange.capture_id == "f1"
    assert exchange.body == b'{"b": 1,  "a": 2}'
    assert (exchange.method, exchange.target, exchange.http_version) == ("POST", "/v1/responses?v=a%20b", "HTTP/1.1")
    assert (exchange.seq, exchange.connection, exchange.step, exchange.status) == (1, "c1", "main/1", 200)
    assert sum(length for _, length in exchange.chunks) == len(exchange.response_body) > 0
    assert exchange.started <= exchange.finished


async def test_the_response_head_is_ours_alone(server: FakeServer) -> None:
    load(server, main=[SAY | {"headers": {"x-codex-turn-state": "TS-1"}}, {"http": {"status": 400, "body": "bad"}}])
    streamed = await raw(server, post(STREAM, "connection: close"))
    assert streamed.split(b"\r\n\r\n")[0].split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"content-type: text/event-stream",
        b"x-codex-turn-state: TS-1",
        b"transfer-encoding: chunked",
        b"connection: close",
    ]
    plain = await raw(server, post(STREAM, "connection: close"))
    assert plain.split(b"\r\n") == [
        b"HTTP/1.1 400 Bad Request",
        b"content-type: text/plain; charset=utf-8",
        b"content-length: 3",
        b"connection: close",
        b"",
        b"bad",
    ]
    assert server.journal[1].response_head == (
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", "3"),
        ("connection", "close"),
    )


async def test_an_old_client_gets_no_chunks(server: FakeServer) -> None:
    load(server, main=[SAY])
    answer = await raw(server, post(version="1.0"))
    assert b"chunked" not in answer and b"response.completed" in answer


async def test_connections_are_labelled_in_order_of_arrival(server: FakeServer, client: httpx.AsyncClient) -> None:
    load(server, main=[SAY] * 4)
    await ask(client)
    await ask(client)
    await raw(server, post(STREAM, "connection: close"))
    await ask(client)
    assert [exchange.connection for exchange in server.journal] == ["c1", "c1", "c2", "c1"]
    load(server, main=[SAY])
    await ask(client)
    assert [exchange.connection for exchange in server.journal] == ["c1"]


async def test_a_client_that_closes_right_after_the_last_event(server: FakeServer) -> None:
    load(server, main=[SAY])
    whole = await raw(server, post(STREAM, "connection: close"))
    load(server, main=[SAY])
    await raw(server, post(), read=len(whole) - len(b"connection: close\r\n") - len(b"0\r\n\r\n"))
    assert await server.settle()
    assert server.journal[0].end == "complete" and server.finish() == []


async def test_a_client_that_goes_away_is_no_error(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    load(server, main=[{"output": [{"message": "a b c d e f"}], "delay_ms": 20}])
    with caplog.at_level(logging.WARNING):
        await raw(server, post(), read=200)
        assert server.journal[0].end == "open"
        assert await server.settle()
    assert server.journal[0].end == "client_closed"
    assert server.problems == [] and caplog.records == []


async def test_a_request_cut_short_is_no_exchange(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    load(server, main=[SAY])
    with caplog.at_level(logging.WARNING):
        _, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(post(b"x" * 100)[:-50])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
        await asyncio.sleep(0.05)
    assert server.journal == [] and caplog.records == []


async def test_a_server_that_ends_says_so() -> None:
    seen: list[Exchange] = []
    async with FakeServer(on_exchange=seen.append) as server:
        load(server, main=[{"output": [{"message": "a b c"}], "delay_ms": 10_000}])
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
        writer.write(post())
        await reader.readexactly(20)
        assert not await server.settle(0.01)
    writer.close()
    assert [exchange.end for exchange in seen] == ["server_closed"]


async def test_script_errors_name_request_tracks_and_remedy(server: FakeServer, client: httpx.AsyncClient) -> None:
    load(server, main=[SAY])
    await ask(client)
    response = await ask(client)
    assert response.status_code == 500
    error = response.json()["error"]
    assert error["type"] == "script_error"
    assert "request 2" in error["message"] and "'main'" in error["message"] and "answers.main[1]" in error["message"]
    (problem,) = server.finish()
    assert (problem.whose, problem.where) == ("script", "request 2")
    assert server.journal[1].step is None and server.journal[1].status == 500


async def test_unused_answers_are_problems_once(server: FakeServer, client: httpx.AsyncClient) -> None:
    load(server, main=[SAY, SAY])
    await ask(client)
    assert [(problem.whose, problem.where) for problem in server.finish()] == [("script", "main/2")]
    assert len(server.finish()) == 1
    load(server, main=[])
    assert server.problems == [] and server.journal == []


async def test_broken_invariants_are_the_agents_problem(server: FakeServer, client: httpx.AsyncClient) -> None:
    load(server, main=[SAY] * 2)
    await ask(client, {"input": [{"type": "function_call_output", "call_id": "c9", "output": ""}]})
    await client.post("/v1/responses", content=b"{")
    assert [(p.whose, p.where) for p in server.finish()] == [("agent", "request 1"), ("agent", "request 2")]
    assert "'c9'" in server.problems[0].message and "not JSON" in server.problems[1].message


async def test_compressed_bodies_are_kept_and_understood(server: FakeServer, client: httpx.AsyncClient) -> None:
    load(server, special={"match": {"body": {"model": "^gpt"}}, "answers": [SAY]}, rest=[SAY])
    squeezed = gzip.compress(json.dumps(BODY).encode())
    await client.post("/v1/responses", content=squeezed, headers={"content-encoding": "gzip"})
    await client.post("/v1/responses", content=b"?", headers={"content-encoding": "br"})
    assert server.journal[0].body == squeezed
    assert [exchange.step for exchange in server.journal] == ["special/1", "rest/1"]
    assert [(p.whose, p.where) for p in server.finish()] == [("harness", "request 2")]


async def test_a_large_head_and_body_are_taken(server: FakeServer, client: httpx.AsyncClient) -> None:
    load(server, main=[SAY])
    response = await ask(client, BODY | {"instructions": "x" * 3_000_000}, headers={"x-big": "y" * 100_000})
    assert response.status_code == 200 and len(server.journal[0].body) > 3_000_000


async def test_a_value_goes_round(server: FakeServer, client: httpx.AsyncClient) -> None:
    write = {"call": {"name": "write_stdin", "arguments": {"session_id": "$session"}}}
    load(server, main=[SAY, {"take": {"session": r"session ID (\d+)"}, "output": [write]}])
    await ask(client)
    call = {"type": "function_call", "call_id": "c1", "name": "exec_command", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "c1", "output": "running with session ID 92739\n"}
    events = decode_events((await ask(client, BODY | {"input": [call, output]})).text)
    assert events is not None
    assert events[-1]["response"]["output"][0]["arguments"] == '{"session_id":92739}'
    assert server.finish() == []


async def test_models_and_other_paths(server: FakeServer, client: httpx.AsyncClient) -> None:
    compact = {"match": {"target": "/compact$"}, "answers": [{"http": {"status": 200, "body": {"output": []}}}]}
    load(server, main=[SAY], compact=compact)
    assert (await client.get("/v1/models?x=1")).json()["data"][0]["id"] == "gpt-5.4"
    assert (await client.post("/v1/responses/compact", json={})).json() == {"output": []}
    assert (await client.post("/responses", json=BODY)).status_code == 200
    assert server.finish() == []
    response = await client.get("/v1/responses")
    assert response.status_code == 404 and "match" in response.json()["error"]["message"]
    assert [(p.whose, p.where) for p in server.problems] == [("script", "request 4")]
    server.load(Friendly(), models={"models": []})
    assert (await client.get("/models")).json() == {"models": []}


async def test_before_any_script(server: FakeServer, client: httpx.AsyncClient) -> None:
    assert "Call load() first" in (await ask(client)).json()["error"]["message"]


async def test_parallel_requests_are_numbered_as_they_arrive() -> None:
    arrivals: list[Arrival] = []
    async with FakeServer(on_arrival=arrivals.append) as server, httpx.AsyncClient(trust_env=False) as client:
        load(server, main=[SAY | {"delay_ms": 5}] * 5)
        await asyncio.gather(*(client.post(f"{server.url}/v1/responses", json=BODY) for _ in range(5)))
        assert await server.settle()
        assert [arrival.request.number for arrival in arrivals] == [1, 2, 3, 4, 5]
        assert [exchange.step for exchange in server.journal] == [f"main/{n}" for n in range(1, 6)]
        assert [arrival.note for arrival in arrivals] == [exchange.step for exchange in server.journal]


async def test_a_port_that_was_closed_stays_closed() -> None:
    """A request that is still served when the server ends has the port minded once more."""
    port = Port(AsyncMock(), "127.0.0.1", 0)
    port.open()
    await port.aclose()
    port.open()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port.number)


async def test_a_port_that_is_taken() -> None:
    async with FakeServer() as server:
        with pytest.raises(OSError):
            async with FakeServer(port=int(server.url.rpartition(":")[2])):
                pass


@pytest.mark.parametrize("asked", [{}, {"stream": False}, {"stream": None}])
async def test_who_asks_for_no_stream_gets_json(
    server: FakeServer, client: httpx.AsyncClient, asked: dict[str, object]
) -> None:
    load(server, main=[SAY, SAY | {"fault": {"kind": "end", "after": 2}}])
    body = {"model": "m", "input": "hi", **asked}
    got = await client.post("/v1/responses", json=body)
    assert got.headers["content-type"] == "application/json"
    assert (got.json()["object"], got.json()["status"], got.json()["output"][0]["type"]) == (
        "response",
        "completed",
        "message",
    )
    assert (await client.post("/v1/responses", json=body)).content == b"", "the fault comes before the object"
    assert await server.settle()
    assert [exchange.end for exchange in server.journal] == ["complete", "fault: end"] and server.finish() == []
