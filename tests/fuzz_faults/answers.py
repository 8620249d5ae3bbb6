"""Random answers, each with what upstream makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fuzz_faults.rules import Outcome, of_status, of_stream
from tests.fuzz_faults.streams import ENDS, SPOILT, World, bad_bytes, noise, whole, written

__all__ = ["FAULTS", "Drawn", "fault", "good"]

BOM = "\ufeff"
_CODES = ("invalid_prompt", "context_length_exceeded", "rate_limit_exceeded", "cyber_policy", None)
_BUSY = ("server_is_overloaded", "slow_down", None)
_SPENT = ("usage_limit_reached", "insufficient_quota", "rate_limit_exceeded", None)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An answer of a script, and how it ends. `kind` is what it is called in a tally."""

    kind: str
    answer: Mapping[str, Any]
    outcome: Outcome


def good(world: World, *, calls: int, tokens: int) -> Drawn:
    """An answer that is complete, perhaps with things in it that mean nothing, and written in some way."""
    events: list[Any] = list(whole(world, calls, tokens))
    outcome = of_stream(world.version, events, whole=True)
    for _ in range(world.random.choice((0, 0, 1, 2))):
        events.insert(world.random.randint(0, len(events) - 1), noise(world))
    if world.chance(0.15) and not world.websocket:
        late = {"type": "message", "id": "msg_late", "role": "assistant", "content": []}
        events.append({"type": "response.output_item.done", "output_index": 0, "item": late})
    answer = written(world, events)
    shape = world.random.choice(("plain", "plain", "chunks", "drip", "fault"))
    if world.websocket or shape == "plain":
        return Drawn(kind="good", answer=answer, outcome=outcome)
    if shape == "chunks":
        answer["chunking"] = {"bytes": world.random.randint(1, 90)}
        return Drawn(kind="good in chunks", answer=answer, outcome=outcome)
    if shape == "drip":
        return Drawn(kind="good, dripping", answer={**answer, "delay_ms": world.random.randint(1, 15)}, outcome=outcome)
    fault = {"kind": world.random.choice([*ENDS, "reset"]), "after": len(events)}
    return Drawn(kind=f"good, then {fault['kind']}", answer={**answer, "fault": fault}, outcome=outcome)


def _spoilt(world: World) -> Drawn:
    """A stream that does not end well, and then ends in some manner."""
    kind = world.random.choice(list(SPOILT))
    events: list[Any] = SPOILT[kind](world)
    ending = world.random.choice(ENDS)
    announced = kind in ("failed", "incomplete")
    if announced and not world.websocket and ending != "stall" and world.chance(0.15):
        kind = f"{kind}, then completed"
        events += whole(world, 0, 50)[-1:]
    outcome = of_stream(world.version, events, whole=ending == "end" or world.websocket)
    if world.websocket and kind in ("odd end", "cut"):
        outcome = Outcome(way="stream")
    if world.chance(0.3) and events:
        events.insert(world.random.randint(0, len(events) - 1), noise(world))
    answer = {**written(world, events), "fault": {"kind": ending, "after": len(events)}}
    return Drawn(kind=f"{kind}, {ending}", answer=answer, outcome=outcome)


def _reset(world: World) -> Drawn:
    """A reset before anything that is kept: what was written before it may be lost on the way."""
    events = [{"type": "response.created", "response": {"id": "resp_r"}}] * world.random.randint(0, 2)
    answer = {**written(world, events), "fault": {"kind": "reset", "after": len(events)}}
    return Drawn(kind="reset in the stream", answer=answer, outcome=Outcome(way="stream"))


def _before_head(world: World) -> Drawn:
    kind = world.random.choice(("reset", "close"))
    way: Any = "stream" if world.websocket else "request"
    return Drawn(kind=f"{kind} before the head", answer={"fault": {"kind": kind}}, outcome=Outcome(way=way))


