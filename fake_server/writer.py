"""Output items -> the complete event stream of one answer, as the Responses API streams it. Pure.

Each item goes from `response.output_item.added` (its in-progress form) through the events of its kind to
`response.output_item.done`; the response object stands whole in created, in_progress and the last event. The order is
the table in grammar.py; nothing here depends on the clock, so the same step gives the same bytes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fake_server.items import compact
from fake_server.script import Usage

__all__ = ["CREATED_AT", "PROGRESS", "answer_events", "encode_event", "response_object", "split_text"]

CREATED_AT = 1_767_225_600
"""`created_at` of every response object: 2026-01-01T00:00:00Z, fixed so that streams can be repeated."""

PROGRESS: Mapping[str, tuple[str, ...]] = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
}
"""Hosted tools: item type -> its progress events, in order. Their results stand only in the done item."""

_EMPTY: Mapping[str, Mapping[str, Any]] = {
    "message": {"content": []},
    "function_call": {"arguments": ""},
    "custom_tool_call": {"input": ""},
    "reasoning": {"summary": [], "content": []},
}
"""Item type -> what its in-progress form has in place of the streamed values."""

_SPOKEN = {
    "output_text": ("output_text", "text"),
    "reasoning_text": ("reasoning_text", "text"),
    "refusal": ("refusal", "refusal"),
}
"""Type of a content part -> stem of its events, key of its text."""

_ECHOED: Mapping[str, Any] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
    "metadata": {},
}
"""What a response tells of its request -> what stands there where the request does not say it."""

Event = dict[str, Any]

_DELTAS = 12  # a text comes in a few deltas, however long it is
_LAST = (
    "status",
    "error",
    "incomplete_details",
    "usage",
    "completed_at",
)  # overrides that only the last event shows


def answer_events(
    items: Sequence[Mapping[str, Any]],
    *,
    response_id: str,
    request: Mapping[str, Any] | None = None,
    usage: Usage | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> list[Event]:
    """Every event of an answer, numbered from 0.

    items      complete output items (see items.build_items)
    request    the request body, whose settings the response object echoes
    overrides  keys of the response object to replace; `status` (completed, failed, incomplete) chooses the last event
    """
    changes = dict(overrides or {})
    first = response_object(request or {}, response_id=response_id)
    first |= {key: value for key, value in changes.items() if key not in _LAST}
    status = changes.get("status", "completed")
    counted = None if status == "failed" else (usage or Usage()).to_json()
    last = first | {"status": status, "output": list(items), "usage": counted}
    if status == "completed":
        last["completed_at"] = CREATED_AT
    last |= {key: value for key, value in changes.items() if key in _LAST}

    def bodies() -> Iterator[tuple[str, dict[str, Any]]]:
        yield "response.created", {"response": first}
        yield "response.in_progress", {"response": first}
        for index, item in enumerate(items):
            yield "response.output_item.added", {"output_index": index, "item": _started(item)}
            for name, fields in _inside(item):
                yield name, {"item_id": item["id"], "output_index": index, **fields}
            yield "response.output_item.done", {"output_index": index, "item": dict(item)}
        yield f"response.{status}", {"response": last}

    return [{"type": name, "sequence_number": number, **body} for number, (name, body) in enumerate(bodies())]


def response_object(request: Mapping[str, Any], *, response_id: str) -> dict[str, Any]:
    """The response object as it stands in `response.created`: settings of the request, or API defaults."""
    told = {key: request[key] if request.get(key) is not None else value for key, value in _ECHOED.items()}
    reasoning = {"effort": None, "summary": None} | _mapping(request.get("reasoning"))
    text = {"format": {"type": "text"}, "verbosity": "medium"} | _mapping(request.get("text"))
    return {
        "id": response_id,
        "object": "response",
        "created_at": CREATED_AT,
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": request.get("model"),
        "output": [],
        **told,
        "tools": [_whole_tool(tool) for tool in told["tools"]] if isinstance(told["tools"], list) else [],
        "reasoning": reasoning,
        "text": text,
        "usage": None,
    }


def _whole_tool(tool: Any) -> Any:
    """A tool as a response tells it: a function with every key that the Open Responses schema asks for."""
    if not isinstance(tool, Mapping) or tool.get("type") != "function":
        return tool
    return {"description": None, "parameters": None, "strict": False, **tool}


def encode_event(event: Mapping[str, Any]) -> bytes:
    """One server-sent event: `event:` line (when it has a type), `data:` line with compact JSON, blank line."""
    name = event.get("type")
    head = f"event: {name}\n" if isinstance(name, str) else ""
    # a lone surrogate cannot be UTF-8; it goes out as "?", which a test of invalid bytes should not rely on
    return f"{head}data: {compact(event)}\n\n".encode("utf-8", "replace")


def split_text(text: str) -> list[str]:
    """A few pieces that give the text back when joined: words where there are some, thirds otherwise."""
    words = re.findall(r"\s*\S+|\s+\Z", text)
    if len(words) == 1:
        step = -(-len(text) // 3)
        return [text[at : at + step] for at in range(0, len(text), step)]
    step = -(-len(words) // _DELTAS) or 1
    return ["".join(words[at : at + step]) for at in range(0, len(words), step)]


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _started(item: Mapping[str, Any]) -> dict[str, Any]:
    """The in-progress form: what is streamed later is still empty."""
    kind = str(item.get("type"))
    empty = _EMPTY.get(kind, {}) if _can_be_streamed(item) else {}
    started = {key: empty.get(key, value) for key, value in item.items()}
    if started.get("status") == "completed":
        started["status"] = "in_progress"
    if kind in PROGRESS:
        started = {key: value for key, value in started.items() if key in ("id", "type", "status")}
    return started


def _inside(item: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Events between added and done."""
    if not _can_be_streamed(item):
        return
    kind = str(item.get("type"))
    if kind in ("message", "reasoning"):
        for index, part in enumerate(item.get("summary") or []):
            yield from _summary(index, part)
        for index, part in enumerate(item.get("content") or []):
            yield from _part(index, part)
    elif kind == "function_call":
        yield from _stream("function_call_arguments", "arguments", item["arguments"], {})
    elif kind == "custom_tool_call":
        yield from _stream("custom_tool_call_input", "input", item["input"], {})
    for step in PROGRESS.get(kind, ()):
        yield f"response.{kind}.{step}", {}


