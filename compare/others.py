"""Other agents' rows of `docs/ALIGNMENT.md`: what a report said of one, small enough to be committed.

A row cannot go stale: it names the recording that each cell was held against, and only the cells whose recording is
still that one are counted. How many these are stands beside the score; `python -m compare report --agent NAME --row
compare/others/NAME.json` renews it, with `--only` in parts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compare.markdown import table
from compare.surfaces import SURFACES
from compare.verdicts import Verdict, VerdictError, VerdictFile

__all__ = ["FOLDER", "Other", "other_of", "read_others", "render_others", "renewed", "write_other"]

FOLDER = Path(__file__).parent / "others"
"""A file for each agent: `<agent>.json`."""

FORMAT = 1
_HASH = 16


@dataclass(frozen=True, kw_only=True)
class Other:
    """`cells`: cell -> (how the hash of its recording begins, the surfaces that are identical)."""

    agent: str
    cells: Mapping[str, tuple[str, tuple[str, ...]]]


def other_of(file: VerdictFile) -> Other:
    """The row of one agent; cells in which nothing could be compared are left out."""
    silent = (Verdict.NOT_RUN, Verdict.NOT_CAPTURED, Verdict.HARNESS_ERROR)
    return Other(
        agent=file.agent,
        cells={
            cell.name: (
                cell.recording[:_HASH],
                tuple(one.surface for one in cell.surfaces if one.verdict is Verdict.IDENTICAL),
            )
            for cell in file.cells
            if cell.verdict not in silent
        },
    )


def renewed(path: Path, file: VerdictFile) -> Other:
    """The row with what `file` says now; the cells that it does not speak of stay as the row at `path` has them, so
    that a long run can be made in parts. Raises VerdictError."""
    now = other_of(file)
    spoken = {cell.name for cell in file.cells}
    before = _read(path) if path.exists() else now
    kept = {} if before.agent != now.agent else {n: c for n, c in before.cells.items() if n not in spoken}
    return Other(agent=now.agent, cells={**kept, **now.cells})


def write_other(path: Path, other: Other) -> None:
    """A line for each cell. Raises OSError."""
    rows = [
        f"{json.dumps(name)}: {json.dumps([hash_, *alike])}" for name, (hash_, alike) in sorted(other.cells.items())
    ]
    head = f'{{"format": {FORMAT}, "agent": {json.dumps(other.agent)}, "cells": {{\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + ",\n".join(rows) + "\n}}\n", encoding="utf-8")


def read_others(folder: Path = FOLDER) -> list[Other]:
    """The committed rows, by name. Raises VerdictError, which names the file."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _read(path: Path) -> Other:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}; this program reads {FORMAT}")
        cells = {name: (hash_, tuple(alike)) for name, (hash_, *alike) in data["cells"].items()}
        return Other(agent=data["agent"], cells=cells)
    except (ValueError, KeyError, TypeError) as error:
        raise VerdictError(f"{path}: not a row of another agent: {type(error).__name__}: {error}") from None


def render_others(others: Sequence[Other], known: Mapping[str, str]) -> list[str]:
    """Lines of Markdown; `known`: cell -> hash of its committed recording."""
    lines: list[str] = []
    for other in others:
        counted = {
            name: alike
            for name, (hash_, alike) in other.cells.items()
            if known.get(name, "").startswith(hash_) and hash_
        }
        lines += [
            f"### {other.agent}",
            "",
            f"Held against {len(counted)} of {len(known)} recordings as they are now.",
            "",
        ]
        lanes = sorted({_lane(name) for name in counted})
        total = Counter(_lane(name) for name in counted)
        same = Counter((surface, _lane(name)) for name, surfaces in counted.items() for surface in surfaces)
        whole = Counter(_lane(name) for name, surfaces in counted.items() if len(surfaces) == len(SURFACES))
        rows = [[surface, *(f"{same[surface, lane]} of {total[lane]}" for lane in lanes)] for surface in SURFACES]
        rows.append(["whole cells", *(f"{whole[lane]} of {total[lane]}" for lane in lanes)])
        lines += [*table(["identical", *lanes], rows), ""]
    return lines[:-1]


def _lane(cell: str) -> str:
    return "/".join(cell.split("/")[:2])
