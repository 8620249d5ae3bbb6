"""Recording a candidate and judging it: the steps of `make report`, of the demo and of the conformance tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from captures.agents import Agent
from captures.driver import Cell, Outcome, record
from captures.scenario import load_scenarios
from captures.traffic import Traffic
from compare.cells import find_cells, scenarios_beside, select, upstream_folder
from compare.check import check
from compare.declared import FOLDER, Declared, read_declared
from compare.verdicts import CellVerdict, Verdict, VerdictFile

__all__ = [
    "ATTEMPTS",
    "CANDIDATE_ROUTE",
    "check_agent",
    "check_folder",
    "committed_cells",
    "ledger_of",
    "outcome_name",
    "record_afresh",
    "record_again",
]

CANDIDATE_ROUTE = "direct"
"""Candidates talk to the fake server without mitmproxy: it records the same, and nobody needs it to run the tests."""

ATTEMPTS = 3
"""How often a cell is recorded before it counts as different."""

_MOST_UNSTEADY = 25
"""More cells than that do not differ by chance: they are left as they are."""

Watch = Callable[[Outcome], None]


async def check_agent(
    agent: Agent,
    *,
    out: Path,
    upstream: Path | None = None,
    only: Sequence[str] = (),
    declared: Path | None = None,
    command: str = "",
    jobs: int = 4,
    attempts: int | None = None,
    traffic: Traffic | None = None,
    watch: Watch | None = None,
) -> VerdictFile:
    """Records the agent in all committed cells (`only`: those that fit) into an emptied `out` and judges it.

    A few cells that differ are recorded again, `attempts` times in all (`record_again`); 1 judges the first recording.
    """
    cells = committed_cells(upstream or upstream_folder(), only)
    outcomes = await record_afresh(cells, agent, out, jobs=jobs, via=CANDIDATE_ROUTE, traffic=traffic, watch=watch)
    judged = partial(check_folder, out, agent.name, upstream=upstream, only=only, declared=declared, command=command)
    verdicts = judged(outcomes=outcomes)
    tries = attempts or ATTEMPTS
    again = await record_again(verdicts, cells, agent, out, upstream=upstream, declared=declared, attempts=tries)
    if not again:
        return verdicts
    return judged(outcomes=[replace(o, message=again.get(outcome_name(o), o.message)) for o in outcomes])


def check_folder(
    runs: Path,
    agent: str,
    *,
    upstream: Path | None = None,
    only: Sequence[str] = (),
    declared: Path | None = None,
    command: str = "",
    outcomes: Sequence[Outcome] = (),
) -> VerdictFile:
    """Judges what lies below `runs`; the ledger is that of the agent's name unless `declared` names another."""
    return check(
        runs,
        upstream or upstream_folder(),
        agent=agent,
        declared=ledger_of(agent, declared),
        only=only,
        command=command,
        outcomes={outcome_name(outcome): outcome for outcome in outcomes},
    )


async def record_again(
    verdicts: VerdictFile,
    cells: Sequence[Cell],
    agent: Agent,
    runs: Path,
    *,
    upstream: Path | None = None,
    declared: Path | None = None,
    attempts: int = ATTEMPTS,
) -> dict[str, str]:
    """Records what `verdicts` calls different again, one cell at a time, and puts what agrees in its place in `runs`.

    A busy machine lets two things that race change places, and the noise of a recording holds only what upstream itself
    was seen to do. What is wrong is wrong each time. Returns the cells that agreed, by name, with what had been
    different about them: that is told, not hidden.
    """
    left = {cell.name: cell for cell in verdicts.cells if cell.verdict is Verdict.DIFFERENT}
    agreed: dict[str, str] = {}
    for attempt in range(2, attempts + 1):
        again = [(scenario, lane) for scenario, lane in cells if f"{lane}/{scenario.id}" in left]
        if not again or len(again) > _MOST_UNSTEADY:
            break
        out = runs.with_name(f"{runs.name}.{attempt}")
        await record_afresh(again, agent, out, jobs=1, via=CANDIDATE_ROUTE)
        shutil.copytree(out / "texts", runs / "texts", dirs_exist_ok=True)
        for cell in check_folder(out, agent.name, upstream=upstream, only=sorted(left), declared=declared).cells:
            if not cell.different:
                place = Path(cell.lane) / cell.scenario
                shutil.rmtree(runs / place)
                shutil.move(out / place, runs / place)
                agreed[cell.name] = f"agreed in recording {attempt}, not at first: {_first(left.pop(cell.name))}"
        shutil.rmtree(out)
    return agreed


def _first(cell: CellVerdict) -> str:
    """The first difference that nobody declared, with its surface."""
    texts = (f"{s.surface}, {f.text}" for s in cell.surfaces for f in s.findings if f.declared is None)
    return next(texts, "")


def ledger_of(agent: str, declared: Path | None = None) -> Declared:
    """What is declared of an agent, in the ledger of its name or the one that is given; nothing where it has none."""
    ledger = declared or FOLDER / f"{agent}.toml"
    return read_declared(ledger) if declared or ledger.exists() else Declared()


def committed_cells(upstream: Path, only: Sequence[str] = ()) -> list[Cell]:
    """The cells that have a committed recording and a scenario that still names their lane."""
    names = {(cell.lane, cell.scenario) for cell in select(find_cells(upstream), only)}
    return [
        (scenario, lane)
        for scenario in load_scenarios(scenarios_beside(upstream))
        for lane in scenario.lanes
        if (str(lane), scenario.id) in names
    ]


async def record_afresh(
    cells: Sequence[Cell],
    agent: Agent,
    out: Path,
    *,
    jobs: int = 2,
    via: str | None = None,
    traffic: Traffic | None = None,
    watch: Watch | None = None,
) -> list[Outcome]:
    """Records the cells into an emptied `out`; `via` overrides the scenarios' own route."""
    shutil.rmtree(out, ignore_errors=True)
    return await record(cells, agent, out=out, jobs=jobs, via=via, traffic=traffic, progress=watch)


def outcome_name(outcome: Outcome) -> str:
    """`<version>/<role>/<scenario id>`, as `compare.cells.CellName` prints it."""
    return f"{outcome.lane}/{outcome.scenario_id}"
