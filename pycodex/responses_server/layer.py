"""One exchange with a backend: a Responses request in, Responses events out. Used by the server and in-process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass
from pycodex.responses_server.adapt import Lessons
from pycodex.responses_server.backend import Backend
from pycodex.responses_server.compact import kept_input
from pycodex.responses_server.errors import LayerError, backend_error
from pycodex.responses_server.ids import item_id
from pycodex.responses_server.reading import read_answer, read_object, read_whole
from pycodex.responses_server.request import ChatRequest, chat_request
from pycodex.responses_server.response import response_object, usage_of
from pycodex.responses_server.store import Store
from pycodex.responses_server.stream import ChatStream, Event

if TYPE_CHECKING:
    from pycodex.responses_server.store import Stored
    from pycodex.transports.base import Response, Transport

__all__ = ["Answer", "Layer", "encode", "raise_failed"]

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)  # `dumps` would make one for each event
_REFERENCE = "item_reference"


def encode(value: Any) -> bytes:
    """Compact JSON. A lone half of a surrogate pair, which is no character, becomes the sign for that."""
    text = _ENCODER.encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that began. `response` is whole when the events are read to their end."""

    events: AsyncIterator[list[Event]]
    """As many at once as the backend sent at once."""
    response: dict[str, Any]
    warnings: tuple[str, ...]


