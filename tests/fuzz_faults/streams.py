"""Random event streams: what a model says, how it ends, and how the bytes of it are written."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

__all__ = ["ENDS", "SPOILT", "World", "bad_bytes", "noise", "whole", "written"]

Event = dict[str, Any]

BAD_BYTES = (b"\xff", b"\xf0\x90(", b"\xed\xa0\x80", b"\xc3")
FAILED = (
    *("server_error", "rate_limit_exceeded", "slow_down", "server_is_overloaded", "context_length_exceeded"),
    *("insufficient_quota", "usage_not_included", "invalid_prompt", "cyber_policy", "bio_policy", "no_such_code"),
    *("previous_response_not_found", "vector_store_timeout", None),
)
REASONS = ("max_output_tokens", "content_filter", "something", None)


@dataclass(kw_only=True)
class World:
    """What is drawn from: chance, the version, and numbers that do not come twice. `idle`: milliseconds."""

    random: Random
    version: str
    idle: int
    websocket: bool = False
    counts: bool = False
    """Whether every answer says what it took."""
    number: int = 0

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def next(self) -> int:
        """A new number."""
        self.number += 1
        return self.number


def _items(world: World, calls: int) -> list[Event]:
    """The events of some items, so many of them calls."""
    kinds = ["call"] * calls + world.random.choices(["message", "reasoning"], k=world.random.randint(0, 2))
    world.random.shuffle(kinds)
    return [event for index, kind in enumerate(kinds) for event in _item(world, kind, index)]


def _item(world: World, kind: str, index: int) -> list[Event]:
    number = world.next()
    item: Event
    inside: list[Event] = []
    if kind == "message":
        text = f"said {number} ü€😀"
        part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
        item = {"type": "message", "id": f"msg_{number}", "status": "completed", "role": "assistant", "content": [part]}
        inside = [_about(item, "output_text.delta", index, content_index=0, delta=piece) for piece in text.split(" ")]
    elif kind == "reasoning":
        part = {"type": "summary_text", "text": f"thought {number}"}
        item = {"type": "reasoning", "id": f"rs_{number}", "summary": [part]}
    else:
        name, arguments = world.random.choice(
            [("exec_command", json.dumps({"cmd": f"echo {number}", "yield_time_ms": 10000})), ("nope", "{}")]
        )
        item = {"type": "function_call", "id": f"fc_{number}", "call_id": f"call_{number}", "status": "completed"}
        item |= {"name": name, "arguments": arguments}
    begun = {**item, "content": []} if kind == "message" else {**item, "summary": []} if kind == "reasoning" else item
    added = {"type": "response.output_item.added", "output_index": index, "item": begun}
    done = {"type": "response.output_item.done", "output_index": index, "item": item}
    events = [added, *inside, done] if world.chance(0.8) or inside else [done]
    return [*events, done] if world.chance(0.05) and kind == "message" else events


def _about(item: Event, kind: str, index: int, **more: Any) -> Event:
    return {"type": f"response.{kind}", "item_id": item["id"], "output_index": index, **more}


def whole(world: World, calls: int, tokens: int) -> list[Event]:
    """An answer from its beginning to its end."""
    response = {"id": f"resp_{world.next()}"}
    begin = [{"type": "response.created", "response": response}] if world.chance(0.9) else []
    usage = {"input_tokens": tokens - 5, "output_tokens": 5, "total_tokens": tokens}
    counted = usage if world.counts or world.chance(0.8) else None
    return [*begin, *_items(world, calls), {"type": "response.completed", "response": {**response, "usage": counted}}]


def _without_end(world: World) -> list[Event]:
    return whole(world, _broken_calls(world), 50)[:-1]


def _broken_calls(world: World) -> int:
    """Calls in a stream that breaks: 0.115.0 itself drops them or not, from run to run."""
    return int(world.version != "0.115.0" and world.chance(0.3))


def _cut(world: World) -> list[Event]:
    events = whole(world, _broken_calls(world), 50)
    return events[: world.random.randrange(len(events))]


def _failed(world: World) -> list[Event]:
    code = world.random.choice(FAILED)
    text = f"broken {world.next()}"
    if code == "rate_limit_exceeded":
        text += ", please try again in 50ms"
    error = world.random.choice([{"code": code, "message": text}] * 6 + [None])
    return [*_without_end(world), {"type": "response.failed", "response": {"id": "resp_f", "error": error}}]


def _incomplete(world: World) -> list[Event]:
    reason = world.random.choice(REASONS)
    details = None if reason is None else {"reason": reason}
    response = {"id": "resp_i", "status": "incomplete", "incomplete_details": details}
    return [*_without_end(world), {"type": "response.incomplete", "response": response}]


def _odd_end(world: World) -> list[Event]:
    """What looks like an end and is none."""
    last: Event = world.random.choice(
        [
            {"type": "response.done", "response": {"id": "resp_d"}},
            {"type": "response.completed"},
            {"type": "response.completed", "response": {}},
            {"type": "response.completed", "response": {"id": "resp_o", "usage": {"input_tokens": 1}}},
            {"type": "error", "error": {"code": "server_error", "message": "ignored"}},
        ]
    )
    return [*_without_end(world), last]


SPOILT = {"cut": _cut, "failed": _failed, "incomplete": _incomplete, "odd end": _odd_end}
"""Kinds of streams that do not end well."""

ENDS = ("end", "close", "stall")
"""Faults that leave what was written readable; after a reset it may be lost, in both agents."""


def noise(world: World) -> Event | str:
    """Something that means nothing."""
    events: list[Event | str] = [
        {"type": "response.in_progress", "response": {"id": "resp_n"}},
        {"type": "response.what_is_that", "data": [1, {"a": None}]},
        {"type": "response.output_item.done", "output_index": 9, "item": {"type": "message"}},
        {"type": "response.output_item.done", "output_index": 9},
        {"no": "type"},
        "not json",
        "{",
    ]
    plain: list[Event | str] = ["[DONE]", '{"type":"response.completed","response":{"id":']
    return world.random.choice(events if world.websocket else events + plain)


def written(world: World, events: Sequence[Event]) -> dict[str, Any]:
    """The answer that writes these events, one write each: as they usually are, or in another way that SSE allows."""
    if world.websocket or world.chance(0.4):
        return {"events": list(events)} if not _has_text(events) else {"raw": [_piece(world, one) for one in events]}
    style = {
        "end": world.random.choice(["\n", "\r\n", "\r"]),
        "named": world.chance(0.5),
        "space": world.chance(0.7),
        "spread": world.chance(0.2),
        "comments": world.chance(0.3),
        "fields": world.chance(0.2),
    }
    return {"raw": [_dressed(event, style) for event in events]}


def _has_text(events: Sequence[Any]) -> bool:
    return any(isinstance(event, str) for event in events)


def _piece(world: World, event: Event | str) -> Any:
    if isinstance(event, str):
        return event if world.websocket else f"data: {event}\n\n"
    return {"event": event}


def _dressed(event: Event | str, style: Mapping[str, Any]) -> str:
    name = event.get("type", "") if isinstance(event, dict) else "message"
    lines = [": keep-alive"] if style["comments"] else []
    lines += [f"event: {name}"] if style["named"] else []
    lines += ["id: 7", "retry: 10", "other: x"] if style["fields"] else []
    text = event if isinstance(event, str) else json.dumps(event, indent=1 if style["spread"] else None)
    lines += [f"data:{' ' * style['space']}{line}" for line in text.splitlines()]
    # A CR ends a line once it is known what follows it.
    end = str(style["end"])
    return end.join([*lines, "", ""]) + (":\n" if end == "\r" else "")


def bad_bytes(world: World) -> dict[str, str]:
    """A piece with a byte that is not UTF-8; a binary message on a WebSocket."""
    return {"base64": base64.b64encode(b": " + world.random.choice(BAD_BYTES) + b"\n").decode()}
