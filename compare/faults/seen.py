"""What the recording of one run shows of a fault: requests, exit code, message. Pure but for reading recordings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from captures.recording import Tree, read_recording
from compare.cells import CellName, find_cells
from compare.faults.table import FaultRow, FaultSection, Shown

__all__ = ["Seen", "SeenRow", "SeenSection", "seen_run", "seen_table"]

_TOLD = re.compile(r"(?:ERROR|Error): (?=.)|(?=Reconnecting\.\.\. )")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """`requests`: how many the server got in the run, upgrades and messages of a WebSocket among them. `message`: the
    last one that its user was shown. `by`: the run that shows it."""

    by: Shown
    requests: int
    exit: int
    message: str


@dataclass(frozen=True, kw_only=True)
class SeenRow:
    """A row of the table, and what each version is seen to do: None where it has no such recording."""

    row: FaultRow
    seen: Sequence[Seen | None]


@dataclass(frozen=True, kw_only=True)
class SeenSection:
    title: str
    rows: Sequence[SeenRow]


def seen_table(sections: Sequence[FaultSection], upstream: Path) -> tuple[tuple[str, ...], tuple[SeenSection, ...]]:
    """The versions that have recordings, and the table as they fill it."""
    cells = find_cells(upstream)
    versions = tuple(dict.fromkeys(cell.version for cell in cells))
    read = lru_cache(maxsize=None)(lambda cell: read_recording(cells[cell]).tree)

    def of(row: FaultRow, version: str) -> Seen | None:
        for shown in row.shown:
            cell = CellName(version, "direct", shown.scenario)
            if cell in cells and len(read(cell)["runs"]) >= shown.run:
                return seen_run(read(cell), shown)
        return None

    return versions, tuple(
        SeenSection(
            title=section.title,
            rows=tuple(SeenRow(row=row, seen=tuple(of(row, version) for version in versions)) for row in section.rows),
        )
        for section in sections
    )


def seen_run(tree: Tree, shown: Shown) -> Seen:
    """What that run of a recording shows."""
    run = tree["runs"][shown.run - 1]
    messages = [*_of_events(run["stdout"]), *_of_lines(run["stderr"])]
    return Seen(
        by=shown,
        requests=sum(request["run"] == shown.run for request in tree["requests"]),
        exit=run["exit"],
        message=messages[-1] if messages else "",
    )


def _of_events(lines: Sequence[Any]) -> Iterator[str]:
    events: Iterator[Mapping[str, Any]] = (line["$json"] for line in lines if isinstance(line, dict))
    for event in events:
        if not isinstance(event, dict):
            continue
        item = event.get("item")
        if event.get("type") == "error":
            yield event["message"]
        elif event.get("type") == "turn.failed":
            yield event["error"]["message"]
        elif isinstance(item, dict) and item.get("type") == "error":
            yield item["message"]


def _of_lines(lines: Sequence[Any]) -> Iterator[str]:
    found = ((line, _TOLD.match(line)) for line in lines if isinstance(line, str))
    return (line[match.end() :] for line, match in found if match is not None)
