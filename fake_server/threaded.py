"""A FakeServer in a thread of its own: for tests and programs that are not asynchronous, or have a loop of their own.

with ThreadedServer() as server:
    server.load([{"output": [{"message": "hi"}]}])
    ...                                     # an agent talks to server.base_url
    assert server.requests[0].body["model"] == "gpt-5.5"
    assert server.finish() == []
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from fake_server.bodies import BodyError, parse_body
from fake_server.journal import Exchange, Problem
from fake_server.script import Script
from fake_server.server import FakeServer
from fake_server.tracks import Request, Source

__all__ = ["Answers", "ThreadedServer"]

Answers = Script | Source | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""What may be loaded: a list of answers (the track `main`), tracks by name, a Script, or any Source."""

T = TypeVar("T")


class ThreadedServer:
    """The same server with the same strictness; every method returns when the thing is done.

    `upstream` and `key` are FakeServer's: with them it forwards to a live provider, and no script is needed.
    """

    def __init__(self, *, upstream: str | None = None, key: str | None = None) -> None:
        self._server = FakeServer(upstream=upstream, key=key)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake_server", daemon=True)
        self.finished = False
        """Whether somebody has looked at the problems since the last `load`."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(self._server.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait(self._server.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def load(self, answers: Answers, models: Any = None) -> None:
        """Begin anew with these answers: empty journal, no problems. Raises ScriptError."""
        source: Script | Source
        if isinstance(answers, Mapping):
            source = Script.from_data(answers)
        elif isinstance(answers, Sequence):
            source = Script.from_data({"main": list(answers)})
        else:
            source = answers
        self.finished = False
        self._call(lambda: self._server.load(source, models))

    @property
    def url(self) -> str:
        """`http://HOST:PORT`."""
        return self._server.url

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL: `http://HOST:PORT/v1`."""
        return f"{self.url}/v1"

    @property
    def journal(self) -> list[Exchange]:
        """Every exchange since `load`, as it was on the wire."""
        return self._call(lambda: self._server.journal)

    @property
    def requests(self) -> list[Request]:
        """The same as a script sees it: method, path, head and the parsed body (None where it cannot be read)."""
        return [_request(exchange) for exchange in self.journal]

    @property
    def problems(self) -> list[Problem]:
        """What was wrong so far, and whose fault it is."""
        return self._call(lambda: self._server.problems)

    def open_gate(self, name: str) -> None:
        """A moment that a fault of the script waits for has come."""
        self._call(lambda: self._server.open_gate(name))

    def settle(self, timeout: float = 5.0) -> bool:
        """Waits until no exchange is open; False when `timeout` seconds were not enough."""
        return self._wait(self._server.settle(timeout))

    def finish(self) -> list[Problem]:
        """Waits for open exchanges, then gives all problems, unused answers among them."""
        self.settle()
        self.finished = True
        return self._call(self._server.finish)

    def _call(self, function: Callable[[], T]) -> T:
        async def call() -> T:
            return function()

        return self._wait(call())

    def _wait(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result()


def _request(exchange: Exchange) -> Request:
    try:
        body = parse_body(exchange.head, exchange.body)
    except BodyError:
        body = None
    path = exchange.target.partition("?")[0]
    return Request(number=exchange.seq, method=exchange.method, path=path, head=exchange.head, body=body)
