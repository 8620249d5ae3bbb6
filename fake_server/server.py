"""The aiohttp application: reads a request, asks the Source, has the answer sent, keeps the journal. Nothing else.

What it takes care of, because an agent is measured through it:
- the head is kept in wire order and case (`raw_headers`; aiohttp's own mapping re-cases well-known names);
- the body is kept as it came, compressed or not.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from aiohttp import web

from fake_server.bodies import BodyError, parse_body
from fake_server.faults import Gates
from fake_server.invariants import broken_invariants
from fake_server.journal import (
    CONNECT,
    HANDSHAKE,
    MESSAGE,
    Exchange,
    Head,
    OpenExchange,
    Problem,
    Whose,
    split_capture_id,
)
from fake_server.port import Port
from fake_server.reply import Reply, answer_reply, json_reply
from fake_server.script import Answer, Script
from fake_server.sending import only_our_head, send
from fake_server.tracks import Mismatch, Request, Source, Tracks

if TYPE_CHECKING:
    from fake_server.certificates import Certificates
    from fake_server.door import ConnectRequest

__all__ = ["DEFAULT_MODELS", "Arrival", "FakeServer"]

DEFAULT_MODELS: Mapping[str, Any] = {
    "object": "list",
    "data": [
        {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "fake_server"}
        for name in ("gpt-5.4", "gpt-5.5", "gpt-6.1-sol")
    ],
}
"""Answer of GET /v1/models when none is given."""

_MODELS_PATHS = ("/v1/models", "/models")
_MAX_BODY = 512 * 1024 * 1024  # bytes; conversations with images are large
_MAX_LINE = 1024 * 1024  # bytes of one line of a head: x-codex-turn-metadata has no bound


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A request that was just understood and is about to be answered; what a console prints.

    `answer` is None when no Source answers: a forwarded request, GET /v1/models, a script error.
    """

    request: Request
    answer: Answer | None
    note: str
    problems: tuple[Problem, ...]


@dataclass(kw_only=True)
class _Run:
    """Everything that belongs to one `load`. A response that outlives its run still writes here, not into the next."""

    source: Source | None
    models: Any
    certificates: "Certificates | None" = None
    journal: list[OpenExchange] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    gates: Gates = field(default_factory=Gates)
    open: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    finished: bool = False
    _labels: WeakKeyDictionary[asyncio.BaseTransport, str] = field(default_factory=WeakKeyDictionary)
    _connections: int = 0

    def label(self, transport: asyncio.BaseTransport | None) -> str:
        known = None if transport is None else self._labels.get(transport)
        if known is not None:
            return known
        self._connections += 1  # counted apart from the labels: these vanish with their connection
        label = f"c{self._connections}"
        if transport is not None:
            self._labels[transport] = label
        return label


