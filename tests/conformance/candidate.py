"""The candidate's own recordings: made once per test session, also where several workers share the tests."""

import asyncio
import fcntl
import json
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from captures.agents import load_agent
from compare.cells import CellName, upstream_folder
from compare.run import CANDIDATE_ROUTE, check_folder, committed_cells, outcome_name, record_afresh, record_again

__all__ = ["Candidate", "record_candidate"]


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
    candidate = load_agent(agent)
    outcomes = asyncio.run(record_afresh(wanted, candidate, runs, jobs=jobs, via=CANDIDATE_ROUTE))
    missing = {outcome_name(o): f"{o.status}: {o.message}" for o in outcomes if o.status != "recorded"}
    made = {outcome_name(outcome) for outcome in outcomes}
    for name, text in asyncio.run(record_again(check_folder(runs, agent), wanted, candidate, runs)).items():
        with warnings.catch_warnings():
            warnings.simplefilter("default")  # told, and no failure
            warnings.warn(f"{name}: {text}", UnsteadyWarning, stacklevel=1)
    return missing | {name: "not run: no scenario names this cell any more" for name in sorted(names - made)}
