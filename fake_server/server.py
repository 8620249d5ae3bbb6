"""The aiohttp application: reads a request, asks the Source, writes the answer, keeps the journal. Nothing else.

What it takes care of, because an agent is measured through it:
- the head is kept in wire order and case (`raw_headers`; aiohttp's own mapping re-cases well-known names);
- the body is kept as it came, compressed or not;
- the response head holds only what was asked for and the framing, without date and server;
- one write per event, so that an agent sees an event when it is written;
- a client that goes away is an entry in the journal, never an error in the log.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from weakref import WeakKeyDictionary

from aiohttp import HttpVersion11, web

from fake_server.bodies import BodyError, parse_body
from fake_server.invariants import broken_invariants
from fake_server.journal import Exchange, OpenExchange, Problem, Whose, split_capture_id
from fake_server.reply import Reply, ReplyCut, answer_reply, json_reply
from fake_server.script import Answer, Script
from fake_server.tracks import Mismatch, Request, Source, Tracks

__all__ = ["DEFAULT_MODELS", "Arrival", "FakeServer"]

DEFAULT_MODELS: Mapping[str, Any] = {
    "object": "list",
    "data": [
        {"id": name, "object": "model", "created": 1_767_225_600, "owned_by": "fake_server"}
        for name in ("gpt-5.4", "gpt-5.5", "gpt-6.1-sol")
    ],
}
"""Answer of GET /v1/models when none is given."""

_HEAD = web.ResponseKey("head", tuple)
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
    journal: list[OpenExchange] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
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
    on_arrival   called with each request before it is answered
    on_exchange  called with each finished exchange
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        upstream: str | None = None,
        on_arrival: Callable[[Arrival], None] | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._host, self._port, self._upstream = host, port, upstream
        self._on_arrival, self._on_exchange = on_arrival, on_exchange
        self._forward: Callable[[OpenExchange], Awaitable[Reply]] | None = None
        self._stack = AsyncExitStack()
        self._run = _Run(source=None, models=DEFAULT_MODELS)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(_only_our_head)
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

                self._forward = await stack.enter_async_context(Forward(self._upstream))
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, self._host, self._port).start()
            self._port = runner.addresses[0][1]
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def load(self, script: Script | Source, models: Any = None) -> None:
        """Begin anew: empty journal, no problems, every track at its first answer, connections counted from c1."""
        source = Tracks(script) if isinstance(script, Script) else script
        self._run = _Run(source=source, models=DEFAULT_MODELS if models is None else models)

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

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        run = self._run
        try:
            body = await request.read()
        except ConnectionError:
            return web.Response()  # cut before the request was complete: there was no request
        exchange = _arrive(run, request, body)
        try:
            return await _send(request, exchange, await self._reply(run, exchange))
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
                note, reply = answer.step, answer_reply(answer, asked.body)
                exchange.step = answer.step
            elif asked.method == "GET" and asked.path in _MODELS_PATHS:
                note, reply = "models", json_reply(200, run.models)
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


def _arrive(run: _Run, request: web.Request, body: bytes) -> OpenExchange:
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers)
    head, capture_id = split_capture_id(pairs)
    exchange = OpenExchange(
        seq=len(run.journal) + 1,
        connection=run.label(request.transport),
        method=request.method,
        target=request.raw_path,
        http_version=f"HTTP/{request.version.major}.{request.version.minor}",
        head=head,
        body=body,
        capture_id=capture_id,
    )
    run.journal.append(exchange)
    run.open += 1
    return exchange


def _understand(exchange: OpenExchange) -> tuple[Request, list[Problem]]:
    """The request as a Source sees it, and what is wrong with it whatever the script says."""
    path = exchange.target.partition("?")[0]
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


async def _send(request: web.Request, exchange: OpenExchange, reply: Reply) -> web.StreamResponse:
    """Write a reply and note how it ended."""
    response = web.StreamResponse(status=reply.status, reason=reply.reason)
    response[_HEAD] = reply.head
    if reply.length is not None:
        response.content_length = reply.length
    elif request.version >= HttpVersion11 and reply.status not in (204, 304):
        response.enable_chunked_encoding()
    exchange.status = reply.status
    try:
        await response.prepare(request)
        exchange.response_head = tuple(response.headers.items())
        for number, data in enumerate(reply.writes):
            if number:
                await asyncio.sleep(reply.delay)  # also without a delay: the loop must notice a client that went away
            if number == len(reply.writes) - 1 and reply.more is None:
                # codex closes the socket right after response.completed and leaves the terminator unread: once the
                # last event is written the exchange is complete, whatever becomes of the socket
                exchange.close("complete")
            await _write(response, exchange, data)
        if reply.more is not None:
            async for data in reply.more:
                await _write(response, exchange, data)
        exchange.close("complete")
        await response.write_eof()
    except ConnectionError:
        written = sum(len(data) for data in reply.writes) == exchange.written
        exchange.close("complete" if written and reply.more is None else "client_closed")
    except ReplyCut as cut:
        exchange.close(f"error: {cut}")
        if request.transport is not None:
            request.transport.abort()
    finally:
        if reply.more is not None:
            await reply.more.aclose()
    return response


async def _write(response: web.StreamResponse, exchange: OpenExchange, data: bytes) -> None:
    if data:
        await response.write(data)
        exchange.wrote(data)


async def _only_our_head(request: web.Request, response: web.StreamResponse) -> None:
    """Put the head we want in place of aiohttp's; of that, keep only what frames the body."""
    frame = [
        (name.lower(), response.headers[name])
        for name in ("Transfer-Encoding", "Content-Length", "Connection")
        if name in response.headers
    ]
    head = response.get(_HEAD, ())
    response.headers.clear()
    response.headers.extend([(name, value) for name, value in (*head, *frame) if value is not None])