class FakeServer:
    """A Responses server on a socket; an async context manager.

    host, port   where to listen; port 0 takes a free one (see `url`)
    upstream     URL of a live provider: every request is forwarded there and journalled; no script is needed
    key          the provider's key, put on each forwarded request; the client's own stays in the journal
    on_arrival   called with each request before it is answered
    on_exchange  called with each finished exchange
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        upstream: str | None = None,
        key: str | None = None,
        on_arrival: Callable[[Arrival], None] | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._host, self._port, self._upstream, self._key = host, port, upstream, key
        self._on_arrival, self._on_exchange = on_arrival, on_exchange
        self._forward: Callable[[OpenExchange], Awaitable[Reply]] | None = None
        self._stack = AsyncExitStack()
        self._place: Port | None = None
        self._connections: web.Server | None = None
        self._run = _Run(source=None, models=DEFAULT_MODELS)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(only_our_head)
        runner = web.AppRunner(
            app,
            access_log=None,
            auto_decompress=False,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            shutdown_timeout=0.1,
        )
        async with AsyncExitStack() as stack:
            if self._upstream is not None:
                from fake_server.proxy import Forward  # only a proxy needs an HTTP client

                self._forward = await stack.enter_async_context(Forward(self._upstream, self._key))
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            assert runner.server is not None
            self._connections = runner.server
            self._place = Port(self._enter, self._host, self._port)
            stack.push_async_callback(self._place.aclose)
            self._place.open()
            self._port = self._place.number
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def load(self, script: Script | Source, models: Any = None, *, certificates: "Certificates | None" = None) -> None:
        """Begin anew: empty journal, no problems, every track at its first answer, connections counted from c1.

        With `certificates` the same port also speaks TLS, and opens tunnels for CONNECT (see door.py).
        """
        source = Tracks(script) if isinstance(script, Script) else script
        self._run = _Run(source=source, models=DEFAULT_MODELS if models is None else models, certificates=certificates)
        self._mind_port(self._run)

    def open_gate(self, name: str) -> None:
        """A moment that a fault of the script waits for has come."""
        self._run.gates.open(name)
        self._mind_port(self._run)

    @property
    def url(self) -> str:
        """`http://HOST:PORT`; the base_url of a client is this and `/v1`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def journal(self) -> list[Exchange]:
        """Every exchange since `load`, in order of arrival; one that is still being answered has end "open"."""
        return [exchange.snapshot() for exchange in self._run.journal]

    @property
    def problems(self) -> list[Problem]:
        """What was wrong so far."""
        return list(self._run.problems)

    async def settle(self, timeout: float = 5.0) -> bool:
        """Wait until no exchange is open; False when `timeout` seconds were not enough."""
        run = self._run
        try:
            async with asyncio.timeout(timeout):
                while run.open:
                    run.settled.clear()
                    await run.settled.wait()
        except TimeoutError:
            return False
        return True

    def finish(self) -> list[Problem]:
        """All problems; answers that no request used are added once."""
        run = self._run
        if not run.finished and run.source is not None:
            for step in run.source.unused():
                text = "this answer was never used. Remove it, or look why the agent stopped asking."
                run.problems.append(Problem(whose="script", where=step, message=text))
        run.finished = True
        return self.problems

    def _mind_port(self, run: _Run) -> None:
        """Listen, or refuse, as the script says; who is refused finds no old connection either."""
        if self._place is None or run is not self._run:
            return
        if run.source is None or not run.source.shuts_port(run.gates):
            self._place.open()
            return
        self._place.shut()
        for connection in self._connections.connections if self._connections is not None else ():
            connection.close()

    async def _enter(self, connection: socket.socket) -> None:
        run, serve = self._run, self._connections
        assert serve is not None
        if run.certificates is None:
            await asyncio.get_running_loop().connect_accepted_socket(serve, connection)
            return
        from fake_server.door import Door  # few scenarios speak TLS

        def failed(name: str, why: str) -> None:
            exchange = _arrive(run, HANDSHAKE, name, "TLS", (), b"", None)
            exchange.close(f"error: {why}")

        await Door(serve, run.certificates, run.gates, partial(self._admit, run), failed).enter(connection)

    async def _admit(self, run: _Run, asked: "ConnectRequest") -> "tuple[OpenExchange, Reply]":
        exchange = _arrive(run, CONNECT, *asked, b"", None)
        with self._watched(run, exchange):
            reply = await self._reply(run, exchange)
            exchange.close("complete" if reply.fault is None else f"fault: {reply.fault.kind}")
            return exchange, reply

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        run = self._run
        try:
            body = await request.read()
        except ConnectionError:
            return web.Response()  # cut before the request was complete: there was no request
        version = f"HTTP/{request.version.major}.{request.version.minor}"
        pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers)
        exchange = _arrive(run, request.method, request.raw_path, version, pairs, body, request.transport)
        with self._watched(run, exchange):
            reply = await self._reply(run, exchange)
            if not reply.upgrades:
                return await send(request, exchange, reply, run.gates)
            from fake_server.websocket import converse  # most clients post

            def arrive(text: str, number: int) -> OpenExchange:
                return _arrive_message(run, exchange, text, number)

            return await converse(request, exchange, reply, run.gates, arrive, partial(self._talk, run))

    async def _talk(self, run: _Run, exchange: OpenExchange, send_reply: Callable[[Reply], Awaitable[None]]) -> None:
        """One message of a WebSocket."""
        with self._watched(run, exchange):
            await send_reply(await self._reply(run, exchange))

    @contextmanager
    def _watched(self, run: _Run, exchange: OpenExchange) -> Iterator[None]:
        """While an exchange is open; whatever becomes of it, it ends."""
        run.open += 1
        try:
            yield
        except asyncio.CancelledError:
            exchange.close("server_closed")
            raise
        finally:
            if exchange.end == "open":  # an exception of ours is on its way to aiohttp, which logs it
                exchange.close("error: the server failed")
                where, text = f"request {exchange.seq}", "the fake server itself failed; its log has the traceback."
                run.problems.append(Problem(whose="harness", where=where, message=text))
            run.open -= 1
            run.settled.set()
            if self._on_exchange is not None:
                self._on_exchange(exchange.snapshot())

    async def _reply(self, run: _Run, exchange: OpenExchange) -> Reply:
        """Decide on the reply; what was wrong with the request becomes problems of the run."""
        asked, problems = _understand(exchange)
        answer: Answer | None = None
        try:
            if self._forward is not None:
                note, reply = "forwarded", await self._forward(exchange)
            elif run.source is not None and (asked.is_turn or run.source.claims(asked)):
                answer = run.source.answer(asked)
                self._mind_port(run)
                note, reply = answer.step, answer_reply(answer, asked.body, streams=asked.streams)
                exchange.step = answer.step
            elif asked.method == "GET" and asked.path in _MODELS_PATHS:
                note, reply = "models", json_reply(200, run.models)
            elif asked.method == CONNECT:
                note, reply = "tunnel", Reply(status=200, head=())
            elif asked.is_turn:
                raise Mismatch(f"{asked} came before a script was loaded. Call load() first.")
            else:
                text = (
                    f"nothing answers {asked}. Add a track whose match has `target` (and `method`, if it is not POST)."
                )
                note, reply = "not found", _error_reply(404, text)
                problems.append(_problem("script", asked, text))
        except Mismatch as mismatch:
            note, reply = "script error", _error_reply(500, str(mismatch))
            problems.append(_problem("script", asked, str(mismatch)))
        run.problems.extend(problems)
        if self._on_arrival is not None:
            self._on_arrival(Arrival(request=asked, answer=answer, note=note, problems=tuple(problems)))
        return reply