def _bad_bytes(world: World) -> Drawn:
    events = whole(world, 0, 50)
    at = world.random.randrange(len(events))
    pieces: list[Any] = [{"event": event} for event in events]
    pieces.insert(at, bad_bytes(world))
    answer: dict[str, Any] = {"raw": pieces}
    if world.chance(0.5):
        answer["fault"] = {"kind": world.random.choice(ENDS), "after": len(pieces)}
    return Drawn(kind="bad bytes", answer=answer, outcome=Outcome(way="stream"))


def _comments(world: World) -> Drawn:
    """Comments keep no stream alive."""
    head = {"event": {"type": "response.created", "response": {"id": "resp_c"}}}
    pieces = [head, *[": keep-alive\n\n"] * 6]
    answer = {"raw": pieces, "delay_ms": int(world.idle * 0.4), "fault": {"kind": "stall", "after": len(pieces)}}
    return Drawn(kind="only comments", answer=answer, outcome=Outcome(way="stream"))


def _other_body(world: World) -> Drawn:
    """An answer of status 200 that is no stream of events."""
    http = world.random.choice(
        [
            {"status": 200, "body": {"id": "resp_j", "output": []}},
            {"status": 200, "body": "hello"},
            {"status": 204},
            {"status": 200, "headers": {"content-type": "text/event-stream"}, "body": ""},
        ]
    )
    return Drawn(kind="no events", answer={"http": http}, outcome=Outcome(way="stream"))


def _status(world: World) -> Drawn:
    status = world.random.choice(
        (400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 429, 500, 500, 501, 502, 503, 503, 504, 529)
    )
    codes = {400: _CODES, 429: _SPENT, 503: _BUSY}.get(status, (None, "server_error"))
    code = world.random.choice(codes)
    error = {"code": code, "type": code, "message": f"wrong {world.next()}"} if code else {"message": "wrong"}
    body: Any = world.random.choice([{"error": error}] * 4 + ["" if code is None else {"error": error}])
    headers = {}
    if world.chance(0.4):
        headers["retry-after"] = world.random.choice(("0", "1", "1.5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"))
    if world.chance(0.3):
        headers["x-request-id"] = f"req_{world.next()}"
    if world.websocket:
        return _error_event(world)
    outcome = of_status(world.version, status, headers, code if body else None)
    http = {"status": status, "headers": headers, "body": body}
    return Drawn(kind=f"status {status}", answer={"http": http}, outcome=outcome)


def _error_event(world: World) -> Drawn:
    """An answer of a status, as a WebSocket tells it."""
    status, code = world.random.choice(
        [
            (400, None),
            (404, None),
            (500, None),
            (400, "websocket_connection_limit_reached"),
            (429, "insufficient_quota"),
        ]
    )
    error = {"message": f"wrong {world.next()}", **({"code": code} if code else {})}
    ways: Mapping[Any, Any] = {(400, None): "final", (429, "insufficient_quota"): "final"}
    event = {"type": "error", "status": status, "error": error}
    way = ways.get((status, code), "stream")
    return Drawn(kind=f"error event {status}", answer={"events": [event]}, outcome=Outcome(way=way))


def _bom(world: World) -> Drawn:
    pieces = [BOM, *({"event": event} for event in whole(world, 0, 50))]
    return Drawn(kind="byte order mark", answer={"raw": pieces}, outcome=Outcome(way="stream"))


Draw = Callable[[World], Drawn]

FAULTS: Mapping[str, tuple[int, Draw]] = {
    "spoilt": (8, _spoilt),
    "status": (8, _status),
    "reset": (2, _reset),
    "before the head": (2, _before_head),
    "bad bytes": (2, _bad_bytes),
    "comments": (1, _comments),
    "no events": (1, _other_body),
    "byte order mark": (1, _bom),
}
"""Name -> how often, and what makes it."""

ON_SOCKET = ("spoilt", "status", "reset", "before the head", "bad bytes")
"""Those that a WebSocket knows, too."""


def fault(world: World, *, panics: bool = True) -> Drawn:
    """A random one. `panics`: also such as codex-cli answers with words of its runtime."""
    names = [name for name in (ON_SOCKET if world.websocket else FAULTS) if panics or name != "byte order mark"]
    name = world.random.choices(names, [FAULTS[name][0] for name in names])[0]
    return FAULTS[name][1](world)
