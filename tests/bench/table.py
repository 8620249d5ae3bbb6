"""The bench's results as a table; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.cases import Case
from tests.bench.measure import Figures, median, ratio

__all__ = ["Cell", "aligned", "render"]

_UNITS = {"first_request": ("s", 1.0), "wall": ("s", 1.0), "cpu": ("s", 1.0), "peak": ("MiB", 2.0**20)}
"""Figure -> its unit, and what it is divided by."""

_WORDS = {"first_request": "to the first request", "wall": "wall", "cpu": "CPU", "peak": "peak memory"}

_HEAD = ("case", "codex-cli", "figure", "pycodex", "codex-cli", "ratio", "target")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A case in a version: the runs of pycodex and of codex-cli, in pairs."""

    name: str
    case: Case
    version: str
    ours: Sequence[Figures]
    theirs: Sequence[Figures]


def aligned(rows: Sequence[Sequence[str]], *, words: int) -> str:
    """Rows as lines: the first `words` columns stand left, numbers right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            text.ljust(width) if column < words else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def render(cells: Sequence[Cell], *, newest: str) -> str:
    """One row per figure; targets are meant for the newest version and stand only there."""
    rows = [_HEAD, *(row for cell in cells for row in _rows(cell, newest))]
    return aligned(rows, words=3)


def _rows(cell: Cell, newest: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name in cell.case.shown:
        ours, theirs = ([getattr(one, name) for one in runs] for runs in (cell.ours, cell.theirs))
        unit, scale = _UNITS[name]
        target = cell.case.targets.get(name) if cell.version == newest else None
        digits = 3 if unit == "s" else 1
        rows.append(
            (
                "" if rows else cell.name,
                "" if rows else cell.version,
                _WORDS[name],
                *(f"{median(values) / scale:.{digits}f} {unit}" for values in (ours, theirs)),
                f"{ratio(ours, theirs):.2f}x",
                "" if target is None else f"<= {target:.2f}x",
            )
        )
    return rows