def _arrive(
    run: _Run,
    method: str,
    target: str,
    version: str,
    pairs: Head,
    body: bytes,
    transport: asyncio.BaseTransport | None,
) -> OpenExchange:
    head, capture_id = split_capture_id(pairs)
    exchange = OpenExchange(
        seq=len(run.journal) + 1,
        connection=run.label(transport),
        method=method,
        target=target,
        http_version=version,
        head=head,
        body=body,
        capture_id=capture_id,
    )
    run.journal.append(exchange)
    return exchange


def _arrive_message(run: _Run, upgrade: OpenExchange, text: str, number: int) -> OpenExchange:
    exchange = OpenExchange(
        seq=len(run.journal) + 1,
        connection=upgrade.connection,
        method=MESSAGE,
        target=upgrade.target,
        http_version="WebSocket",
        head=(),
        body=text.encode("utf-8", "surrogatepass"),
        capture_id=None if upgrade.capture_id is None else f"{upgrade.capture_id}.{number}",
    )
    run.journal.append(exchange)
    return exchange


def _understand(exchange: OpenExchange) -> tuple[Request, list[Problem]]:
    """The request as a Source sees it, and what is wrong with it whatever the script says."""
    path = exchange.target
    if exchange.method != CONNECT:
        path = urlsplit(path).path  # of a client that takes us for its proxy the target is a whole URL
    bare = Request(number=exchange.seq, method=exchange.method, path=path, head=exchange.head)
    try:
        body = parse_body(exchange.head, exchange.body)
    except BodyError as error:
        whose: Whose = "harness" if error.harness else "agent"
        return bare, [_problem(whose, bare, str(error))] if bare.is_turn else []
    asked = Request(number=exchange.seq, method=exchange.method, path=path, head=exchange.head, body=body)
    broken: Iterable[str] = broken_invariants(body) if asked.is_turn else ()
    return asked, [_problem("agent", asked, text) for text in broken]


def _problem(whose: Whose, asked: Request, message: str) -> Problem:
    return Problem(whose=whose, where=f"request {asked.number}", message=message)


def _error_reply(status: int, message: str) -> Reply:
    return json_reply(status, {"error": {"type": "script_error", "message": message}})
