"""Verdict files of many jobs as one: each agent's cells together, and what two files say differently of one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from compare.verdicts import CellVerdict, Verdict, VerdictFile

__all__ = ["Conflict", "Merged", "merge"]


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two files, by their places in the list that was merged, that do not say the same of a cell; the worse is kept."""

    agent: str
    cell: str
    kept: Verdict
    dropped: Verdict
    files: tuple[int, int]

    @property
    def text(self) -> str:
        """One line for a person."""
        first, second = (number + 1 for number in self.files)
        if self.kept == self.dropped:
            said = f"both say {self.kept}, with other findings or of another recording"
        else:
            said = f"they say {self.kept} and {self.dropped}"
        return f"{self.agent}: {self.cell}: verdict files {first} and {second} disagree: {said}; the first is shown"


@dataclass(frozen=True, kw_only=True)
class Merged:
    """One verdict file for each agent, in the order of their names.

    `origin`: agent and cell -> the file, by its place in the list that was merged, that the verdict is from.
    """

    files: tuple[VerdictFile, ...]
    conflicts: tuple[Conflict, ...] = ()
    origin: dict[tuple[str, str], int] = field(default_factory=dict)


def merge(files: Sequence[VerdictFile]) -> Merged:
    """Joins the files. `not run` gives way to any other verdict, for it says nothing; else the worse verdict is kept.

    A declared row is stale where some full check found it so and no cell of any file needed it.
    """
    cells: dict[tuple[str, str], CellVerdict] = {}
    origin: dict[tuple[str, str], int] = {}
    conflicts: list[Conflict] = []
    for number, file in enumerate(files):
        for cell in file.cells:
            key = (file.agent, cell.name)
            known = cells.get(key)
            if known is None or (_is_silent(known) and not _is_silent(cell)):
                cells[key], origin[key] = cell, number
            elif known != cell and not _is_silent(cell):
                kept, dropped, order = known, cell, (origin[key], number)
                if _badness(cell) > _badness(known):
                    kept, dropped, order = cell, known, (number, origin[key])
                conflicts.append(_conflict(file.agent, kept, dropped, order))
                cells[key], origin[key] = kept, order[0]
    return Merged(
        files=tuple(_of_agent(agent, files, cells) for agent in sorted({file.agent for file in files})),
        conflicts=tuple(conflicts),
        origin=origin,
    )


def _of_agent(agent: str, files: Sequence[VerdictFile], cells: dict[tuple[str, str], CellVerdict]) -> VerdictFile:
    own = [file for file in files if file.agent == agent]
    found = tuple(cell for (name, _), cell in sorted(cells.items()) if name == agent)
    used = {f.declared for cell in found for surface in cell.surfaces for f in surface.findings if f.declared}
    stale = dict.fromkeys(row for file in own for row in file.stale if row not in used)
    command = next((file.command for file in own if file.command), "")
    return VerdictFile(agent=agent, cells=found, stale=tuple(stale), command=command)


def _conflict(agent: str, kept: CellVerdict, dropped: CellVerdict, files: tuple[int, int]) -> Conflict:
    return Conflict(agent=agent, cell=kept.name, kept=kept.verdict, dropped=dropped.verdict, files=files)


def _is_silent(cell: CellVerdict) -> bool:
    return cell.verdict is Verdict.NOT_RUN


def _badness(cell: CellVerdict) -> int:
    return list(Verdict).index(cell.verdict)
