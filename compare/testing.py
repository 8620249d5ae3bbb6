"""What the fixtures of `compare.plugin` hand out: a recorder of agents, and a comparison that speaks in a test's words.

Nothing here needs pytest: `Recorder` and `held_against` serve any program.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from captures.agents import Agent, load_agent
from captures.canonical import RawExchange, RawRun, canonical_tree
from captures.driver import LiveServer, Outcome, record
from captures.host import host_facts
from captures.placeholders import Window
from captures.recording import Recording, read_recording, write_recording
from captures.scenario import Lane, Scenario, ScenarioError, load_scenarios, scenario_from_data
from compare.cells import upstream_folder
from compare.declared import Declared, read_declared
from compare.diff import compare_recordings
from compare.surfaces import REQUEST_SURFACES, SURFACES
from compare.verdicts import CellVerdict, Verdict, judge
from fake_server import Problem
from fake_server.threaded import ThreadedServer

__all__ = ["Recorded", "Recorder", "RecorderError", "Told", "apart", "held_against", "keep", "recording_of"]

ScenarioLike = str | Path | Scenario | Mapping[str, Any]
"""An id of captures/scenarios, a YAML file of your own, or what such a file would hold (`runs`, `answers`...)."""

T = TypeVar("T")


class RecorderError(RuntimeError):
    """A recording that could not be made, or in which something went wrong; the message says whose fault it was."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One agent in one scenario: the recording, where it lies, and what the script did not agree with."""

    recording: Recording
    folder: Path
    problems: tuple[Problem, ...] = ()

    @property
    def bodies(self) -> list[Any]:
        """The body of each request, in canonical form."""
        return [request["body"] for request in self.recording.tree["requests"]]

    @property
    def exits(self) -> list[int]:
        """The exit code of each run."""
        return [run["exit"] for run in self.recording.tree["runs"]]

    @property
    def stdout(self) -> list[Any]:
        """The lines of the last run; a line of JSON is `{"$json": value}`."""
        return list(self.recording.tree["runs"][-1]["stdout"])


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """Starts agents as the harness does: own home, own environment, own scripted server; files go below `out`."""

    out: Path

    def record(
        self,
        agent: str | Agent,
        scenario: ScenarioLike,
        *,
        lane: str | None = None,
        server: str | None = None,
        key: str | None = None,
        strict: bool = True,
    ) -> Recorded:
        """Runs an agent (a command line, or a name of captures/agents) through a scenario.

        lane     `VERSION/ROLE`; the scenario's last one if not given
        server   URL of a real server in the scripted one's place, with its `key`
        strict   a request that the script does not know, an unused answer, another exit code than expected raise
        """
        return apart(self.arecord(agent, scenario, lane=lane, server=server, key=key, strict=strict))

    async def arecord(
        self,
        agent: str | Agent,
        scenario: ScenarioLike,
        *,
        lane: str | None = None,
        server: str | None = None,
        key: str | None = None,
        strict: bool = True,
    ) -> Recorded:
        """The same for those who have a loop that must go on meanwhile."""
        found = _scenario(scenario)
        where = found.lanes[-1] if lane is None else Lane.parse(lane)
        started = load_agent(agent) if isinstance(agent, str) else agent
        live = None if server is None else LiveServer(url=server, key=key)
        (outcome,) = await record([(found, where)], started, out=self.out, jobs=1, via="direct", server=live)
        _refuse(outcome, strict)
        assert outcome.folder is not None, "a recorded outcome has its folder"
        return Recorded(
            recording=read_recording(outcome.folder, self.out / "texts"),
            folder=outcome.folder,
            problems=tuple(outcome.problems),
        )


