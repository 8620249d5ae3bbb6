"""The candidate's own recordings: made once per test session, also where several workers share the tests."""

import asyncio
import fcntl
import json
import shutil
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from captures.agents import load_agent
from captures.driver import Cell
from compare.cells import CellName, upstream_folder
from compare.run import CANDIDATE_ROUTE, check_folder, committed_cells, outcome_name, record_afresh
from compare.verdicts import Verdict

__all__ = ["Candidate", "record_candidate"]


_ATTEMPTS = 3
_MOST_UNSTEADY = 25
"""More cells than that do not differ by chance."""


class UnsteadyWarning(UserWarning):
    """A cell that differed, and did not when it was recorded again."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Where the recordings lie, and why a cell has none (by cell name)."""

    runs: Path
    missing: Mapping[str, str]

    def folder(self, cell: CellName) -> Path:
        """The folder of one cell's recording. Raises LookupError with the reason where there is none."""
        if str(cell) in self.missing:
            raise LookupError(f"{cell}: {self.missing[str(cell)]}")
        return self.runs / cell.version / cell.role / cell.scenario

    def not_run(self, cell: CellName) -> str | None:
        """Why the cell was not run, where that is the host's affair; None where it was, or where something failed."""
        reason = self.missing.get(str(cell), "")
        return reason if reason.startswith("not run:") else None


def record_candidate(agent: str, cells: Collection[CellName], shared: Path, *, jobs: int = 4) -> Candidate:
    """Records `agent` in these cells below `shared`, unless a worker that shares the folder already did."""
    shared.mkdir(parents=True, exist_ok=True)
    done, runs = shared / "done.json", shared / "runs"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            done.write_text(json.dumps(_record(agent, cells, runs, jobs)), encoding="utf-8")
    return Candidate(runs=runs, missing=json.loads(done.read_text(encoding="utf-8")))


def _record(agent: str, cells: Collection[CellName], runs: Path, jobs: int) -> dict[str, str]:
    names = {str(cell) for cell in cells}
    wanted = [(s, lane) for s, lane in committed_cells(upstream_folder()) if f"{lane}/{s.id}" in names]
    outcomes = asyncio.run(record_afresh(wanted, load_agent(agent), runs, jobs=jobs, via=CANDIDATE_ROUTE))
    missing = {outcome_name(o): f"{o.status}: {o.message}" for o in outcomes if o.status != "recorded"}
    made = {outcome_name(outcome) for outcome in outcomes}
    _once_more(agent, wanted, runs)
    return missing | {name: "not run: no scenario names this cell any more" for name in sorted(names - made)}


def _once_more(agent: str, wanted: Sequence[Cell], runs: Path) -> None:
    """Records the cells that differ again, one at a time, and takes a recording that agrees: two things that race end
    in either order now and then, on a machine that is busy, and what is wrong is wrong each time."""
    for attempt in range(1, _ATTEMPTS):
        different = {cell.name for cell in check_folder(runs, agent).cells if cell.verdict is Verdict.DIFFERENT}
        again = [(scenario, lane) for scenario, lane in wanted if f"{lane}/{scenario.id}" in different]
        if not again or len(again) > _MOST_UNSTEADY:
            return
        out = runs.with_name(f"{runs.name}.{attempt}")
        asyncio.run(record_afresh(again, load_agent(agent), out, jobs=1, via=CANDIDATE_ROUTE))
        shutil.copytree(out / "texts", runs / "texts", dirs_exist_ok=True)
        for cell in check_folder(out, agent, only=sorted(different)).cells:
            if not cell.different:
                shutil.copytree(out / cell.lane / cell.scenario, runs / cell.lane / cell.scenario, dirs_exist_ok=True)
                with warnings.catch_warnings():
                    warnings.simplefilter("default")  # told, and no failure
                    warnings.warn(f"{cell.name}: not so in every run", UnsteadyWarning, stacklevel=1)
