"""Differences of all scenarios -> one change for each rule that changed. Pure.

In the order of what must be done first: what a server sees before what only an agent does, and of each surface what is
new or gone before what is otherwise, the widest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from captures.recording import Recording
from compare.diff import compare_trees
from compare.difference import Difference
from compare.drift.subjects import Subject, subject_of
from compare.surfaces import Tree
from compare.templates import is_duration_key, make_template

__all__ = [
    "AGENT_SURFACES",
    "ORDER",
    "SERVER_SURFACES",
    "Change",
    "Compared",
    "Drift",
    "DriftCode",
    "Part",
    "compare_pair",
    "drift_code",
    "group",
    "refusal",
]

SERVER_SURFACES = ("traffic", "head", "body", "input", "tools", "instructions", "tool_output")
"""What a server sees, in the order in which it must cope with it."""

AGENT_SURFACES = ("stdout", "exit", "stderr", "files", "rollout")
"""What only those see who start the agent."""

ORDER = (*SERVER_SURFACES, *AGENT_SURFACES)
_KINDS = ("added", "missing", "changed", "moved", "order")
_LONG = 200


class DriftCode(IntEnum):
    """Exit codes of `compare drift`."""

    NONE = 0
    AGENT = 1
    USAGE = 2
    HARNESS_ERROR = 3
    SERVER = 5


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One scenario in one role: `refused` says which version did not start it and its message."""

    name: str
    differences: tuple[tuple[Difference, Subject], ...] = ()
    refused: str = ""
    misfit: str = ""
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """One field of a thing, or the whole of it (no field): a first example of both values, and how many there are."""

    field: str
    before: Any
    after: Any
    forms: int = 1


@dataclass(frozen=True, kw_only=True)
class Change:
    """One rule that changed: what it is about, the parts of it that changed alike, and all cells that show it.

    `texts` are the long texts that changed, each pair once. `once`: only cells that were recorded once show it.
    """

    surface: str
    thing: str
    kind: str
    parts: tuple[Part, ...]
    cells: tuple[str, ...]
    texts: tuple[tuple[str, str], ...] = ()
    once: bool = False

    @property
    def for_server(self) -> bool:
        return self.surface in SERVER_SURFACES


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What changed between two versions, and how much of the comparison there is to trust."""

    before: str
    after: str
    changes: tuple[Change, ...] = ()
    compared: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    not_run: Mapping[str, str] = field(default_factory=dict)
    misfits: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


def drift_code(drift: Drift) -> DriftCode:
    """What the comparison means to others: a harness error spoils it, then what a server sees counts most."""
    if drift.failed or not drift.compared:
        return DriftCode.HARNESS_ERROR
    if any(change.for_server for change in drift.changes):
        return DriftCode.SERVER
    return DriftCode.AGENT if drift.changes or drift.not_run else DriftCode.NONE


def compare_pair(before: Recording, after: Recording) -> list[tuple[Difference, Subject]]:
    """The differences of two reshaped recordings with their subjects; the noise of both counts, and no duration does.

    Of the second one's noise, what may be absent is left out: its places are not those of the first.
    """
    noise = (*before.noise, *(rule for rule in after.noise if rule.kind != "optional" or rule.args.get("forms")))
    found = compare_trees(before.tree, after.tree, noise).differences
    lost = {d.kind for d in found if d.path[:1] == ("requests",) and len(d.path) == 2}
    return [
        (difference, subject_of(difference, before.tree, after.tree))
        for difference in found
        if not (difference.path[:1] == ("responses",) and len(difference.path) == 2 and difference.kind in lost)
        and not _is_duration(difference)
    ]


def _is_duration(difference: Difference) -> bool:
    """Whether both values say the same but for how long something took, which is the host's affair."""
    ours, theirs = difference.expected, difference.actual
    if isinstance(ours, str) and isinstance(theirs, str):
        template = make_template([ours, theirs])
        return template is not None and template.durations
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (ours, theirs))
    return numbers and is_duration_key(difference.path) is not None


