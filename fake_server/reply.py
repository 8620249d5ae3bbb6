"""What is written for one request: status, head, and the writes of the body. Pure.

The server sends a Reply without knowing where it came from: a script, a recording, or a live provider.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fake_server.faults import Fault
from fake_server.items import build_items, compact, response_id
from fake_server.pieces import joined, messages
from fake_server.script import Answer, Headers, Hold
from fake_server.writer import answer_events, encode_event

__all__ = ["Reply", "ReplyCut", "answer_reply", "json_reply"]

_STREAM: Headers = (("content-type", "text/event-stream"),)
_JSON: Headers = (("content-type", "application/json"),)
_TEXT: Headers = (("content-type", "text/plain; charset=utf-8"),)


class ReplyCut(Exception):
    """`more` ended before its time; the client must see a cut answer too."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to send.

    writes   body, one entry per write
    more     the rest of the body, as it comes; may raise ReplyCut
    length   content-length; None means chunked
    delay    seconds between two writes
    reason   reason phrase, None for the usual one
    fault    what goes wrong on the way; `after` counts `writes`
    hold     where it rests on the way; `after` counts `writes`
    messages  what `writes` tell, for a client that wants messages
    upgrades  whether it accepts an upgrade to a WebSocket; `deflate` accepts compression too
    """

    status: int
    head: Headers
    writes: tuple[bytes, ...] = ()
    more: AsyncGenerator[bytes, None] | None = None
    length: int | None = None
    delay: float = 0.0
    reason: str | None = None
    fault: Fault | None = None
    hold: Hold | None = None
    messages: tuple[bytes | str, ...] | None = None
    upgrades: bool = False
    deflate: bool = False


def answer_reply(answer: Answer, request_body: Any = None, *, streams: bool = True) -> Reply:
    """The reply of a script's answer; the response object echoes the request body.

    streams  whether the client reads events; where it does not, `output` is one JSON object, as of the Responses API.
             Raw `events` go out as they stand.
    """
    if answer.http is not None:
        plain = answer.http.body
        data = (plain if isinstance(plain, str) else compact(plain)).encode("utf-8", "replace")
        default = () if not data else _TEXT if isinstance(plain, str) else _JSON
        head = _merge(default, answer.http.headers)
        return Reply(status=answer.http.status, head=head, writes=(data,), length=len(data))
    if answer.websocket is not None:
        return Reply(status=101, head=answer.websocket.headers, upgrades=True, deflate=answer.websocket.deflate)
    if answer.fault is not None and answer.fault.after is None:
        return Reply(status=0, head=(), fault=answer.fault)
    if answer.raw is not None:
        return _stream(answer, joined(answer.raw), messages(answer.raw))
    events = answer.events
    plain_json = events is None and not streams
    if events is None:
        events = tuple(
            answer_events(
                build_items(answer.output or (), step=answer.step),
                response_id=response_id(answer.step),
                request=request_body if isinstance(request_body, Mapping) else None,
                usage=answer.usage,
                overrides=answer.response,
            )
        )
    said = tuple(map(compact, events))
    if plain_json:
        whole = (compact(events[-1]["response"]).encode("utf-8", "replace"),)
        return _before_the_body(replace(_stream(answer, whole, said), head=_merge(_JSON, answer.headers)))
    return _stream(answer, tuple(map(encode_event, events)), said)


def _stream(answer: Answer, writes: tuple[bytes, ...], said: tuple[bytes | str, ...]) -> Reply:
    if answer.chunk_bytes is not None:
        whole, size = b"".join(writes), answer.chunk_bytes
        writes = tuple(whole[at : at + size] for at in range(0, len(whole), size))
    return Reply(
        status=200,
        head=_merge(_STREAM, answer.headers),
        writes=writes,
        delay=answer.delay_ms / 1000,
        fault=answer.fault,
        hold=answer.hold,
        messages=said,
    )


def _before_the_body(reply: Reply) -> Reply:
    """What was to happen after so many events happens before the one object that has no events."""
    fault = None if reply.fault is None else replace(reply.fault, after=0)
    return replace(reply, fault=fault, hold=None if reply.hold is None else replace(reply.hold, after=0))


def json_reply(status: int, value: Any) -> Reply:
    """A JSON answer of our own."""
    data = compact(value).encode("utf-8", "replace")
    return Reply(status=status, head=_JSON, writes=(data,), length=len(data))


def _merge(defaults: Headers, wanted: Headers) -> Headers:
    named = {name.lower() for name, _ in wanted}
    kept = tuple(pair for pair in defaults if pair[0] not in named)
    return kept + tuple(pair for pair in wanted if pair[1] is not None)
