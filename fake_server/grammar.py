"""The grammar of a Responses event stream: a state table, and the judge that interprets it. Pure.

Strategy: what may follow what is data (STREAM for the response, ITEMS for each kind of item), what an event carries is
data (FIELDS); the code only looks up, and remembers what was streamed so that a `done` can be held against its deltas.
The judge is strict where an agent may be lenient: this file is what our own answers must obey, and what a recording of
a live provider can be checked with. It stops at the first event the table does not allow, because nothing after it has
a meaning; a wrong value in an allowed event is noted and the judging goes on.

Items come one after another, never interleaved. A new kind of item is one row in ITEMS (and in writer.py); keys we do
not know are allowed in items and response objects, which grow with the API, and not in the events themselves.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fake_server.writer import PROGRESS, answer_events, response_object

__all__ = ["FIELDS", "ITEMS", "RESPONSE_KEYS", "STREAM", "answer_events", "check_events"]

Table = Mapping[str, Mapping[str, str]]
"""state -> event type -> next state"""

STREAM: Table = {
    "start": {"response.created": "created"},
    "created": {"response.in_progress": "open"},
    "open": {
        "response.output_item.added": "item",
        "response.completed": "end",
        "response.failed": "end",
        "response.incomplete": "end",
    },
    "item": {"response.output_item.done": "open"},  # and the events of the item's own table
    "end": {},
}


def _parts(kinds: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """States of an item with content parts: kinds maps a part's event stem to itself as a state name."""
    rows: dict[str, dict[str, str]] = {"part": {"response.content_part.done": "added"}}
    for stem, state in kinds.items():
        step = {f"response.{stem}.delta": state, f"response.{stem}.done": "said"}
        rows["part"] |= step
        rows[state] = step
    rows["said"] = {"response.content_part.done": "added"}
    return rows


def _streamed(stem: str) -> Table:
    step = {f"response.{stem}.delta": "added", f"response.{stem}.done": "said"}
    return {"added": step, "said": {"response.output_item.done": "done"}}


def _progress(kind: str, steps: Sequence[str]) -> Table:
    states = ["added", *steps]
    rows = {state: {f"response.{kind}.{step}": step} for state, step in zip(states, steps, strict=False)}
    return {**rows, states[-1]: {"response.output_item.done": "done"}}


ITEMS: Mapping[str, Table] = {
    "message": {
        "added": {"response.content_part.added": "part", "response.output_item.done": "done"},
        **_parts({"output_text": "text", "refusal": "refusal"}),
    },
    "reasoning": {
        "added": {
            "response.reasoning_summary_part.added": "summary",
            "response.content_part.added": "part",
            "response.output_item.done": "done",
        },
        "summary": {
            "response.reasoning_summary_text.delta": "summary",
            "response.reasoning_summary_text.done": "summed",
        },
        "summed": {"response.reasoning_summary_part.done": "added"},
        **_parts({"reasoning_text": "text"}),
    },
    "function_call": _streamed("function_call_arguments"),
    "custom_tool_call": _streamed("custom_tool_call_input"),
    **{kind: _progress(kind, steps) for kind, steps in PROGRESS.items()},
}
"""Item type -> its table; it begins in "added" and ends in "done"."""

OTHER: Table = {"added": {"response.output_item.done": "done"}}
"""Items of any other kind are shown at once."""

_RESPONSE = {"response": dict}
_AT_ITEM = {"output_index": int}
_AT = {"item_id": str, "output_index": int}
_AT_PART = {**_AT, "content_index": int}
_AT_SUMMARY = {**_AT, "summary_index": int}

FIELDS: Mapping[str, Mapping[str, type]] = {
    **{f"response.{name}": _RESPONSE for name in ("created", "in_progress", "completed", "failed", "incomplete")},
    **{f"response.output_item.{step}": {**_AT_ITEM, "item": dict} for step in ("added", "done")},
    **{f"response.content_part.{step}": {**_AT_PART, "part": dict} for step in ("added", "done")},
    "response.output_text.delta": {**_AT_PART, "delta": str, "logprobs": list},
    "response.output_text.done": {**_AT_PART, "text": str, "logprobs": list},
    "response.refusal.delta": {**_AT_PART, "delta": str},
    "response.refusal.done": {**_AT_PART, "refusal": str},
    "response.reasoning_text.delta": {**_AT_PART, "delta": str},
    "response.reasoning_text.done": {**_AT_PART, "text": str},
    **{f"response.reasoning_summary_part.{step}": {**_AT_SUMMARY, "part": dict} for step in ("added", "done")},
    "response.reasoning_summary_text.delta": {**_AT_SUMMARY, "delta": str},
    "response.reasoning_summary_text.done": {**_AT_SUMMARY, "text": str},
    "response.function_call_arguments.delta": {**_AT, "delta": str},
    "response.function_call_arguments.done": {**_AT, "arguments": str},
    "response.custom_tool_call_input.delta": {**_AT, "delta": str},
    "response.custom_tool_call_input.done": {**_AT, "input": str},
    **{f"response.{kind}.{step}": _AT for kind, steps in PROGRESS.items() for step in steps},
}
"""Event type -> the fields it must carry beside `type` and `sequence_number`."""