def refusal(tree: Tree, other: Tree) -> str:
    """Why a version did not start a scenario that the other one ran; empty where it did, or neither did."""
    if tree["requests"] or not other["requests"] or not any(run["exit"] for run in tree["runs"]):
        return ""
    lines = [line for run in tree["runs"] if run["exit"] for line in run["stderr"] if isinstance(line, str) and line]
    said = [line for line in lines if line.lower().startswith("error")]
    return next(iter(said or lines[-1:]), "it says nothing")


def group(compared: Sequence[Compared]) -> tuple[Change, ...]:
    """The changes of all cells, each once, in order."""
    rows: dict[_Key, _Rows] = {}
    for cell in compared:
        for difference, subject in cell.differences:
            part = "" if subject.merged else subject.field
            key = (difference.surface, subject.thing, _kind(difference, subject), part, subject.values)
            rows.setdefault(key, []).append((difference, subject, cell))
    changes = [_change(found) for found in _scattered_together(rows).values()]
    return tuple(sorted(_parts_together(changes), key=_rank))


_Rows = list[tuple[Difference, Subject, Compared]]
_Key = tuple[str, str, str, str, tuple[str, str]]


def _scattered_together(rows: Mapping[_Key, _Rows]) -> dict[_Key, _Rows]:
    """Lines and outputs that only one cell shows are one change of that cell, not one each."""
    joined: dict[_Key, _Rows] = {}
    for key, found in rows.items():
        cells = sorted({cell.name for *_, cell in found})
        if any(key[4]) and len(cells) == 1:
            key = (key[0], key[1], "", "", (cells[0], ""))
        joined.setdefault(key, []).extend(found)
    return joined


def _change(found: _Rows) -> Change:
    first, subject, _ = found[0]
    kinds = {_kind(difference, one) for difference, one, _ in found}
    by_field: dict[str, list[Difference]] = {}
    for difference, one, _ in found:
        by_field.setdefault(one.field, []).append(difference)
    texts = dict.fromkeys((d.expected, d.actual) for d, *_ in found if _is_long(d.expected, d.actual))
    return Change(
        surface=first.surface,
        thing=subject.thing,
        kind=kinds.pop() if len(kinds) == 1 else "changed",
        parts=tuple(_part(name, differences) for name, differences in by_field.items()),
        cells=tuple(dict.fromkeys(cell.name for *_, cell in found)),
        texts=tuple(texts),
        once=all(cell.once for *_, cell in found),
    )


def _part(name: str, differences: Sequence[Difference]) -> Part:
    forms = {(repr(one.expected), repr(one.actual)) for one in differences}
    return Part(field=name, before=differences[0].expected, after=differences[0].actual, forms=len(forms))


def _parts_together(changes: Sequence[Change]) -> Iterable[Change]:
    """Parts of one thing that came, went or changed in the very same cells are one change."""
    together: dict[tuple[object, ...], list[Change]] = {}
    for number, change in enumerate(changes):
        alone = number if not all(part.field for part in change.parts) else None
        key = (change.surface, change.thing, change.kind, change.cells, alone)
        together.setdefault(key, []).append(change)
    for first, *more in together.values():
        parts = tuple(part for change in (first, *more) for part in change.parts)
        texts = dict.fromkeys(text for change in (first, *more) for text in change.texts)
        yield replace(first, parts=parts, texts=tuple(texts))


def _kind(difference: Difference, subject: Subject) -> str:
    """Descriptions of a tool are one change, whether they came, went or changed."""
    return "changed" if subject.merged and difference.kind != "order" else difference.kind


def _is_long(expected: Any, actual: Any) -> bool:
    both = isinstance(expected, str) and isinstance(actual, str)
    return both and (max(len(expected), len(actual)) > _LONG or "\n" in expected.strip() or "\n" in actual.strip())


def _rank(change: Change) -> tuple[int, int, int, str, str]:
    kind = _KINDS.index(change.kind)
    return ORDER.index(change.surface), kind, -len(change.cells), change.thing, change.parts[0].field
