import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from fake_server import Exchange, FakeServer, Script
from fake_server.proxy import upstream_url

SAY = {"output": [{"message": "hi there"}], "headers": {"x-codex-turn-state": "TS-1"}}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as made:
        yield made


@pytest.mark.parametrize(
    ("upstream", "target", "expected"),
    [
        ("https://h/v1", "/v1/responses", "https://h/v1/responses"),
        ("https://h/api/v4/", "/v1/responses?a=%20b", "https://h/api/v4/responses?a=%20b"),
        ("https://h", "/v1/responses", "https://h/v1/responses"),
        ("https://h/api", "/responses", "https://h/api/responses"),
        ("https://h/api", "/v1", "https://h/api"),
        ("https://h/api", "/v1x", "https://h/api/v1x"),
    ],
)
def test_where_a_request_goes(upstream: str, target: str, expected: str) -> None:
    assert upstream_url(upstream, target) == expected


async def test_both_sides_see_the_same(client: httpx.AsyncClient) -> None:
    async with FakeServer() as live, FakeServer(upstream=live.url) as proxy:
        live.load(
            Script.from_data(
                {"main": [SAY, {"http": {"status": 429, "body": "slow", "headers": {"retry-after": "3"}}}]}
            )
        )
        for _ in range(2):
            request = client.build_request("POST", f"{proxy.url}/v1/responses?q=a%20b", json={"model": "m"})
            request.headers["X-Odd-Case"] = "1"
            await client.send(request)
        assert await live.settle() and await proxy.settle()
        for there, here in zip(live.journal, proxy.journal, strict=True):
            assert there.body == here.body and there.target == here.target
            assert there.response_body == here.response_body
            assert (there.status, there.end, here.end, here.step) == (here.status, "complete", "complete", None)
            ours = {"host", "connection", "content-length"}
            assert [p for p in there.head if p[0].lower() not in ours] == [
                p for p in here.head if p[0].lower() not in ours
            ]
            kept = dict(here.response_head)
            assert {**dict(there.response_head), **kept} == {**kept, **dict(there.response_head)}
        assert ("x-codex-turn-state", "TS-1") in proxy.journal[0].response_head
        assert proxy.finish() == []


async def test_pieces_come_through_as_they_come(client: httpx.AsyncClient) -> None:
    async with FakeServer() as live, FakeServer(upstream=live.url) as proxy:
        live.load(Script.from_data({"main": [SAY | {"delay_ms": 10_000}]}))
        async with client.stream("POST", f"{proxy.url}/v1/responses", json={"stream": True}) as response:
            async for piece in response.aiter_bytes():
                assert b"response.created" in piece  # seconds before the provider writes its next event
                break


async def test_a_provider_that_cannot_be_reached(client: httpx.AsyncClient) -> None:
    async with FakeServer() as gone:
        url = gone.url
    async with FakeServer(upstream=url) as proxy:
        response = await client.post(f"{proxy.url}/v1/responses", json={})
        assert response.status_code == 502 and "cannot be reached" in response.json()["error"]["message"]


async def test_an_answer_that_breaks_off_breaks_off_here_too(client: httpx.AsyncClient) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, FakeServer(upstream=f"http://127.0.0.1:{port}/v1") as proxy:
        with pytest.raises(httpx.HTTPError):
            await client.post(f"{proxy.url}/v1/responses", json={})
        assert await proxy.settle()
        (exchange,) = proxy.journal
        assert exchange.end.startswith("error: the provider's answer broke off") and exchange.response_body == b"hello"


async def test_a_recording_of_it_is_an_exchange_like_any_other(client: httpx.AsyncClient) -> None:
    seen: list[Exchange] = []
    async with FakeServer() as live, FakeServer(upstream=live.url, on_exchange=seen.append) as proxy:
        live.load(Script.from_data({"main": [SAY]}))
        await client.post(f"{proxy.url}/v1/responses", json={}, headers={"authorization": "Bearer sk-1"})
        assert await proxy.settle()
    text = json.dumps(seen[0].to_json(redact=True))
    assert Exchange.from_json(json.loads(text)).response_body == seen[0].response_body and "sk-1" not in text


async def test_the_providers_key_is_put_on_the_way(client: httpx.AsyncClient) -> None:
    async with FakeServer() as live, FakeServer(upstream=live.url, key="sk-provider") as proxy:
        live.load(Script.from_data({"main": [SAY]}))
        await client.post(f"{proxy.url}/v1/responses", json={"model": "m"}, headers={"authorization": "Bearer sk-own"})
        assert await live.settle() and await proxy.settle()
        assert [value for name, value in live.journal[0].head if name == "authorization"] == ["Bearer sk-provider"]
        assert "sk-provider" not in str(proxy.journal[0].to_json())
