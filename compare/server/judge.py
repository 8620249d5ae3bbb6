"""Answers -> findings and notes, by what a case wants. Pure.

A finding is a fault that a codex user has seen (fake_server.findings); a note is something that the server does not
offer, or that could not be looked at, and no fault.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fake_server.findings import Finding, Given, find_faults, read_stream

__all__ = ["WANTS", "Judgement", "compacted", "done_items", "listed_models"]

Judgement = Iterator[Finding | str]
"""Findings, and notes as plain words."""

_LONG = "answer 400 with error.code context_length_exceeded: codex then says so, and compacts before the next turn"
_NAMED = "only a provider of the name OpenAI is asked so"
_WORDS = "answer with a JSON object: error.message is what the user reads, the whole body otherwise"


def done_items(given: Given) -> list[Mapping[str, Any]]:
    """The finished items of an answer."""
    events = read_stream(given).events
    return [
        e["item"] for e in events if e["type"] == "response.output_item.done" and isinstance(e.get("item"), Mapping)
    ]


def _turn(given: Given, body: Any) -> Judgement:
    yield from find_faults(given, body)


def _call(given: Given, body: Any) -> Judgement:
    yield from find_faults(given, body)
    if given.status == 200 and not any(str(item.get("type")).endswith("_call") for item in done_items(given)):
        yield "the model called no tool, so nothing of calls was looked at"


def _schema(given: Given, body: Any) -> Judgement:
    import jsonschema

    found = find_faults(given, body)
    yield from found
    if found or given.status != 200:
        return
    parts = [part for item in done_items(given) if item.get("type") == "message" for part in item["content"]]
    text = "".join(str(part.get("text", "")) for part in parts)
    try:
        jsonschema.validate(json.loads(text), body["text"]["format"]["schema"])
    except (ValueError, jsonschema.ValidationError):
        yield Finding(fault="schema_ignored", detail=f"the message is {text[:80]!r}")


def _refused(given: Given, body: Any, statuses: tuple[int, ...], accepted: str) -> Judgement:
    if given.status == 200:
        yield accepted
    elif given.status not in statuses:
        yield from find_faults(given, body)
    elif not isinstance(given.error.get("message"), str):
        fault = f"status_{given.status}"
        yield Finding(fault=fault, detail=f"no error.message in {given.text[:80]!r}", advice=_WORDS)


def _refused_key(given: Given, body: Any) -> Judgement:
    yield from _refused(given, body, (401,), "any key is accepted")


def _refused_model(given: Given, body: Any) -> Judgement:
    yield from _refused(given, body, (400, 404), "any model is accepted")


def _refused_length(given: Given, body: Any) -> Judgement:
    if given.status == 200:
        yield "1.5 million words were accepted"
        return
    for finding in find_faults(given, body):
        if finding.fault != "status_400_context":
            yield Finding(fault=finding.fault, detail=f"of an input that is too long: {finding.detail}", advice=_LONG)


def _burst(given: Given, body: Any) -> Judgement:
    for finding in find_faults(given, body):
        if finding.fault != "status_429_seconds":
            yield finding


def _summary(given: Given, body: Any) -> Judgement:
    yield from find_faults(given, body)
    if given.status == 200 and not any(item.get("type") == "message" for item in done_items(given)):
        yield "no message came, so codex goes on with an empty summary"


def _compaction(given: Given, body: Any) -> Judgement:
    """One item of the type compaction, and nothing else that counts (measured: with none, the turn is lost)."""
    if given.status != 200:
        yield f"not offered (HTTP {given.status}); {_NAMED}"
        return
    found = sum(item.get("type") == "compaction" for item in done_items(given))
    if found != 1:
        yield f"answered with {found} items of the type compaction, where codex needs one; {_NAMED}"
        return
    yield from find_faults(given, body)


def listed_models(given: Given) -> Judgement:
    """GET /models: only --oss asks for it."""
    if given.status != 200:
        yield f"not offered (HTTP {given.status}); only `codex --oss` asks for it"
        return
    try:
        ids = [model["id"] for model in json.loads(given.text)["data"]]
    except (ValueError, KeyError, TypeError):
        yield "answered, but not with {data: [{id: ...}]}; `codex --oss` would not find its model"
    else:
        yield f"{len(ids)} models"


def compacted(given: Given) -> Judgement:
    """POST /responses/compact: asked when the context is full, of a provider of the name OpenAI."""
    if given.status != 200:
        yield f"not offered (HTTP {given.status}); {_NAMED}"
        return
    try:
        items = json.loads(given.text)["output"]
    except (ValueError, KeyError, TypeError):
        items = None
    yield f"{len(items)} items" if isinstance(items, list) else "answered, but not with {output: [items]}"


WANTS: Mapping[str, Callable[[Given, Any], Judgement]] = {
    "turn": _turn,
    "call": _call,
    "schema": _schema,
    "refused_key": _refused_key,
    "refused_model": _refused_model,
    "refused_length": _refused_length,
    "burst": _burst,
    "summary": _summary,
    "compaction": _compaction,
}
"""What a case wants of the answer to its one request -> the judge of it; other cases talk more than once."""
