"""`make capture`: the real codex-cli through the scenarios, what is new into the recordings, noise on request.

A cell in which the script did not fit, or the harness failed, is not taken: a recording says what upstream
does with a script that fits it.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from captures.agents import load_agent
from captures.driver import WORK, Cell, Outcome
from captures.manifest import Manifest
from captures.progress import Progress
from captures.scenario import Lane, Scenario, load_scenarios
from compare.accept import accept, accepted_lines
from compare.cells import find_cells
from compare.learn import learn, learned_lines
from compare.run import outcome_name, record_afresh
from compare.verdicts import ExitCode

__all__ = ["SAMPLE", "capture", "capture_cells", "is_clean", "manifest_of"]

SAMPLE = "sample"
"""The tag of the few scenarios that a quick capture takes: one per folder."""


def capture(
    upstream: Path,
    *,
    versions: Sequence[str] = (),
    only: Sequence[str] = (),
    noise: int = 0,
    jobs: int = 2,
    sample: bool = False,
) -> int:
    """Records, accepts, and with `noise` records that often again and learns. Prints what it does; an exit code.

    0 all taken, 1 a difference among runs that no rule can say, 2 nothing to record, 3 a cell that was not
    taken.
    """
    agent = load_agent("codex-cli")
    cells = capture_cells(upstream, versions=versions, only=only, sample=sample)
    if not cells:
        print("no scenario has such a lane; nothing to record")
        return ExitCode.USAGE
    out = WORK / "runs" / agent.name
    outcomes = _record(cells, out, jobs)
    clean = [outcome_name(outcome) for outcome in outcomes if is_clean(outcome)]
    manifests = {version: manifest_of(version) for version in sorted({lane.version for _, lane in cells})}
    done = accept(out, upstream, only=clean, manifests=manifests) if clean else []
    print("\n".join([*accepted_lines(done), *_not_taken(outcomes)]))
    code = ExitCode.OK if len(clean) == len(outcomes) else ExitCode.HARNESS_ERROR
    if noise and clean:
        again = [(scenario, lane) for scenario, lane in cells if f"{lane}/{scenario.id}" in clean]
        code = max(code, _learn(again, upstream, clean, noise, jobs))
    return code


def capture_cells(
    upstream: Path, *, versions: Sequence[str] = (), only: Sequence[str] = (), sample: bool = False
) -> list[Cell]:
    """The cells to record codex-cli in: of the given versions, else of all that have recordings, else of all.

    A version that no scenario names yet takes the roles of the newest version that each scenario names.
    """
    every = load_scenarios(only=only)
    wanted = tuple(versions) or sorted({cell.version for cell in find_cells(upstream)})
    named = {lane.version for scenario in every for lane in scenario.lanes}
    cells: list[Cell] = []
    for scenario in every:
        if sample and SAMPLE not in scenario.tags:
            continue
        cells += [(scenario, lane) for lane in scenario.lanes if not wanted or lane.version in wanted]
        for version in wanted:
            if version not in named:
                cells += [(scenario, Lane(version, role)) for role in _newest_roles(scenario)]
    return cells


def manifest_of(version: str) -> Manifest:
    """Where an installed codex-cli version comes from: packages with npm's integrity, platform, command."""
    from captures.install import install

    agent = load_agent("codex-cli")
    assert agent.npm_package is not None
    installed = install(agent.npm_package, version, WORK)
    return Manifest(
        version=version,
        agent=agent.name,
        platform=f"{platform.system().lower()}-{platform.machine()}",
        command=agent.command,
        integrity=installed.integrity,
    )


def is_clean(outcome: Outcome) -> bool:
    """True for a recording that may be taken: made, and without a complaint about script, agent or harness."""
    return outcome.status == "recorded" and not outcome.problems


def _learn(cells: Sequence[Cell], upstream: Path, names: Sequence[str], times: int, jobs: int) -> int:
    sources = [WORK / "runs" / f"codex-cli.{number}" for number in range(1, times + 1)]
    for source in sources:
        outcomes = _record(cells, source, jobs)
        for line in _not_taken(outcomes):
            print(line)
    learned = learn(sources, upstream, only=names)
    print("\n".join(learned_lines(learned)))
    return ExitCode.DIFFERENCE if any(one.unexplained for one in learned.values()) else ExitCode.OK


def _record(cells: Sequence[Cell], out: Path, jobs: int) -> list[Outcome]:
    agent = load_agent("codex-cli")
    with Progress(len(cells), f"{agent.name} into {out.name}") as progress:
        return asyncio.run(record_afresh(cells, agent, out, jobs=jobs, watch=progress.step))


def _newest_roles(scenario: Scenario) -> list[str]:
    newest = max((lane.version for lane in scenario.lanes), key=lambda v: [int(part) for part in v.split(".")])
    return [lane.role for lane in scenario.lanes if lane.version == newest]


def _not_taken(outcomes: Iterable[Outcome]) -> list[str]:
    return [f"not taken: {outcome_name(o)}: {o.status}: {o.message}" for o in outcomes if not is_clean(o)]
