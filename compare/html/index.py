"""The first page: score by surface and lane, the matrix, and what could not be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from captures.scenario import Scenario
from compare.html.names import SHORT, cell_page, title_of
from compare.merge import Merged
from compare.surfaces import SURFACES
from compare.verdicts import CellVerdict, Verdict, lanes_of, surface_counts

__all__ = ["Area", "Column", "IndexView", "MatrixCell", "MatrixRow", "Score", "view_index"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """An agent in a lane."""

    agent: str
    lane: str

    @property
    def id(self) -> str:
        return f"{self.agent} {self.lane}"


@dataclass(frozen=True, kw_only=True)
class MatrixCell:
    """`surfaces` names those that are not like the cell's rest: `head:different`; for the filter."""

    page: str
    word: str
    verdict: str
    title: str
    surfaces: str
    column: str


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """One scenario; None where it has no such lane."""

    scenario: str
    rule: str
    cells: Sequence[MatrixCell | None]


@dataclass(frozen=True, kw_only=True)
class Area:
    """The scenarios of one folder."""

    name: str
    rows: Sequence[MatrixRow]
    counts: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """One place of the score table: identical of all, and the others with the filter that shows them.

    `kind`: full, meant (all others are declared) or part.
    """

    identical: int
    total: int
    others: Sequence[tuple[str, str]]
    kind: str


@dataclass(frozen=True, kw_only=True)
class IndexView:
    """What the template of the first page needs."""

    columns: Sequence[Column]
    scores: Sequence[tuple[str, Sequence[Score]]]
    cell_scores: Sequence[Score]
    areas: Sequence[Area]
    uncompared: Sequence[tuple[str, str, str, str]]
    stale: Sequence[str]
    conflicts: Sequence[str]
    cells: int
    total: str


def view_index(merged: Merged, scenarios: Mapping[str, Scenario]) -> IndexView:
    """Rows are scenarios by area, columns agents and lanes."""
    columns = [Column(agent=file.agent, lane=lane) for file in merged.files for lane in lanes_of([file])]
    cells = {(file.agent, cell.lane, cell.scenario): cell for file in merged.files for cell in file.cells}
    ids = sorted({scenario for _, _, scenario in cells})
    areas: dict[str, list[MatrixRow]] = {}
    for scenario in ids:
        found = [_cell(column, cells.get((column.agent, column.lane, scenario))) for column in columns]
        rule = scenarios[scenario].rule if scenario in scenarios else ""
        areas.setdefault(_area(scenario), []).append(MatrixRow(scenario=scenario, rule=rule, cells=found))
    uncompared = [
        (file.agent, cell.name, str(cell.verdict), cell.message)
        for file in merged.files
        for cell in file.cells
        if cell.verdict in (Verdict.HARNESS_ERROR, Verdict.NOT_RUN, Verdict.NOT_CAPTURED)
    ]
    every = [cell for file in merged.files for cell in file.cells]
    verdicts = Counter(cell.verdict for cell in every)
    return IndexView(
        columns=columns,
        scores=[(surface, [_score(merged, column, surface) for column in columns]) for surface in SURFACES],
        cell_scores=[_cell_score(merged, column) for column in columns],
        areas=[Area(name=name, rows=rows, counts=_counts(rows)) for name, rows in areas.items()],
        uncompared=sorted(uncompared, key=lambda row: (row[2], row[0], row[1])),
        stale=[f"{file.agent}: {row}" for file in merged.files for row in file.stale],
        conflicts=[conflict.text for conflict in merged.conflicts],
        cells=len(every),
        total=", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict]),
    )


def _area(scenario: str) -> str:
    return scenario.partition("/")[0] if "/" in scenario else "(top)"


def _cell(column: Column, cell: CellVerdict | None) -> MatrixCell | None:
    if cell is None:
        return None
    bad = len(cell.bad_surfaces)
    word = f"{SHORT[cell.verdict]} {bad}" if cell.verdict is Verdict.DIFFERENT else SHORT[cell.verdict]
    return MatrixCell(
        page=cell_page(column.agent, cell),
        word=word,
        verdict=str(cell.verdict),
        title=title_of(cell),
        surfaces="|".join(f"{s.surface}:{s.verdict}" for s in cell.surfaces if s.verdict is not Verdict.IDENTICAL),
        column=column.id,
    )


def _score(merged: Merged, column: Column, surface: str) -> Score:
    counts = surface_counts(cell for file in merged.files if file.agent == column.agent for cell in file.cells)
    return _scored({verdict: counts[surface, column.lane, verdict] for verdict in Verdict}, column, surface)


def _cell_score(merged: Merged, column: Column) -> Score:
    cells = [
        cell for file in merged.files if file.agent == column.agent for cell in file.cells if cell.lane == column.lane
    ]
    counts = Counter(cell.verdict for cell in cells)
    return _scored({verdict: counts[verdict] for verdict in Verdict}, column, "")


def _scored(counts: Mapping[Verdict, int], column: Column, surface: str) -> Score:
    others = [
        (f"{count} {verdict}", "#" + urlencode({"lane": column.id, "surface": surface, "verdict": str(verdict)}))
        for verdict, count in counts.items()
        if count and verdict is not Verdict.IDENTICAL
    ]
    identical, total = counts[Verdict.IDENTICAL], sum(counts.values())
    kind = "full" if identical == total else "meant" if identical + counts[Verdict.DECLARED] == total else "part"
    return Score(identical=identical, total=total, others=others, kind=kind)


def _counts(rows: Sequence[MatrixRow]) -> str:
    counts = Counter(cell.verdict for row in rows for cell in row.cells if cell is not None)
    return ", ".join(f"{counts[str(verdict)]} {verdict}" for verdict in Verdict if counts[str(verdict)])
