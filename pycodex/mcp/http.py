"""A server at a URL: a POST for each message, a GET for what the server says of itself, a DELETE at the end
(captured: mcp_http/call, mcp_http/stream, mcp_http/listening)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pycodex.header_values import valid_value
from pycodex.json_reader import ArgumentsError, Reader
from pycodex.mcp.http_events import EventsWithIds
from pycodex.mcp.http_failures import EVENTS, HttpAnswer
from pycodex.mcp.http_heads import DELETE_ORDER, GET_ORDER, PROTOCOL, SESSION, request_head
from pycodex.mcp.rpc import ConnectionClosed, SendFailed
from pycodex.request import compact
from pycodex.sse import SseError
from pycodex.transports.base import Response, TransportError, TransportStyle
from pycodex.transports.http import HttpTransport

if TYPE_CHECKING:
    from pycodex.arguments import ArgumentStyle
    from pycodex.mcp.http_style import HttpStyle

__all__ = ["SENDING", "WORKER", "HttpLink"]

SENDING = TransportStyle(send_error="error sending request for url ({url})")
WORKER = "rmcp::transport::worker"
"""Whose lines of the log tell of a start that failed."""
_TARGET = "rmcp::transport::streamable_http_client"
_TAKEN = f"{EVENTS}, application/json"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_GRACE = 2.0
"""Seconds that a server has to hear that the session ends."""
_ASKING = 0.2
"""Seconds that it has to say whether it will be listened to, where the session ends at once."""
_PAUSE = 1.0
"""Seconds before a stream is taken up again, where the server does not say."""


class HttpLink:
    """The way to a server. `received` gets its messages, `dropped` the ids of requests that it will not answer, `log`
    target and text of errors."""

    def __init__(
        self,
        url: str,
        style: HttpStyle,
        *,
        version: str,
        configured: Sequence[tuple[str, str]],
        token: str | None,
        env: Mapping[str, str],
        arguments: ArgumentStyle,
        received: Callable[[Any], None],
        dropped: Callable[[Any], None],
        log: Callable[[str, str], None],
    ) -> None:
        self.url = url
        self._style, self._version, self._configured = style, version, configured
        self._arguments = arguments
        self._received, self._dropped, self._log = received, dropped, log
        self._transport = HttpTransport(SENDING, env, keeps_all=True)
        self._known = {} if token is None else {"authorization": f"Bearer {token}"}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._reading: dict[Any, asyncio.Task[None]] = {}
        self._heard = asyncio.Event()
        """The server has answered whether it will be listened to."""
        self._heard.set()

    @property
    def in_session(self) -> bool:
        """Whether the server has given the session a name."""
        return SESSION in self._known

    @property
    def agreed_on(self) -> bool:
        """Whether the server has answered `initialize`."""
        return PROTOCOL in self._known

    def agreed(self, protocol: str) -> None:
        """The version of the protocol that the server speaks."""
        self._known[PROTOCOL] = protocol

    async def send(self, message: Mapping[str, Any]) -> None:
        """Bring a message to the server; an answer that is no stream is received before this ends. Raises
        SendFailed."""
        if message.get("method") == "notifications/cancelled":
            # Nobody waits for the answer any more: its stream is not taken up again (captured: mcp_http/cut_new).
            reading = self._reading.pop(message["params"]["requestId"], None)
            if reading is not None:
                reading.cancel()
        if self._style.serial:
            # Who waits no longer does not end the request, which the next one waits for (captured: mcp_http/slow_old).
            await asyncio.shield(self._soon(self._in_turn(message)))
        else:
            await self._post(message)

    async def _in_turn(self, message: Mapping[str, Any]) -> None:
        async with self._turn:
            await self._post(message)

    async def _post(self, message: Mapping[str, Any]) -> None:
        method = message.get("method")
        known = {**self._known, "accept": _TAKEN, "content-type": "application/json"}
        async with AsyncExitStack() as stack:
            answer = await self._sent(stack, "POST", self._style.post_order, known, compact(message).encode())
            kind = answer.header("content-type")
            streams = (kind or "").startswith(EVENTS) and answer.status < 300
            try:
                text = None if streams else await _text(answer.chunks)
            except TransportError as error:
                raise self._unsent(error) from None
            told = HttpAnswer(
                status=answer.status,
                content_type=kind,
                authenticate=answer.header("www-authenticate"),
                text=text,
                method=method,
                in_session=self.in_session,
                session=answer.header(SESSION),
            )
            found = self._style.judge(told, self._arguments)
            if method == "initialize":
                if (session := answer.header(SESSION)) is not None:
                    self._known[SESSION] = session
                self._received(await self._first(answer.chunks) if streams else self._begun(found))
            elif streams:
                number = message.get("id")
                self._reading[number] = self._soon(self._read(stack.pop_all(), answer, number))
            elif found is not None:
                self._received(found)

    async def _sent(
        self,
        stack: AsyncExitStack,
        method: str,
        order: Sequence[str],
        known: Mapping[str, str],
        body: bytes | None = None,
    ) -> Response:
        """The answer to a request; `known`: what may stand in its head. Raises SendFailed."""
        if not valid_value(known.get("authorization", "")):
            raise SendFailed(*self._style.bad_token)
        head = request_head(self._style, self._configured, order, known, self._version)
        if body is not None:
            head.append(("content-length", ""))
        try:
            return await stack.enter_async_context(self._transport.stream(self.url, head, body or b"", method=method))
        except TransportError as error:
            raise self._unsent(error) from None

    def _unsent(self, error: TransportError) -> SendFailed:
        words, debug = self._style.unsent(self.url, error)
        return SendFailed(words, debug, again=True)

    def listen(self) -> None:
        """Hear what the server says unasked, where it has a session."""
        if self.in_session:
            self._heard.clear()
            self._soon(self._listen())

    async def _listen(self) -> None:
        found = await self._stream(None, None, first=True)
        if found is not None and self._style.resumes:
            await self._resume(found[0], None)

    async def _read(self, stack: AsyncExitStack, answer: Response, number: Any) -> None:
        """Read the stream that has the answer to a request."""
        try:
            async with stack:
                events, answered = await self._events(answer, number, None)
            if answered or not self._style.resumes or number is None:
                return
            if events.last_id is None:
                self._dropped(number)
            else:
                await self._resume(events, number)
        finally:
            self._reading.pop(number, None)

    async def _resume(self, events: EventsWithIds, number: Any) -> None:
        """Take up a stream that ended, again and again, until the answer to a request has come: when the server wants,
        after a refusal in pauses that double (captured: mcp_http/cut_new, mcp_http/listening_again_new)."""
        refusals = 0
        while True:
            wanted = events.retry if refusals == 0 else None
            await asyncio.sleep(_PAUSE * 2**refusals if wanted is None else wanted)
            found = await self._stream(events.last_id, number)
            if found is None:
                refusals += 1
                continue
            refusals = 0
            events, answered = found
            if answered:
                return

    async def _stream(
        self, last_id: str | None, number: Any, *, first: bool = False
    ) -> tuple[EventsWithIds, bool] | None:
        """Read the stream of the session to its end; None where the server will not have it."""
        known = {**self._known, "accept": _TAKEN} | ({} if last_id is None else {"last-event-id": last_id})
        async with AsyncExitStack() as stack:
            try:
                answer = await self._sent(stack, "GET", GET_ORDER, known)
            except SendFailed:
                return None
            finally:
                self._heard.set()
            if answer.status >= 300 or not (answer.header("content-type") or "").startswith(EVENTS):
                if first and answer.status >= 300 and answer.status != HTTPStatus.METHOD_NOT_ALLOWED:
                    self._refused(self._style.listening_refused, answer)
                return None
            return await self._events(answer, number, last_id)

    async def _events(self, answer: Response, number: Any, last_id: str | None) -> tuple[EventsWithIds, bool]:
        """Receive the messages of a stream; whether the answer to a request was among them."""
        events = EventsWithIds(last_id)
        answered = False
        with contextlib.suppress(TransportError, SseError):
            async for chunk in answer.chunks:
                for text in events.feed(chunk):
                    message = _read_json(text)
                    answered = answered or (number is not None and _answers(message, number))
                    self._received(message)
        return events, answered

    async def _first(self, chunks: AsyncIterator[bytes]) -> Any:
        """The first message of a stream. Raises ConnectionClosed."""
        events = EventsWithIds()
        with contextlib.suppress(TransportError, SseError):
            async for chunk in chunks:
                for text in events.feed(chunk):
                    try:
                        return Reader(text, self._arguments).value()
                    except ArgumentsError as error:
                        raise self._not_begun(f"Deserialize error: {error}") from None
        raise self._not_begun("unexpected server response: empty sse stream")

    def _begun(self, found: Any) -> Any:
        """The answer to `initialize`, which has to be one. Raises ConnectionClosed."""
        if found is None:
            raise self._not_begun("unexpected server response: expect initialized, accepted")
        return found

    def _not_begun(self, problem: str) -> ConnectionClosed:
        self._log(WORKER, f"worker quit with fatal: {problem}, when process initialize response")
        return ConnectionClosed()

    def _refused(self, text: str, answer: Response) -> None:
        status = answer.status
        words = {
            "url": self.url,
            "status": status,
            "class": "client" if status < 500 else "server",
            "reason": _PHRASES.get(status, "<unknown status code>"),
            "session": json.dumps(self._known.get(SESSION)),
        }
        expired = status == HTTPStatus.NOT_FOUND and text is self._style.listening_refused
        problem = "Client error: streamable HTTP session expired with 404 Not Found"
        self._log(_TARGET, f"fail to get common stream: {problem}" if expired else text.format(**words))

    def _soon(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # who waits for it has it, too

    async def aclose(self, *, told: bool = True) -> None:
        """End the session. The server is `told` of one that was begun, unless a message still waits for it."""
        told = told and self.in_session and not self._turn.locked()
        with contextlib.suppress(TimeoutError):  # however short the session: it was asked (mcp_http/start_refused)
            async with asyncio.timeout(_ASKING):
                await self._heard.wait()
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if told:
            with contextlib.suppress(SendFailed, TransportError, TimeoutError):
                async with asyncio.timeout(_GRACE), AsyncExitStack() as stack:
                    answer = await self._sent(stack, "DELETE", DELETE_ORDER, self._known)
                    if answer.status >= 300 and answer.status != HTTPStatus.METHOD_NOT_ALLOWED:
                        self._refused(self._style.end_refused, answer)
                    await _text(answer.chunks)
        await self._transport.aclose()


async def _text(chunks: AsyncIterator[bytes]) -> str:
    return b"".join([chunk async for chunk in chunks]).decode(errors="replace")


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _answers(message: Any, number: Any) -> bool:
    return (
        isinstance(message, dict) and message.get("id") == number and not message.keys().isdisjoint({"result", "error"})
    )
