"""rows.yaml -> the rows of the fault table. A row names the scenarios that show it, or says why none can.

To add a fault: a row, and its scenario. `shown` holds `scenario` or `scenario#run`; of several the first that a version
has a recording of counts for it. `cannot` is the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROWS", "FaultRow", "FaultSection", "FaultTableError", "Shown", "load_table"]

ROWS = Path(__file__).parent / "rows.yaml"


class FaultTableError(ValueError):
    """A row that says nothing; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A run of a scenario, counted from 1."""

    scenario: str
    run: int = 1

    def __str__(self) -> str:
        return self.scenario if self.run == 1 else f"{self.scenario}#{self.run}"


@dataclass(frozen=True, kw_only=True)
class FaultRow:
    """One fault and what comes of it, in a few words; `shown` by these runs, or not at all because of `cannot`."""

    fault: str
    does: str
    shown: Sequence[Shown] = ()
    cannot: str = ""


@dataclass(frozen=True, kw_only=True)
class FaultSection:
    """Rows of one kind."""

    title: str
    rows: Sequence[FaultRow]


def load_table(path: Path = ROWS) -> tuple[FaultSection, ...]:
    """All sections. Raises FaultTableError."""
    import yaml

    sections = yaml.safe_load(path.read_text("utf-8"))
    return tuple(
        FaultSection(title=title, rows=tuple(_rows(title, rows, path.name))) for title, rows in sections.items()
    )


def _rows(title: str, rows: Sequence[Mapping[str, Any]], name: str) -> Iterator[FaultRow]:
    for number, row in enumerate(rows, 1):
        where = f"{name}, {title!r}, row {number}"
        unknown = sorted(set(row) - {"fault", "does", "shown", "cannot"})
        if unknown:
            raise FaultTableError(f"{where}: unknown key {unknown[0]} (known: fault, does, shown, cannot)")
        for key in ("fault", "does"):
            if not row.get(key):
                raise FaultTableError(f"{where}: the key `{key}` is missing")
        if bool(row.get("shown")) == bool(row.get("cannot")):
            raise FaultTableError(f"{where}: say either which scenarios show it (`shown`) or why none can (`cannot`)")
        shown = row.get("shown", [])
        yield FaultRow(
            fault=str(row["fault"]),
            does=row["does"],
            shown=tuple(_shown(text, where) for text in ([shown] if isinstance(shown, str) else shown)),
            cannot=row.get("cannot", ""),
        )


def _shown(text: str, where: str) -> Shown:
    scenario, _, run = text.partition("#")
    if run and not run.isdigit():
        raise FaultTableError(f"{where}: {text!r} is no scenario with the number of a run (`area/name#2`)")
    return Shown(scenario=scenario, run=int(run or 1))