def _can_be_streamed(item: Mapping[str, Any]) -> bool:
    """Whether events can tell the item piece by piece. A script may send any item as it stands: one without an id, to
    which no event could refer, or one whose parts are not what its type promises, is shown at once."""
    if not isinstance(item.get("id"), str):
        return False
    whole = {"function_call": "arguments", "custom_tool_call": "input"}.get(str(item.get("type")))
    if whole is not None:
        return isinstance(item.get(whole), str)
    for name in ("summary", "content"):
        parts = item.get(name) or []
        if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
            return False
        for part in parts:
            key = "text" if name == "summary" else _SPOKEN.get(str(part.get("type")), ("", ""))[1]
            if key and not isinstance(part.get(key), str):
                return False
    return True


def _summary(index: int, part: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    place = {"summary_index": index}
    yield "response.reasoning_summary_part.added", {**place, "part": {**part, "text": ""}}
    yield from _stream("reasoning_summary_text", "text", part["text"], place)
    yield "response.reasoning_summary_part.done", {**place, "part": dict(part)}


def _part(index: int, part: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A content part; one of a kind we have no text events for is shown whole at once."""
    place = {"content_index": index}
    event, key = _SPOKEN.get(str(part.get("type")), ("", ""))
    yield "response.content_part.added", {**place, "part": {**part, key: ""} if key else dict(part)}
    if key:
        yield from _stream(event, key, part[key], place, logprobs=event == "output_text")
    yield "response.content_part.done", {**place, "part": dict(part)}


def _stream(
    event: str, key: str, text: str, place: Mapping[str, int], *, logprobs: bool = False
) -> Iterator[tuple[str, dict[str, Any]]]:
    more: dict[str, Any] = {"logprobs": []} if logprobs else {}
    for piece in split_text(text):
        yield f"response.{event}.delta", {**place, "delta": piece, **more}
    yield f"response.{event}.done", {**place, key: text, **more}
