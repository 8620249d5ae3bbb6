"""What changed between two versions of upstream: the committed recordings of one held against the other's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from captures.recording import read_recording
from compare.cells import CellName, find_cells
from compare.diff import compare_recordings
from compare.surfaces import SURFACES

__all__ = ["Change", "VersionChanges", "compare_versions", "render_changes"]

# What does not make a place another one: which request, which position, whose call.
_WHICH = re.compile(r"^(request|run|rollout) \d+|(?<= )\d+(?=[ ,]|$)|(?<=_call) [^ )]+|(?<=_output) [^ )]+")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One kind of difference at one kind of place, however many requests of however many scenarios show it.

    `text` is that of the first; `forms` counts the different values seen.
    """

    surface: str
    text: str
    forms: int
    scenarios: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class VersionChanges:
    """Changes in the order of the surfaces, and the scenarios that only one version was recorded with."""

    changes: tuple[Change, ...]
    compared: int
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()


def compare_versions(upstream: Path, before: str, after: str) -> VersionChanges:
    """Holds the recordings of `after` against those of `before`, by role and scenario. Raises ValueError."""
    cells = find_cells(upstream)
    ours, theirs = _of(cells, before), _of(cells, after)
    for version, found in ((before, ours), (after, theirs)):
        if not found:
            known = ", ".join(sorted({cell.version for cell in cells})) or "none"
            raise ValueError(f"no recordings of version {version} in {upstream}; there are: {known}")
    seen: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    common = [name for name in ours if name in theirs]
    for name in common:
        comparison = compare_recordings(read_recording(ours[name]), read_recording(theirs[name]))
        for difference in comparison.differences:
            place = _WHICH.sub("", difference.text.partition(": ")[0])
            seen.setdefault((difference.surface, difference.kind, place), []).append((difference.text, name))
    changes = [_change(surface, rows) for (surface, _, _), rows in seen.items()]
    return VersionChanges(
        changes=tuple(sorted(changes, key=lambda change: SURFACES.index(change.surface))),
        compared=len(common),
        only_before=tuple(name for name in ours if name not in theirs),
        only_after=tuple(name for name in theirs if name not in ours),
    )


def render_changes(changes: VersionChanges, before: str, after: str) -> str:
    """The list as text, grouped by surface, widest first."""
    lines = [f"{before} -> {after}: {changes.compared} scenarios recorded with both"]
    for label, names in (("only " + before, changes.only_before), ("only " + after, changes.only_after)):
        lines += [f"{label}: {', '.join(names)}"] if names else []
    for surface in SURFACES:
        found = [change for change in changes.changes if change.surface == surface]
        if found:
            lines += ["", f"{surface} ({len(found)})"]
            for change in sorted(found, key=lambda change: -len(change.scenarios)):
                forms = f" (+ {change.forms - 1} other values)" if change.forms > 1 else ""
                lines.append(f"  {change.text}{forms}  [{_where(change.scenarios, changes.compared)}]")
    return "\n".join(lines)


def _where(scenarios: tuple[str, ...], compared: int) -> str:
    if len(scenarios) == compared > 1:
        return "all"
    return ", ".join(scenarios) if len(scenarios) <= 3 else f"{len(scenarios)} of {compared}"


def _change(surface: str, rows: Sequence[tuple[str, str]]) -> Change:
    values = {text.partition(": ")[2] for text, _ in rows}
    scenarios = tuple(dict.fromkeys(name for _, name in rows))
    return Change(surface=surface, text=rows[0][0], forms=len(values), scenarios=scenarios)


def _of(cells: Mapping[CellName, Path], version: str) -> dict[str, Path]:
    return {f"{cell.role}/{cell.scenario}": folder for cell, folder in cells.items() if cell.version == version}
