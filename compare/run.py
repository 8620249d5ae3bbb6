"""Recording a candidate and judging it: the steps of `make report`, of the demo and of the conformance tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from captures.agents import Agent
from captures.driver import Cell, Outcome, record
from captures.scenario import load_scenarios
from captures.traffic import Traffic
from compare.cells import find_cells, scenarios_beside, select, upstream_folder
from compare.check import check
from compare.declared import FOLDER, Declared, read_declared
from compare.verdicts import VerdictFile

__all__ = [
    "CANDIDATE_ROUTE",
    "check_agent",
    "check_folder",
    "committed_cells",
    "ledger_of",
    "outcome_name",
    "record_afresh",
]

CANDIDATE_ROUTE = "direct"
"""Candidates talk to the fake server without mitmproxy: it records the same, and nobody needs it to run the tests."""

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
    traffic: Traffic | None = None,
    watch: Watch | None = None,
) -> VerdictFile:
    """Records the agent in all committed cells (`only`: those that fit) into an emptied `out` and judges it."""
    cells = committed_cells(upstream or upstream_folder(), only)
    outcomes = await record_afresh(cells, agent, out, jobs=jobs, via=CANDIDATE_ROUTE, traffic=traffic, watch=watch)
    return check_folder(
        out, agent.name, upstream=upstream, only=only, declared=declared, command=command, outcomes=outcomes
    )


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