_SPOKEN = {
    "output_text": "output_text",
    "refusal": "refusal",
    "reasoning_text": "reasoning_text",
    "summary_text": "reasoning_summary_text",
}
"""Type of a part whose text is streamed -> stem of its events."""

OPTIONAL: Mapping[str, type] = {"obfuscation": str, "name": str}
"""Padding that the live API adds to deltas, and the name of the function in the end of its arguments."""

RESPONSE_KEYS = frozenset(response_object({}, response_id="resp_1")) - {
    "background",
    "completed_at",
    "frequency_penalty",
    "max_tool_calls",
    "presence_penalty",
    "prompt_cache_key",
    "safety_identifier",
    "service_tier",
    "top_logprobs",
}
"""Keys that every response object must have; the rest came to the API later and other providers lack them."""
_FRESH: Mapping[str, Any] = {
    "object": "response",
    "status": "in_progress",
    "output": [],
    "usage": None,
    "error": None,
}
_MOVES = frozenset({"status", "output", "usage", "error", "incomplete_details", "service_tier", "completed_at"})


def check_events(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every violation, one sentence each that begins with the event's number and type; empty for a good stream."""
    return list(_Judge().judge(events))


class _Judge:
    def __init__(self) -> None:
        self.state = "start"
        self.first: Mapping[str, Any] = {}
        self.done: list[Mapping[str, Any]] = []
        self.item: Mapping[str, Any] = {}
        self.item_state = ""
        self.table: Table = OTHER
        self.parts: dict[str, list[Mapping[str, Any]]] = {}
        self.text = ""  # deltas of the part, or of the call
        self.said: str | None = None  # what the `.done` event of that text gave
        self.part: Mapping[str, Any] = {}

    def judge(self, events: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        for number, event in enumerate(events):
            name = event.get("type")
            where = f"event {number} {name}"
            if not self._step(str(name)):
                state = f"{self.state}, item {self.item_state}" if self.state == "item" else self.state
                yield f"{where}: not allowed here (state: {state}; allowed: {', '.join(self._allowed()) or 'nothing'})"
                return
            if event.get("sequence_number") != number or isinstance(event["sequence_number"], bool):
                yield f"{where}: sequence_number is {event.get('sequence_number')!r}, expected {number}"
            wrong = list(_fields(str(name), event))
            yield from (f"{where}: {text}" for text in wrong)
            if not wrong:
                yield from (f"{where}: {text}" for text in self._check(str(name))(event))
        if self.state != "end":
            yield f"the stream stops in state {self.state}; it must go on to response.completed, failed or incomplete"

    def _allowed(self) -> list[str]:
        own = self.table.get(self.item_state, {}) if self.state == "item" else STREAM[self.state]
        return sorted(own)

    def _step(self, name: str) -> bool:
        if name not in self._allowed():
            return False
        if self.state == "item":
            self.item_state = self.table[self.item_state][name]
            if self.item_state != "done":
                return True
        self.state = STREAM[self.state][name]
        return True

    def _check(self, name: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
        kind, _, step = name.removeprefix("response.").rpartition(".")
        if not kind:
            return self._response if step in ("created", "in_progress") else self._last
        if kind == "output_item":
            return self._added if step == "added" else self._finished
        if kind in ("content_part", "reasoning_summary_part"):
            return self._part_added if step == "added" else self._part_done
        if kind in PROGRESS:
            return self._place
        return self._delta if step == "delta" else self._text_done

    def _response(self, event: Mapping[str, Any]) -> Iterator[str]:
        response = event["response"]
        yield from _missing(response)
        for key, value in _FRESH.items():
            if response.get(key) != value:
                yield f"response.{key} is {response.get(key)!r}, expected {value!r}"
        if self.first and response != self.first:
            yield "the response object is not the one of response.created"
        self.first = response

    def _last(self, event: Mapping[str, Any]) -> Iterator[str]:
        response, status = event["response"], str(event["type"]).removeprefix("response.")
        yield from _missing(response)
        if response.get("status") != status:
            yield f"response.status is {response.get('status')!r}, expected {status!r}"
        changed = [k for k in self.first if k not in _MOVES and response.get(k) != self.first[k]]
        if changed:
            yield f"response.{changed[0]} changed since response.created"
        if response.get("output") != self.done:
            yield "response.output is not the list of done items"
        if status == "completed" and response.get("error") is not None:
            yield "a completed response has error null"
        if status == "failed" and not _has(response.get("error"), "code", "message"):
            yield "a failed response has an error with code and message"
        if status == "incomplete" and not _has(response.get("incomplete_details"), "reason"):
            yield "an incomplete response has incomplete_details with a reason"
        if status != "failed":
            yield from _usage(response.get("usage"))

    def _added(self, event: Mapping[str, Any]) -> Iterator[str]:
        self.item, self.item_state, self.parts = event["item"], "added", {"content": [], "summary": []}
        self.table = ITEMS.get(str(self.item.get("type")), OTHER)
        self.text, self.said = "", None
        if event["output_index"] != len(self.done):
            yield f"output_index is {event['output_index']}, expected {len(self.done)}"
        if not isinstance(self.item.get("type"), str):
            yield "the item has no type"
        if not isinstance(self.item.get("id"), str) or not self.item["id"]:
            yield "the item has no id"
        if self.item.get("status", "in_progress") != "in_progress":
            yield f"status is {self.item['status']!r}, expected 'in_progress'"
        for key in ("content", "summary", "arguments", "input"):
            if self.table is not OTHER and self.item.get(key):
                yield f"{key} must still be empty"

    def _finished(self, event: Mapping[str, Any]) -> Iterator[str]:
        item = event["item"]
        if event["output_index"] != len(self.done):
            yield f"output_index is {event['output_index']}, expected {len(self.done)}"
        for key in ("id", "type", "role", "call_id", "name"):
            if item.get(key) != self.item.get(key):
                yield f"item.{key} is {item.get(key)!r}, it was added with {self.item.get(key)!r}"
        if item.get("status") == "in_progress":
            yield "a done item is not in progress"
        if self.table is not OTHER:
            for key, parts in self.parts.items():
                if list(item.get(key) or []) != parts:
                    yield f"item.{key} is not what was streamed"
            for key in ("arguments", "input"):
                if key in item and item[key] != self.said:
                    yield f"item.{key} is not what was streamed"
        self.done.append(item)

    def _part_added(self, event: Mapping[str, Any]) -> Iterator[str]:
        yield from self._place(event)
        self.part, self.text, self.said = event["part"], "", None
        if self.part.get("type") in _SPOKEN and (self.part.get("text") or self.part.get("refusal")):
            yield "the text of an added part must still be empty"

    def _part_done(self, event: Mapping[str, Any]) -> Iterator[str]:
        yield from self._place(event)
        part = event["part"]
        self.parts["summary" if "summary_index" in event else "content"].append(part)
        if part.get("type") != self.part.get("type"):
            yield f"part.type is {part.get('type')!r}, it was added as {self.part.get('type')!r}"
        if part.get("type") not in _SPOKEN:  # shown whole, at once
            if part != self.part:
                yield "the part is not the one that was added"
            return
        told = part.get("text", part.get("refusal"))
        if told != self.said:
            yield f"the part says {told!r}, its events said {self.said!r}"

    def _delta(self, event: Mapping[str, Any]) -> Iterator[str]:
        yield from self._place(event)
        yield from self._spoken(event)
        if not event["delta"]:
            yield "an empty delta"
        self.text += event["delta"]

    def _text_done(self, event: Mapping[str, Any]) -> Iterator[str]:
        yield from self._place(event)
        yield from self._spoken(event)
        key = next(k for k in ("text", "refusal", "arguments", "input") if k in event)
        self.said = event[key]
        if self.said != self.text:
            yield f"{key} is {self.said!r}, the deltas gave {self.text!r}"

    def _spoken(self, event: Mapping[str, Any]) -> Iterator[str]:
        wanted = next((part for part, stem in _SPOKEN.items() if event["type"].startswith(f"response.{stem}.")), None)
        if wanted is not None and self.part.get("type") != wanted:
            yield f"an event of a part of type {wanted}, this one is {self.part.get('type')!r}"

    def _place(self, event: Mapping[str, Any]) -> Iterator[str]:
        expected = {
            "item_id": self.item.get("id"),
            "output_index": len(self.done),
            "content_index": len(self.parts["content"]),
            "summary_index": len(self.parts["summary"]),
        }
        for key, value in expected.items():
            if key in event and event[key] != value:
                yield f"{key} is {event[key]!r}, expected {value!r}"


def _fields(name: str, event: Mapping[str, Any]) -> Iterator[str]:
    wanted = FIELDS[name]
    for key, kind in wanted.items():
        value = event.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            yield f"{key} must be {kind.__name__}, is {'missing' if key not in event else repr(value)}"
    for key in event:
        if key not in wanted and key not in OPTIONAL and key not in ("type", "sequence_number"):
            yield f"unknown field {key}"


def _missing(response: Mapping[str, Any]) -> Iterator[str]:
    missing = sorted(RESPONSE_KEYS - response.keys())
    if missing:
        yield f"the response object lacks {', '.join(missing)}"


def _has(value: Any, *keys: str) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(key), str) for key in keys)


def _usage(usage: Any) -> Iterator[str]:
    try:
        given = (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"])
        cached = usage["input_tokens_details"]["cached_tokens"]
        reasoning = usage["output_tokens_details"]["reasoning_tokens"]
    except (KeyError, TypeError):
        yield "usage lacks input_tokens, output_tokens, total_tokens or their details"
        return
    if given[0] + given[1] != given[2]:
        yield f"usage.total_tokens is {given[2]}, expected {given[0] + given[1]}"
    if cached > given[0]:
        yield "usage: more cached tokens than input tokens"
    if reasoning > given[1]:
        yield "usage: more reasoning tokens than output tokens"