class Layer:
    """A backend as a Responses provider."""

    def __init__(self, backend: Backend, transport: Transport, store: Store | None = None) -> None:
        self._backend, self._transport = backend, transport
        self.store = Store() if store is None else store
        self._lessons = Lessons()

    @asynccontextmanager
    async def ask(
        self, body: Mapping[str, Any], authorization: str | None = None, near: Store | None = None
    ) -> AsyncIterator[Answer]:
        """Ask, and give the answer as it comes; leaving early ends the request to the backend.

        `near`: what one connection remembers, also of requests that are not to be stored. Raises LayerError,
        TransportError.
        """
        before = self._before(body, near)
        added = self._resolved(_own_input(body), near)
        request = chat_request(body, self._backend, [*_history(before), *added])
        response = response_object(body, request.body["model"])
        stream = ChatStream(request, response)
        async with AsyncExitStack() as stack:
            if body.get("generate") is False:
                chunks, warnings = _nothing(stream), request.warnings
            else:
                reply, told = await self._send(stack, request, authorization)
                chunks, warnings = read_answer(reply, stream), (*request.warnings, *told)

            async def events() -> AsyncIterator[list[Event]]:
                yield stream.start()
                async for found in chunks:
                    if stream.finished:
                        self._keep(body, response, before, added, near)  # before it is told: the client may leave then
                    yield found
                if not stream.finished:
                    rest = stream.end()
                    self._keep(body, response, before, added, near)
                    yield rest

            yield Answer(events=events(), response=response, warnings=warnings)

    async def compact(self, body: Mapping[str, Any], authorization: str | None = None) -> dict[str, Any]:
        """The answer to `/responses/compact`: the user's messages, and an item for the rest. Raises as `ask`."""
        items = [*_history(self._before(body, None)), *self._resolved(_own_input(body), None)]
        plain = {key: value for key, value in body.items() if key != "stream"}
        request = chat_request(plain, self._backend, items, compacts=True)
        response = response_object(body, request.body["model"])
        stream = ChatStream(request, response)
        async with AsyncExitStack() as stack:
            reply, _ = await self._send(stack, request, authorization)
            async for _ in read_answer(reply, stream):
                pass
            stream.end()
        raise_failed(response)
        if response["status"] != "completed":
            raise LayerError("The backend did not finish its summary.", status=502, code="server_error")
        return {
            "id": item_id("resp"),
            "object": "response.compaction",
            "created_at": response["created_at"],
            "output": [*kept_input(items), *response["output"]],
            "usage": response["usage"] or usage_of(_NO_TOKENS),  # there must be one, also where nobody counted
        }

    async def models(self, authorization: str | None = None) -> dict[str, Any]:
        """What the backend has. Raises as `ask`."""
        head = self._backend.head(authorization)
        async with self._transport.stream(
            self._backend.path("models"), head[:1] + head[2:], b"", method="GET"
        ) as reply:
            if not 200 <= reply.status < 300:
                raise backend_error(reply.status, await read_whole(reply), reply.headers)
            found = await read_object(reply)
        if found is None:
            raise LayerError("The backend's list of models is no JSON object.", status=502, code="server_error")
        return found

    def stored(self, identity: str, near: Store | None = None) -> Stored:
        """A response that was kept. Raises LayerError."""
        found = (near.find(identity) if near is not None else None) or self.store.find(identity)
        if found is None:
            raise LayerError(f"Response with id '{identity}' not found.", status=404, code="not_found")
        return found

    async def _send(
        self, stack: AsyncExitStack, request: ChatRequest, authorization: str | None
    ) -> tuple[Response, list[str]]:
        """Ask the backend, again without what it names as the reason of a refusal."""
        url, head = self._backend.path("chat/completions"), self._backend.head(authorization)
        while True:
            chat, told = self._lessons.apply(request.body)
            attempt = AsyncExitStack()
            try:
                reply = await attempt.enter_async_context(self._transport.stream(url, head, encode(chat)))
                if 200 <= reply.status < 300:
                    stack.push_async_exit(attempt.pop_all())
                    return reply, told
                error = backend_error(reply.status, await read_whole(reply), reply.headers)
            finally:
                await attempt.aclose()
            if error.code == "context_length_exceeded" or not self._lessons.learn(chat, error.status, error.message):
                raise error

    def _before(self, body: Mapping[str, Any], near: Store | None) -> Stored | None:
        previous = body.get("previous_response_id")
        if previous is None:
            return None
        found = (near.find(str(previous)) if near is not None else None) or self.store.find(str(previous))
        if found is None:
            text = f"Previous response with id '{previous}' not found."
            raise LayerError(text, code="previous_response_not_found", param="previous_response_id")
        return found

    def _resolved(self, items: Sequence[Any], near: Store | None) -> list[Any]:
        """The items, those that are only named by their id looked up."""
        found = []
        for number, item in enumerate(items):
            if isinstance(item, Mapping) and item.get("type", _REFERENCE if set(item) == {"id"} else "") == _REFERENCE:
                stores = [self.store] if near is None else [near, self.store]
                item = next((it for store in stores if (it := store.item(str(item.get("id")))) is not None), None)
                if item is None:
                    raise LayerError(f"input[{number}] names an item that is not stored.", param=f"input[{number}].id")
            found.append(item)
        return found

    def _keep(
        self,
        body: Mapping[str, Any],
        response: dict[str, Any],
        before: Stored | None,
        added: Sequence[Any],
        near: Store | None,
    ) -> None:
        if response["status"] == "failed":
            return
        if near is not None:
            near.put(response, before, added)
        if body.get("store", True) is not False:
            self.store.put(response, before, added)


_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0}


def _own_input(body: Mapping[str, Any]) -> list[Any]:
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
    if given is not None and not isinstance(given, list):
        raise LayerError("input must be a string or a list of items.", code="invalid_type", param="input")
    return given or []


def raise_failed(response: Mapping[str, Any]) -> None:
    """Raises LayerError for an answer that failed, where no event can say so."""
    if response["status"] == "failed":
        error = response["error"]
        raise LayerError(error["message"], status=502, code=error["code"])


def _history(before: Stored | None) -> Sequence[Any]:
    return () if before is None else before.history


async def _nothing(stream: ChatStream) -> AsyncIterator[list[Event]]:
    """Of a request that only prepares the next one (`generate: false`, codex-cli's over a WebSocket)."""
    yield stream.feed({"choices": [{"finish_reason": "stop"}], "usage": _NO_TOKENS})
