"""The layer as a server where something goes wrong in it, or the client leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from pycodex.responses_server.layer import Answer, Layer
from tests.pycodex.responses_server.answers import delta
from tests.pycodex.responses_server.served import served


class Broken(Layer):
    """One with a mistake in it."""

    @asynccontextmanager
    async def ask(self, *_: Any, **__: Any) -> AsyncIterator[Answer]:
        async def events() -> AsyncIterator[list[dict[str, Any]]]:
            yield [{"type": "response.created"}]
            raise KeyError("oh")

        yield Answer(events=events(), response={}, warnings=())


async def test_a_mistake_of_the_layer_is_told_and_logged() -> None:
    async with served(kind=Broken) as s:
        status, error, _ = await s.ask()
        assert (status, error["error"]["code"]) == (500, "server_error")
        with pytest.raises(aiohttp.ClientPayloadError):
            await s.stream()
        async with s.client.ws_connect(f"{s.url}/responses") as socket:
            await socket.send_json({"type": "response.create", "model": "m", "input": "x"})
            assert (await socket.receive_json(timeout=10))["type"] == "response.created"
            told = await socket.receive_json(timeout=10)
            assert (told["type"], told["status"]) == ("error", 500)
        assert len(s.log) == 3 and all("KeyError" in text for text in s.log)


async def test_a_client_that_leaves_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async with served() as s:
        s.backend.load([{"chunks": [delta(content="x" * 10_000)] * 2_000}])
        async with s.client.post(f"{s.url}/responses", json={"model": "m", "input": "x", "stream": True}) as response:
            assert await response.content.readline()
        async with asyncio.timeout(10):
            await s.backend.left.wait()
        assert (s.log, caplog.messages) == ([], [])
