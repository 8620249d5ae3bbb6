"""What a reviewing model is asked: the history as a transcript, in parts, and the action. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.items import CALLS, said_by_user, text_of
from pycodex.protocol import Item
from pycodex.records import dataclass

__all__ = ["Entry", "Words", "action_text", "entries", "question"]

_TOOL_TOKENS = 1000
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, kw_only=True)
class Words:
    """Upstream's words, exported (`guardian.*`): the parts of a first question and of later ones, with places."""

    first: Sequence[str]
    next: Sequence[str]
    retained: Sequence[str]
    """Before and after what is retained."""
    reminder: str
    reason: str
    nothing: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the transcript. `order`: its place among inputs, where it has one; `source`: as rollouts name it."""

    role: str
    text: str
    order: int | None = None
    source: Mapping[str, Any] | None = None


def entries(history: Sequence[Item], sources: Mapping[str, Mapping[str, Any]]) -> list[Entry]:
    """The history as a transcript: what user and agent said, calls and their outputs. `sources`: by the item's id, its
    place among inputs and what it is the source of."""
    found: list[Entry] = []
    names: dict[str, str] = {}
    for item in history:
        kind = item["type"]
        if kind == "message" and (item["role"] == "assistant" or said_by_user(item)):
            known = sources.get(item.get("id") or "", {})
            text = text_of(item)
            entry = Entry(role=item["role"], text=text, order=known.get("order"), source=known.get("source"))
            found += [entry] if text.strip() else []
        elif kind in CALLS:
            names[item["call_id"]] = name = item.get("name") or "local_shell"
            asked = item.get("arguments") or item.get("input") or json.dumps(item.get("action") or {})
            found.append(Entry(role=f"tool {name} call", text=_cut(asked, _TOOL_TOKENS)))
        elif kind in CALLS.values() and isinstance(item.get("output"), str):
            name = names.get(item["call_id"], "unknown")
            found.append(Entry(role=f"tool {name} result", text=_cut(item["output"], _TOOL_TOKENS)))
    return found


def _cut(text: str, tokens: int) -> str:
    """The text, its middle cut out when it is longer than that many tokens (captured: approvals/long)."""
    data, limit = text.encode(), tokens * _BYTES_PER_TOKEN
    if len(data) <= limit:
        return text
    marker = f'<truncated omitted_approx_tokens="{-(-(len(data) - limit) // _BYTES_PER_TOKEN)}" />'
    room = max(limit - len(marker), 0)
    head, tail = data[: room // 2], data[len(data) - (room - room // 2) :]
    return head.decode(errors="ignore") + marker + tail.decode(errors="ignore")


def action_text(action: Mapping[str, Any]) -> str:
    """The planned action, as it is shown."""
    return json.dumps(action, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def question(
    words: Words, said: Sequence[Entry], *, seen: int, session: str, action: Mapping[str, Any], reason: str | None
) -> tuple[list[str], list[Mapping[str, Any]]]:
    """The parts of a question about an action, and the sources that they quote. `seen`: how many entries of the
    transcript earlier questions told; None of them: it is the first."""
    new = said[seen:]
    context = [entry for entry in new if entry.role == "assistant"]
    retained = [f"Retained source order: {entry.order}\nassistant: {entry.text}\n\n" for entry in context]
    quoted = [entry.source for entry in (*context, *(e for e in new if e.role == "user")) if entry.source is not None]
    first = seen == 0
    head, *rest = words.first if first else words.next
    parts = [head]
    if first or quoted:
        parts += [words.retained[0], *retained, words.retained[1]]
    for part in rest:
        if part == "{transcript}":
            parts += [_entry(entry, seen + n, first=n == 1) for n, entry in enumerate(new, 1)] or [words.nothing]
        elif part == "{action}":
            parts.append(action_text(action))
        else:
            parts.append(part.replace("{session}", session))
            if part.startswith(">>> APPROVAL REQUEST START") and reason is not None:
                parts += [words.reason, f"{reason}\n\n"]
    return parts, quoted


def _entry(entry: Entry, number: int, *, first: bool) -> str:
    start = "" if first else "\n"
    if entry.role == "user":
        return f"{start}[{number}] Retained source order: {entry.order}\nuser: {entry.text}\n\n"
    return f"{start}[{number}] {entry.role}: {entry.text}\n"
