"""Answers that rest until a gate opens, and tracks beside the others."""

import asyncio

import httpx

from fake_server import FakeServer, Script

BODY = {"model": "gpt-5.4", "input": [], "tools": [], "stream": True}


async def test_a_held_answer_goes_on_once_the_gate_is_open() -> None:
    held = {"output": [{"message": "hi there"}], "hold": {"after": 3, "until": "more"}}
    async with FakeServer() as server, httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=5) as client:
        server.load(Script.from_data({"main": [held]}))
        asking = asyncio.create_task(client.post("/v1/responses", json=BODY))
        while not server.journal or len(server.journal[0].chunks) < 3:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert (len(server.journal[0].chunks), server.journal[0].end) == (3, "open")
        server.open_gate("more")
        assert "response.completed" in (await asking).text
        assert server.finish() == [] and server.journal[0].end == "complete"


async def test_a_client_that_leaves_a_held_answer_is_noticed() -> None:
    held = {"output": [{"message": "hi there"}], "hold": {"after": 3, "until": "never"}}
    async with FakeServer() as server, httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=5) as client:
        server.load(Script.from_data({"main": [held]}))
        async with client.stream("POST", "/v1/responses", json=BODY) as response:
            await anext(response.aiter_raw())
        assert await server.settle(), "the answer ends with its client"
        assert server.journal[0].end == "client_closed"


async def test_a_track_aside_need_not_be_asked() -> None:
    script = Script.from_data(
        {
            "main": [],
            "title": {"aside": True, "match": {"body": {"model": "x"}}, "answers": [{"output": [{"message": "t"}]}]},
        }
    )
    assert script.asides == ("title",)
    async with FakeServer() as server:
        server.load(script)
        assert server.finish() == []


async def test_a_track_beside_comes_in_any_order_but_comes() -> None:
    match = {"body": {"model": "x"}}
    script = Script.from_data({"main": [], "child": {"beside": True, "match": match, "answers": [{"output": []}]}})
    assert script.asides == ("child",)
    async with FakeServer() as server:
        server.load(script)
        assert ["child/1" in str(problem) for problem in server.finish()] == [True]
