"""Help for the tests of the server: a scripted chat backend, the layer before it, a client."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from fake_server.chat import ChatServer
from pycodex.records import dataclass
from pycodex.responses_server.app import running
from pycodex.responses_server.backend import Backend
from pycodex.responses_server.layer import Layer
from pycodex.responses_server.store import Store
from pycodex.transports.base import TransportStyle
from pycodex.transports.http import HttpTransport

Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a test talks to and looks at."""

    backend: ChatServer
    client: aiohttp.ClientSession
    url: str
    log: list[str]
    layer: Layer

    async def ask(self, input_: Any = "hi", **body: Any) -> tuple[int, Event, dict[str, str]]:
        """A plain request: status, body, headers with lower-case names."""
        asked = {"model": "m", "input": input_, **body}
        async with self.client.post(f"{self.url}/responses", json=asked) as response:
            return response.status, await response.json(), {k.lower(): v for k, v in response.headers.items()}

    async def stream(self, input_: Any = "hi", **body: Any) -> list[Event]:
        """A streamed request: its events."""
        asked = {"model": "m", "input": input_, "stream": True, **body}
        async with self.client.post(f"{self.url}/responses", json=asked) as response:
            assert (response.status, response.content_type) == (200, "text/event-stream")
            return read_events(await response.text())


def read_events(text: str) -> list[Event]:
    """The events of a stream; each is named as its data says."""
    found = []
    for block in text.split("\n\n"):
        if block:
            name, data = block.split("\n")
            found.append(json.loads(data.removeprefix("data: ")))
            assert name == f"event: {found[-1]['type']}"
    return found


@asynccontextmanager
async def served(store: Store | None = None, kind: type[Layer] = Layer, **options: Any) -> AsyncIterator[Served]:
    """The three of them, running."""
    async with ChatServer() as backend:
        transport = HttpTransport(TransportStyle(send_error="no answer from {url}"), {}, keeps_all=True)
        layer = kind(Backend(**{"url": backend.base_url, **options}), transport, store)
        log: list[str] = []
        async with running(layer, "127.0.0.1", 0, log.append) as port:
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(connector=connector) as client:
                yield Served(backend=backend, client=client, url=f"http://127.0.0.1:{port}/v1", log=log, layer=layer)
        await transport.aclose()
