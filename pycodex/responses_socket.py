"""Answers over a WebSocket: one connection for the session, warmed up once; then each request names the response that
it goes on from and carries only what is new (captures/upstream/0.169.0/direct/request/openai_websocket).

What breaks is given up with its connection: the next request opens another one and carries the whole input. A provider
that refuses the upgrade for good is posted to (`refused`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import items
from pycodex.credentials import Refusals, prepare
from pycodex.metadata import pick_texts
from pycodex.protocol import Item
from pycodex.records import dataclass, replace
from pycodex.request import build_body, build_head, compact, turn_values
from pycodex.sampling import Completed, Failure, Logged, Opened, OutputItem, SampleEvent, Sampler
from pycodex.transports.authorities import unusable
from pycodex.transports.base import TransportError
from pycodex.transports.proxies import proxy_for
from pycodex.transports.websocket import UpgradeRefused, WebSocket, connect, system_words, websocket_url
from pycodex.upstream.failures import status_words

if TYPE_CHECKING:
    from pycodex.context import ContextManager, Turn
    from pycodex.model import ModelRequest
    from pycodex.settings import Settings
    from pycodex.transports.frames import Message
    from pycodex.upstream.sockets import WebSocketStyle

__all__ = ["ResponsesSocket", "upgrade_head"]

_UPGRADE_REQUIRED = 426
_HANDSHAKE = (
    ("Host", ""),
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", ""),
)
_OF_ONE_REQUEST = ("input", "client_metadata", "generate", "access_programs")
_EXTENSIONS = ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits")


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """A request that was answered to its end: what the next one may go on from."""

    settings: dict[str, Any]
    """The body without what belongs to one request alone."""
    items: tuple[Item, ...]
    """The whole input, and what the model said to it."""
    response_id: str


class ResponsesSocket:
    """The session's WebSocket. Its events are those of a `ModelClient`; failures say that a WebSocket had them."""

    def __init__(self, settings: Settings, style: WebSocketStyle, refusals: Callable[[Settings], Refusals]) -> None:
        self.refused = False
        """The provider wants to be posted to: so it said, or a proxy stands before it."""
        self._settings = settings
        self._style = style
        self._refusals = refusals
        self._socket: WebSocket | None = None
        self._warmed = False
        self._answered: _Answered | None = None

    async def stream(self, request: ModelRequest) -> AsyncIterator[SampleEvent]:
        """The answer as it arrives; nothing but log lines when the upgrade is `refused`."""
        if not self._warmed:
            self._warmed = True
            tools = request.tools if request.apart is None else request.apart
            async for event in self._ask(replace(request, tools=tools), None, request.context.base_input()):
                if isinstance(event, Logged):
                    yield event
        if self.refused:
            return
        asked = self if request.apart is None else self._beside()
        try:
            async for event in asked._ask(request, request.turn, request.input):
                yield event
        finally:
            if asked is not self:
                self.refused = asked.refused
                asked.close()

    def _beside(self) -> ResponsesSocket:
        """Another connection, for one request."""
        return ResponsesSocket(self._settings, self._style, self._refusals)

    async def _ask(self, request: ModelRequest, turn: Turn | None, given: Sequence[Item]) -> AsyncIterator[SampleEvent]:
        """One request and its answer; without a turn it only warms the connection up."""
        for line in await prepare(self._settings):
            yield line
        if self._socket is None or not self._socket.usable:
            async for event in self._connect(request.context, turn):
                yield event
        if self._socket is None:
            return
        values = turn_values(request.context, turn)
        async for event in self._talk(self._socket, self._body(request, turn, given, values), given):
            if isinstance(event, Failure):
                self.close()
                event = replace(event, websocket=True)
            yield event

    async def _connect(self, context: ContextManager, turn: Turn | None) -> AsyncIterator[SampleEvent]:
        """Open the connection, anew where what is done about a refusal of the credentials lets it. What hinders it is
        logged, and a failure unless the provider wants to be posted to."""
        refusals = self._refusals(self._settings)
        while True:
            failed = None
            async for event in self._try_to_connect(turn_values(context, turn)):
                if isinstance(event, Failure):
                    failed = event
                else:
                    yield event
            done = None if failed is None else await refusals.after(failed)
            for line in () if done is None else done.logged:
                yield line
            if done is not None and done.failure is None:
                for line in await prepare(self._settings):
                    yield line
                continue
            if failed is not None:
                yield failed if done is None or done.failure is None else replace(done.failure, websocket=True)
            return

    async def _try_to_connect(self, values: dict[str, Any]) -> AsyncIterator[SampleEvent]:
        """Open the connection, or tell why not."""
        self.close()
        provider, environment = self._settings.config.provider, self._settings.environment
        url = websocket_url(provider.url("responses"))
        head = upgrade_head(build_head(self._style.headers, values, provider, environment))
        if (untrusted := unusable(environment)) is not None:
            detail = f"failed to configure websocket TLS: {untrusted}"
            yield Failure(kind="send", detail=detail, url=url, websocket=True)
            return
        stage = "Unknown"
        try:
            async with asyncio.timeout(provider.websocket_connect_timeout_ms / 1000):
                tls = None
                if url.startswith("wss:"):
                    from pycodex.transports.tls import tls_context

                    tls = tls_context(environment)
                proxy = proxy_for(provider.url("responses"), environment)
                self._socket = await connect(url, head, tls, proxy)
            return
        except TimeoutError:
            yield Failure(kind="timeout", detail=self._style.timeout, url=url, websocket=True)
            return
        except UpgradeRefused as answer:
            failure = Failure(
                kind="status", status=answer.status, body=answer.body, headers=answer.headers, url=url, websocket=True
            )
            reason = f"HTTP error: {status_words(answer.status)}"
        except TransportError as error:
            failure = Failure(kind="send", detail=error.message, url=url, websocket=True)
            stage = "Tls" if error.kind == "tls" else stage
            reason = error.message if error.kind == "protocol" else self._style.broken.format(reason=error.message)
        told = self._style.connect_log.format(reason=reason, url=url, stage=stage)
        yield Logged(target=self._style.log_target, message=told)
        self.refused = failure.status == _UPGRADE_REQUIRED
        if not self.refused:
            yield failure

    def _body(
        self, request: ModelRequest, turn: Turn | None, given: Sequence[Item], values: dict[str, Any]
    ) -> dict[str, Any]:
        """The body of a request with the whole input."""
        values["request_started_at_ms"] = int(time.time() * 1000)
        body = build_body(request.context, values, request.tools, given)
        body["client_metadata"] = pick_texts(self._style.client_metadata, values)
        if turn is not None:
            return body
        # A warm-up asks for no access program (captured: request/cyber_access_program).
        return {**{key: value for key, value in body.items() if key != "access_programs"}, "generate": False}

    async def _talk(self, socket: WebSocket, body: dict[str, Any], given: Sequence[Item]) -> AsyncIterator[SampleEvent]:
        """Send a request, with no more of its input than is new, and read the answer."""
        fixed = {key: value for key, value in body.items() if key not in _OF_ONE_REQUEST}
        fresh = self._new_items(fixed, given)
        if fresh is not None and self._answered is not None:
            body = {**body, "input": fresh, "previous_response_id": self._answered.response_id}
        self._answered = None
        message = {"type": "response.create", **{key: body[key] for key in self._style.keys if key in body}}
        try:
            await socket.send(compact(message))
        except OSError as error:
            yield Failure(kind="body", detail=self._style.broken.format(reason=system_words(error)))
            return
        yield Opened(headers=socket.headers, websocket=True)
        said: list[Item] = []
        async for event in self._events(socket):
            if isinstance(event, OutputItem):
                said.append(event.item)
            if isinstance(event, Completed):
                known = (*given, *self._as_sent(said))
                self._answered = _Answered(settings=fixed, items=known, response_id=event.response_id)
            yield event

    def _new_items(self, fixed: dict[str, Any], given: Sequence[Item]) -> list[Item] | None:
        """What `given` adds to the request before; None where it does not just add."""
        last = self._answered
        if last is None or last.settings != fixed:
            return None
        known = len(last.items)
        same = len(given) >= known and all(map(_same, last.items, given))
        return list(given[known:]) if same else None

    def _as_sent(self, said: Sequence[Item]) -> list[Item]:
        """The model's items as the next input has them."""
        dialect = self._settings.dialect
        kept = (items.keep(item, dialect.items, dialect.ids) for item in said)
        return [items.wire(item, dialect.ids) for item in kept if item is not None]

    async def _events(self, socket: WebSocket) -> AsyncIterator[SampleEvent]:
        sampler = Sampler(style=self._settings.dialect.stream.answers)
        idle = self._settings.config.provider.stream_idle_timeout_ms / 1000
        while not sampler.finished:
            try:
                async with asyncio.timeout(idle or None):
                    message = await socket.receive()
            except TimeoutError:
                yield Failure(kind="idle", detail=self._style.idle)
                return
            except (OSError, ValueError) as error:
                yield Failure(kind="body", detail=self._style.broken.format(reason=system_words(error)))
                return
            failure = self._failure(message)
            found = sampler.feed(message.text) if message is not None and failure is None else []
            for event in found:
                yield event
            failure = failure or sampler.announced
            if failure is not None:
                yield failure
                return

    def _failure(self, message: Message | None) -> Failure | None:
        """What is wrong with a message of the provider, or what its `error` event tells."""
        if message is None:
            return Failure(kind="closed", detail=self._style.cut)
        if message.kind == "close":
            return Failure(kind="closed", detail=self._style.closed)
        if message.kind != "text":
            return Failure(kind="decode", detail=self._style.binary)
        if '"error"' not in message.text:
            return None  # deltas are most of what is said, and are read once
        try:
            event = json.loads(message.text)
        except ValueError:
            return None
        # Without a status it is passed over (captures/upstream/0.169.0/direct/faults/websocket_errors).
        if not isinstance(event, dict) or event.get("type") != "error" or not isinstance(event.get("status"), int):
            return None
        error, headers = _table(event.get("error")), _table(event.get("headers"))
        if error.get("code") in self._style.lost:
            return Failure(kind="failed", code=error["code"], detail=str(error.get("message") or ""))
        return Failure(
            kind="status",
            status=event["status"],
            body=message.text,
            headers=tuple((name.lower(), str(value)) for name, value in headers.items()),
        )

    def close(self) -> None:
        """Drop the connection, and with it what the provider knows of the conversation."""
        if self._socket is not None:
            self._socket.close()
        self._socket = self._answered = None


def upgrade_head(own: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The head of an upgrade: the client's map of headers fills the place of each of its own five with the last one
    (captured)."""
    return [*_HANDSHAKE, *own[-len(_HANDSHAKE) :][::-1], *own[: -len(_HANDSHAKE)], _EXTENSIONS]


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _same(one: Item, two: Item) -> bool:
    """Whether two items are the same one; a note of one of them, or an id that was made for it, says nothing."""
    return {**one, "id": None, items.NOTE: None} == {**two, "id": None, items.NOTE: None}
