"""`make capture`: the real codex-cli through the scenarios, what is new into the recordings, noise on request.

A cell in which the script did not fit, or the harness failed, is not taken: a recording says what upstream
does with a script that fits it. A cell that differs is recorded again before its recording is replaced: what
one run in a hundred does is noise, to be learned, and no reason to rewrite a recording.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from captures.agents import Agent, load_agent
from captures.driver import WORK, Cell, Outcome
from captures.manifest import Manifest
from captures.progress import Progress
from captures.scenario import Lane, Scenario, load_scenarios
from compare.accept import accept, accepted_lines, differing
from compare.cells import find_cells
from compare.learn import learn, learned_lines
from compare.run import outcome_name, record_afresh
from compare.verdicts import ExitCode

__all__ = ["SAMPLE", "Recorder", "capture", "capture_cells", "is_clean", "manifest_of"]

_ATTEMPTS = 3

SAMPLE = "sample"
"""The tag of the few scenarios that a quick capture takes: one per folder."""


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """Who is recorded, on which route, and where; the real codex-cli below `.work/runs` unless a test says other."""

    agent: Agent = field(default_factory=lambda: load_agent("codex-cli"))
    manifest: Callable[[str], Manifest] | None = None
    via: str | None = None
    runs: Path = WORK / "runs"
    jobs: int = 2

    def record(self, cells: Sequence[Cell], suffix: str = "") -> tuple[Path, list[Outcome]]:
        """Records the cells into `<runs>/<agent><suffix>`, with a progress line where a person watches."""
        out = self.runs / f"{self.agent.name}{suffix}"
        with Progress(len(cells), out.name) as progress:
            made = record_afresh(cells, self.agent, out, jobs=self.jobs, via=self.via, watch=progress.step)
            return out, asyncio.run(made)


def capture(
    upstream: Path,
    *,
    versions: Sequence[str] = (),
    lanes: Sequence[Lane] = (),
    only: Sequence[str] = (),
    noise: int = 0,
    sample: bool = False,
    recorder: Recorder | None = None,
) -> int:
    """Records, accepts, and with `noise` records that often again and learns. Prints what it does; an exit code.

    0 all taken, 1 a difference among runs that no rule can say, 2 nothing to record, 3 a cell that was not
    taken.
    """
    recorder = recorder or Recorder()
    cells = capture_cells(upstream, versions=versions, only=only, sample=sample)
    cells = [(scenario, lane) for scenario, lane in cells if not lanes or lane in lanes]
    if not cells:
        print("no scenario has such a lane; nothing to record")
        return ExitCode.USAGE
    out, outcomes = recorder.record(cells)
    clean = [outcome_name(outcome) for outcome in outcomes if is_clean(outcome)]
    unsteady = _unsteady(recorder, cells, clean, out, upstream)
    manifest = recorder.manifest or manifest_of
    manifests = {version: manifest(version) for version in sorted({lane.version for _, lane in cells})}
    steady = [name for name in clean if name not in unsteady]
    done = accept(out, upstream, only=steady, manifests=manifests) if steady else []
    kept = [f"kept: {name}: not so in every run, learn it with --noise: {text}" for name, text in unsteady.items()]
    print("\n".join([*kept, *accepted_lines(done), *_not_taken(outcomes)]))
    code = ExitCode.OK if len(clean) == len(outcomes) else ExitCode.HARNESS_ERROR
    if noise and clean:
        code = max(code, _learn(recorder, _named(cells, clean), upstream, noise))
    return code


def capture_cells(
    upstream: Path, *, versions: Sequence[str] = (), only: Sequence[str] = (), sample: bool = False
) -> list[Cell]:
    """The cells to record codex-cli in: of the given versions, else of all that have recordings, else of all.

    A version that no scenario names yet takes the roles of the newest version that each scenario names.
    """
    every = load_scenarios(only=only)
    wanted = tuple(versions) or sorted({cell.version for cell in find_cells(upstream)})
    named = {lane.version for scenario in (*load_scenarios(), *every) for lane in scenario.lanes}
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


def _named(cells: Sequence[Cell], names: Collection[str]) -> list[Cell]:
    return [(scenario, lane) for scenario, lane in cells if f"{lane}/{scenario.id}" in names]


def _unsteady(
    recorder: Recorder, cells: Sequence[Cell], names: Sequence[str], out: Path, upstream: Path
) -> dict[str, str]:
    """Cells that differ from what is committed now, but not in each of a few more runs: noise, not a change."""
    pending = differing(out, upstream, only=names) if names else {}
    unsteady: dict[str, str] = {}
    for attempt in range(1, _ATTEMPTS):
        if not pending:
            break
        folder, outcomes = recorder.record(_named(cells, pending), f".again.{attempt}")
        made = [outcome_name(outcome) for outcome in outcomes if is_clean(outcome)]
        still = differing(folder, upstream, only=made) if made else {}
        unsteady |= {name: pending.pop(name) for name in made if name not in still}
    return unsteady


def _learn(recorder: Recorder, cells: Sequence[Cell], upstream: Path, times: int) -> int:
    sources = []
    for number in range(1, times + 1):
        source, outcomes = recorder.record(cells, f".{number}")
        sources.append(source)
        print("".join(f"{line}\n" for line in _not_taken(outcomes)), end="")
    learned = learn(sources, upstream, only=[f"{lane}/{scenario.id}" for scenario, lane in cells])
    print("\n".join(learned_lines(learned)))
    return ExitCode.DIFFERENCE if any(one.unexplained for one in learned.values()) else ExitCode.OK


def _newest_roles(scenario: Scenario) -> list[str]:
    newest = max((lane.version for lane in scenario.lanes), key=lambda v: [int(part) for part in v.split(".")])
    return [lane.role for lane in scenario.lanes if lane.version == newest]


def _not_taken(outcomes: Iterable[Outcome]) -> list[str]:
    return [f"not taken: {outcome_name(o)}: {o.status}: {o.message}" for o in outcomes if not is_clean(o)]
