"""What a backend sends -> the events of its answer, as many at once as came at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from pycodex.responses_server.errors import LayerError
from pycodex.responses_server.stream import ChatStream, Event
from pycodex.sse import SseError, SseParser
from pycodex.transports.base import TransportError

if TYPE_CHECKING:
    from pycodex.transports.base import Response

__all__ = ["read_answer", "read_object", "read_whole"]

_USAGE_SECONDS = 5.0
"""How long the usage, or [DONE], of an answer that is finished is waited for."""
_LONGEST_SHORT = 1024 * 1024
_LONGEST_ANSWER = 256 * 1024 * 1024


async def read_answer(reply: Response, stream: ChatStream) -> AsyncIterator[list[Event]]:
    """The events that each piece of a reply brings, up to its end. A list is never empty."""
    kind = reply.header("content-type") or ""
    if "json" in kind and "event-stream" not in kind:
        yield await _at_once(reply, stream)
        return
    parser = SseParser()
    chunks = aiter(reply.chunks)
    size = 0
    while not stream.finished:
        try:
            async with asyncio.timeout(_USAGE_SECONDS if stream.said_all else None):
                chunk = await anext(chunks, None)
            # An event whose blank line is missing counts where nothing follows.
            found = parser.feed(b"\n\n" if chunk is None else chunk)
        except TimeoutError:
            return
        except SseError as error:
            yield stream.fail({"message": f"The backend's stream cannot be read: {error}"})
            return
        except TransportError as error:
            if not stream.said_all:
                yield stream.fail({"message": f"The connection to the backend broke off: {error.message}"})
            return
        size += len(chunk or b"")
        if size > _LONGEST_ANSWER:
            yield stream.fail({"message": "The backend's answer is too long."})
            return
        events: list[Event] = []
        for text in found:
            if text.strip() == "[DONE]":
                events += stream.end(told=True)
                break
            for value in _values(text):
                events += stream.feed(value)
        if events:
            yield events
        if chunk is None:
            return


def _values(text: str) -> list[Any]:
    """The JSON of an event; of a backend that leaves the blank lines out, of several."""
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        pass
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip() not in ("", "[DONE]")]
    except (ValueError, RecursionError):
        return [text]


async def _at_once(reply: Response, stream: ChatStream) -> list[Event]:
    """The events of an answer that is no stream."""
    try:
        answer = await read_object(reply, _LONGEST_ANSWER)
    except TransportError as error:
        return stream.fail({"message": f"The connection to the backend broke off: {error.message}"})
    except LayerError as error:
        return stream.fail({"message": error.message})
    if answer is None:
        return stream.fail({"message": "The backend's answer is no JSON object."})
    if answer.get("choices") is None and not answer.get("error"):
        return stream.fail({"message": "The backend's answer has no choices."})
    return stream.feed(answer) + stream.end(told=True)


async def read_object(reply: Response, most: int = _LONGEST_SHORT) -> dict[str, Any] | None:
    """The JSON object that a reply is, None where it is none. Raises LayerError, TransportError."""
    try:
        found = json.loads(await read_whole(reply, most))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


async def read_whole(reply: Response, most: int = _LONGEST_SHORT) -> bytes:
    """The body of a reply of at most so many bytes. Raises LayerError, TransportError."""
    data = bytearray()
    async for chunk in reply.chunks:
        data += chunk
        if len(data) > most:
            raise LayerError("The backend's answer is too long.", status=502, code="server_error")
    return bytes(data)