@dataclass(frozen=True, kw_only=True)
class Told:
    """A comparison as a test asks about it."""

    verdict: CellVerdict
    surfaces: tuple[str, ...]

    @property
    def differences(self) -> list[str]:
        """One line for each undeclared difference on the surfaces that were asked for."""
        return [
            f"{surface.surface}: {finding.text}"
            for surface in self.verdict.surfaces
            if surface.surface in self.surfaces
            for finding in surface.findings
            if finding.declared is None
        ]

    @property
    def identical(self) -> bool:
        return not self.differences

    def of(self, surface: str) -> Verdict:
        """The verdict of one surface."""
        return next(one.verdict for one in self.verdict.surfaces if one.surface == surface)

    def __str__(self) -> str:
        lines = self.differences
        count = f"{len(lines)} difference{'s' if len(lines) != 1 else ''}"
        return "\n".join([f"{self.verdict.name}: {count} from the recording", *(f"  {line}" for line in lines)])


def held_against(
    found: Recorded | Recording,
    expected: str | Path | None = None,
    *,
    surfaces: Sequence[str] = (),
    declared: Path | None = None,
) -> Told:
    """Compares with codex-cli's committed recording of the same scenario and lane, unless `expected` names another:
    a cell (`0.169.0/direct/exec/hello`) or a folder that `keep` wrote. `surfaces`: only these; `declared`: a ledger
    of meant differences. Raises RecordingError where there is no such recording."""
    for name in surfaces:
        if name not in SURFACES:
            raise ValueError(f"unknown surface {name!r}; there are {', '.join(SURFACES)}")
    recording = found.recording if isinstance(found, Recorded) else found
    cell = f"{recording.lane}/{recording.scenario}"
    kept = isinstance(expected, Path)
    folder = expected if isinstance(expected, Path) else upstream_folder() / (expected or cell)
    ours = read_recording(folder, folder.parent / "texts" if kept else None)
    ledger = Declared() if declared is None else read_declared(declared)
    comparison = compare_recordings(ours, recording)
    verdict = judge(recording.lane, recording.scenario, ours.tree, recording.tree, comparison, ledger)
    in_process = not recording.tree["runs"]
    return Told(verdict=verdict, surfaces=tuple(surfaces) or (REQUEST_SURFACES if in_process else SURFACES))


def keep(found: Recorded | Recording, folder: Path) -> None:
    """Writes a recording to hold later ones against; long texts go into `texts` beside the folder."""
    recording = found.recording if isinstance(found, Recorded) else found
    shutil.rmtree(folder, ignore_errors=True)
    write_recording(recording, folder, folder.parent / "texts")


def recording_of(server: ThreadedServer, cell: str) -> Recording:
    """What reached a scripted server, as a recording of a cell: for agents that run inside the test.

    It has requests and answers; there is no process, so there is no output, exit code or file.
    """
    version, role, scenario = cell.split("/", 2)
    exchanges = server.journal
    moments = [moment for one in exchanges for moment in (one.started, one.finished)] or [time.time()]
    raw = RawRun(
        window=Window(start=min(moments), end=max(moments)),
        root="",
        ports=(int(server.url.rpartition(":")[2]),),
        host=host_facts(),
        exchanges=[RawExchange(run=1, exchange=exchange) for exchange in exchanges],
        results=(),
        files={},
        home={},
        rollouts={},
    )
    return Recording(lane=f"{version}/{role}", scenario=scenario, tree=canonical_tree(raw))


def _scenario(given: ScenarioLike) -> Scenario:
    if isinstance(given, Scenario):
        return given
    if isinstance(given, Mapping):
        data = {"format": 1, "rule": "as the test says", **given}
        return replace(scenario_from_data(data, "test/scenario", "the scenario of the test"), via="direct")
    scenarios = load_scenarios(only=[str(given)])
    if len(scenarios) != 1:
        raise ScenarioError(f"{given}: {len(scenarios)} scenarios; name one")
    return scenarios[0]


def _refuse(outcome: Outcome, strict: bool) -> None:
    name = f"{outcome.lane}/{outcome.scenario_id}"
    if outcome.status != "recorded":
        raise RecorderError(f"{name}: {outcome.status}: {outcome.message}")
    if strict and outcome.problems:
        lines = "\n".join(f"  {problem}" for problem in outcome.problems)
        raise RecorderError(f"{name}: recorded, but not as the script has it (strict=False lets it through):\n{lines}")


def apart(doing: Coroutine[Any, Any, T]) -> T:
    """Runs it in a loop of its own, also where the caller is inside one."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, doing).result()
