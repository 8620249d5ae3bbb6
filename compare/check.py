"""Fresh recordings against committed ones, cell by cell: the verdicts of one agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from captures.driver import Outcome
from captures.recording import RecordingError, folder_hash, read_recording
from compare.cells import CellName, find_cells, select
from compare.declared import Declared
from compare.diff import compare_recordings
from compare.verdicts import CellVerdict, Verdict, VerdictFile, judge, uniform

__all__ = ["check", "check_cell"]


def check(
    runs: Path,
    expected: Path,
    *,
    agent: str,
    declared: Declared,
    only: Sequence[str] = (),
    command: str = "",
    outcomes: Mapping[str, Outcome] | None = None,
) -> VerdictFile:
    """Compares every committed cell with the one below `runs`; with `only`, the cells that fit its globs.

    `outcomes`, by cell name, say why a cell was not recorded, or what the driver noticed about it. Declared
    rows are judged stale in a full check only.
    """
    ours, theirs = select(find_cells(expected), only), select(find_cells(runs), only)
    outcomes = outcomes or {}
    hashes = {str(name): folder_hash(folder) for name, folder in ours.items()}
    cells = []
    for name in sorted({*ours, *theirs}):
        outcome = outcomes.get(str(name))
        if outcome is not None and outcome.status != "recorded":
            cells.append(uniform(name.lane, name.scenario, Verdict(outcome.status), outcome.message))
        elif name not in ours:
            message = f"no recording of it in {expected}"
            cells.append(uniform(name.lane, name.scenario, Verdict.NOT_CAPTURED, message))
        elif name not in theirs:
            cells.append(uniform(name.lane, name.scenario, Verdict.NOT_RUN, f"no recording of it in {runs}"))
        else:
            cell = check_cell(name, ours[name], theirs[name], declared)
            note = outcome.message if outcome is not None else ""
            cells.append(replace(cell, message=cell.message or note))
    cells = [replace(cell, recording=hashes.get(cell.name, "")) for cell in cells]
    used = {f.declared for cell in cells for surface in cell.surfaces for f in surface.findings if f.declared}
    stale = () if only else declared.stale(used)
    return VerdictFile(agent=agent, cells=tuple(cells), stale=stale, command=command)


def check_cell(name: CellName, ours: Path, theirs: Path, declared: Declared) -> CellVerdict:
    """The verdicts of one cell, from its two folders. A recording that cannot be read is the harness's fault."""
    try:
        expected, actual = read_recording(ours), read_recording(theirs)
    except (RecordingError, OSError, ValueError, KeyError) as error:
        return uniform(name.lane, name.scenario, Verdict.HARNESS_ERROR, f"{type(error).__name__}: {error}")
    comparison = compare_recordings(expected, actual)
    return judge(name.lane, name.scenario, expected.tree, actual.tree, comparison, declared)
