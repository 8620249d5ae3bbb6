"""The drift between two versions as text for a terminal, as Markdown for an issue, and as JSON. Pure.

One line for each change: `+` what is new, `-` what is gone, `~` what is otherwise, then in how many scenarios and the
plainest of them. Texts follow, word by word.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from compare.drift.changes import AGENT_SURFACES, SERVER_SURFACES, Change, Drift, Part, drift_code
from compare.drift.texts import size_of, text_diff

__all__ = ["change_line", "drift_json", "render_markdown", "render_text"]

_SIGNS = {"added": "+", "missing": "-", "changed": "~", "moved": "~", "order": "~"}
_TITLES = (("What a server sees", SERVER_SURFACES), ("What an agent does", AGENT_SURFACES))
_SURFACES = {
    "traffic": "requests and answers",
    "head": "headers",
    "body": "the body",
    "input": "items of the input",
    "tools": "tools",
    "instructions": "base instructions",
    "tool_output": "what tools answer",
    "stdout": "standard output",
    "exit": "exit codes",
    "stderr": "standard error",
    "files": "files",
    "rollout": "rollouts",
}
_WIDTH = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = ("exec/hello", "exec/hello_fallback", "request/hello_code_mode", "exec/resume", "tools/exec_command")
_MOST_PARTS = 24
_MOST_TEXTS = 3


def render_text(drift: Drift) -> str:
    """For a terminal, texts and all."""
    lines = [*_summary(drift), *_blocks(drift, "", lambda title: ["", f"{title}"])]
    for change, before, after in _texts(drift):
        lines += ["", f"text of {change.thing}: {size_of(before, after)}", *text_diff(before, after)]
    return "\n".join(lines)


def render_markdown(drift: Drift, *, link: str = "captures/scenarios/", limit: int = 60_000) -> str:
    """For an issue or a step summary: `link` stands before the id of a scenario; texts that no longer fit are named."""
    title = f"# codex-cli {drift.before} -> {drift.after}"
    lines = [title, "", *_summary(drift, "- "), *_blocks(drift, "- ", lambda text: ["", f"### {text}", ""], link)]
    size = sum(len(line) + 1 for line in lines)
    for change, before, after in _texts(drift):
        summary = f"{html.escape(change.thing.replace('`', ''))}: {html.escape(size_of(before, after))}"
        block = [
            "",
            f"<details><summary>{summary}</summary>",
            "",
            "````diff",
            *text_diff(before, after),
            "````",
            "",
            "</details>",
        ]
        size += sum(len(line) + 1 for line in block)
        lines += block if size < limit - 1000 else ["", f"{summary} (`python -m compare drift` shows it)"]
    return _within("\n".join(lines) + "\n", limit)


def _within(text: str, limit: int) -> str:
    """At most so many characters, in whole lines; an issue takes no more than 65536."""
    if len(text) <= limit:
        return text
    return text[: text.rindex("\n", 0, limit)] + "\n\nand more: `python -m compare drift` shows it\n"


def drift_json(drift: Drift) -> str:
    """Everything, for programs."""
    data = {
        "format": 1,
        "before": drift.before,
        "after": drift.after,
        "exit_code": int(drift_code(drift)),
        "compared": dict(drift.compared),
        "notes": list(drift.notes),
        "not_run": dict(drift.not_run),
        "misfits": dict(drift.misfits),
        "failed": dict(drift.failed),
        "changes": [
            {
                "surface": change.surface,
                "thing": change.thing,
                "kind": change.kind,
                "parts": [vars(part) for part in change.parts],
                "cells": list(change.cells),
                "seen_once": change.once,
            }
            for change in drift.changes
        ],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def change_line(change: Change, drift: Drift, link: str | None = None) -> str:
    """One change on one line."""
    total = sum(drift.compared.get(role, 0) for role in {cell.partition("/")[0] for cell in change.cells})
    where = f"{len(change.cells)} of {total}"
    cell = _plainest(change.cells)
    scenario = cell.partition("/")[2]
    role = "" if cell.startswith("direct/") else f" ({cell.partition('/')[0]})"
    shown = f"[{scenario}]({link}{scenario}.yaml){role}" if link is not None else f"{scenario}{role}"
    once = "; seen once" if change.once else ""
    return (
        f"{_SIGNS[change.kind]} {change.thing}{_what(change)} [{where}: {shown}{once}]"
        if link is None
        else (f"**{_SIGNS[change.kind]}** {change.thing}{_what(change)} ({where}: {shown}{once})")
    )


def _summary(drift: Drift, mark: str = "") -> list[str]:
    roles = ", ".join(f"{count} {role}" for role, count in drift.compared.items())
    seen = sum(change.for_server for change in drift.changes)
    lines = [
        f"{drift.before} -> {drift.after}: a server sees {seen} of {len(drift.changes)} changes; "
        f"{sum(drift.compared.values())} scenarios compared ({roles or 'none'})"
    ]
    lines += drift.notes
    lines += [f"not run: {name}: {message}" for name, message in drift.not_run.items()]
    lines += [f"the script did not fit: {name}: {message}" for name, message in drift.misfits.items()]
    lines += [f"harness error: {name}: {message}" for name, message in drift.failed.items()]
    return [f"{mark}{line}" for line in lines]


def _blocks(drift: Drift, mark: str, title: Any, link: str | None = None) -> Iterator[str]:
    for heading, surfaces in _TITLES:
        for surface in surfaces:
            found = [change for change in drift.changes if change.surface == surface]
            if found:
                yield from title(f"{heading}: {_SURFACES[surface]} ({len(found)})")
                for change in found:
                    yield f"{mark or '  '}{change_line(change, drift, link if mark else None)}"


def _texts(drift: Drift) -> Iterator[tuple[Change, str, str]]:
    """The texts that changed, of what a server sees and for people; rollouts only repeat them."""
    shown = set()
    for change in drift.changes:
        if change.surface in ("files", "rollout"):
            continue
        for before, after in change.texts[:_MOST_TEXTS]:
            if (before, after) not in shown:
                shown.add((before, after))
                yield change, before, after


def _what(change: Change) -> str:
    """What became of the thing: its values where it is whole, its parts by name where it is not."""
    if change.kind == "moved":
        return " stands elsewhere"
    fields = [part for part in change.parts if part.field]
    if not fields:
        return _values(change.parts[0], change.kind)
    if len(fields) == 1:
        part = fields[0]
        return f": `{part.field}`{_values(part, change.kind)}"
    names = [f"`{part.field}`{_brief(part, change.kind)}" for part in fields[:_MOST_PARTS]]
    more = f" and {len(fields) - _MOST_PARTS} more" if len(fields) > _MOST_PARTS else ""
    return f": {', '.join(names)}{more}"


def _values(part: Part, kind: str) -> str:
    if kind == "order":
        ours, theirs = _out_of_place(part.before, part.after)
        return f": {ours} -> {theirs}"
    more = part.forms - 1
    others = f" and {more} more value{'s' if more > 1 else ''}" if more else ""
    if kind == "added":
        return f": {_shown(part.after)}{others}"
    if kind == "missing":
        return f" (was {_shown(part.before)}{others})"
    if isinstance(part.before, str) and isinstance(part.after, str) and max(len(part.before), len(part.after)) > _WIDTH:
        return f": {_stretch(part.before, part.after)} -> {_stretch(part.after, part.before)}{others}"
    return f": {_shown(part.before)} -> {_shown(part.after)}{others}"


def _brief(part: Part, kind: str) -> str:
    value = part.after if kind == "added" else None
    return f" {_shown(value)}" if isinstance(value, str | int | float) and len(str(value)) <= 24 else ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict) and "$json" in value:
        value = value["$json"]
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        value = value["text"]
    text = " ".join((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).split())
    text = text if len(text) <= _WIDTH else f"{text[:_WIDTH]}… ({len(text)} characters)"
    text = _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
    return f"`{text.replace('`', chr(39))}`" if text else "an empty text"


def _stretch(text: str, other: str) -> str:
    """The place of a long text where it begins to differ."""
    at = next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    start = max(0, at - 24)
    return _shown(("…" if start else "") + text[start : start + _WIDTH] + ("…" if start + _WIDTH < len(text) else ""))


def _out_of_place(ours: Any, theirs: Any) -> tuple[str, str]:
    """The stretch of two orders that differs."""
    first = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), 0)
    stop = next((n for n in range(len(ours), first, -1) if ours[n - 1 :] != theirs[n - 1 :]), len(ours))
    return tuple(f"`{', '.join(map(str, names[first:stop]))}`" for names in (ours, theirs))  # type: ignore[return-value]


def _plainest(cells: Sequence[str]) -> str:
    for name in _PLAIN:
        for cell in cells:
            if cell.partition("/")[2] == name:
                return cell
    return cells[0]
