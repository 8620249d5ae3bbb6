"""What is not in the tree is recorded below `.work/drift`, and kept: nothing is run twice for the same question.

A recording counts for the binary (npm's integrity of its packages) and the scenario (hash of its data) that made it;
where either is another now, it is made again. Each cell is recorded twice. What the two runs differ in is learned as
noise, beside the noise that the nearest committed version has in the same scenario; a cell whose second run went
wrong was seen once, and the report says so.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captures.agents import Agent, model_for
from captures.driver import WORK, Cell, Outcome, record
from captures.noise import NoiseRule
from captures.progress import Progress
from captures.recording import Recording, read_recording
from captures.scenario import Lane, Scenario
from compare.accept import still_fitting
from compare.cells import CellName
from compare.drift.plan import Pair
from compare.learn import learn_rules
from compare.run import outcome_name

__all__ = ["Seen", "Store", "scenario_hash"]

_AGAIN = "again"
Integrity = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One cell: its recording, or why there is none; `problem`: what of the script did not fit; `times` it was run."""

    recording: Recording | None
    problem: str = ""
    status: str = "recorded"
    times: int = 2


class Store:
    """Recordings of both kinds: the committed ones below `upstream`, and those that were made for a comparison."""

    def __init__(
        self,
        agent: Agent,
        committed: Mapping[CellName, Path],
        integrity: Integrity,
        *,
        root: Path = WORK / "drift",
        jobs: int = 2,
    ) -> None:
        self.agent, self.committed, self.integrity = agent, committed, integrity
        self.root, self.jobs = root, jobs

    def fill(self, pairs: Sequence[Pair]) -> int:
        """Records what is neither committed nor there from an earlier time; how many runs that took."""
        cells = [(pair.scenario, lane) for pair in pairs for lane in (pair.role.before, pair.role.after)]
        wanted = [cell for cell in dict.fromkeys(_keys(cells)) if cell[1] not in self.committed]
        by_key = {key: cell for key, cell in zip(_keys(cells), cells, strict=True)}
        made = 0
        for folder in ("", _AGAIN):
            todo = [by_key[key] for key in wanted if not self._is_done(by_key[key], folder)]
            if todo:
                made += len(todo)
                self._record(todo, folder)
        return made

    def look(self, scenario: Scenario, lane: Lane, role: str) -> Seen:
        """The recording of a cell with its noise."""
        name = CellName(lane.version, lane.role, scenario.id)
        if name in self.committed:
            return Seen(recording=read_recording(self.committed[name]))
        row = self._done(lane.version, "").get(f"{lane.role}/{scenario.id}", {})
        if row.get("status") != "recorded":
            return Seen(
                recording=None, problem=row.get("message", "never recorded"), status=row.get("status", "not run")
            )
        first = read_recording(self.root / "runs" / str(name))
        again = self._done(lane.version, _AGAIN).get(f"{lane.role}/{scenario.id}", {})
        others = [read_recording(self.root / _AGAIN / str(name)).tree] if again.get("status") == "recorded" else []
        known = self._neighbours(lane, role, scenario.id, first)
        learned = learn_rules(first.tree, others, known)
        return Seen(recording=first.with_noise(learned.rules), problem=row["message"], times=1 + len(others))

    def _neighbours(self, lane: Lane, role: str, scenario: str, recording: Recording) -> tuple[NoiseRule, ...]:
        """The noise of this scenario and role in the nearest committed version, as far as it speaks of places here."""
        versions = {cell.version for cell in self.committed if cell.scenario == scenario and cell.role == role}
        if not versions:
            return ()
        nearest = min(versions, key=lambda version: (_distance(version, lane.version), version))
        rules = read_recording(self.committed[CellName(nearest, role, scenario)]).noise
        return still_fitting(rules, recording.tree)

    def _record(self, cells: Sequence[Cell], kind: str) -> None:
        out = self.root / (kind or "runs")
        with Progress(len(cells), f"drift {kind}".strip()) as progress:

            def step(outcome: Outcome) -> None:
                self._note(outcome, hashes[outcome.scenario_id], kind)
                progress.step(outcome)

            hashes = {scenario.id: scenario_hash(scenario) for scenario, _ in cells}
            asyncio.run(
                record(cells, self.agent, out=out, jobs=self.jobs, via="direct", model_of=_model_of, progress=step)
            )

    def _note(self, outcome: Outcome, scenario: str, kind: str) -> None:
        """Writes down that a cell is done, at once: what is stopped goes on where it was."""
        version = outcome.lane.version
        rows = self._done(version, kind)
        name = outcome_name(outcome).removeprefix(f"{version}/")
        rows[name] = {"status": outcome.status, "message": outcome.message, "scenario": scenario}
        path = self._notes(version, kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = {"integrity": dict(self.integrity(version)), "cells": dict(sorted(rows.items()))}
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _is_done(self, cell: Cell, kind: str) -> bool:
        scenario, lane = cell
        row = self._done(lane.version, kind).get(f"{lane.role}/{scenario.id}", {})
        return row.get("status") == "recorded" and row.get("scenario") == scenario_hash(scenario)

    def _done(self, version: str, kind: str) -> dict[str, dict[str, Any]]:
        """What this binary was recorded in; nothing where the notes are of another binary of that version."""
        path = self._notes(version, kind)
        if not path.exists():
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
        cells: dict[str, dict[str, Any]] = data["cells"]
        return cells if data["integrity"] == dict(self.integrity(version)) else {}

    def _notes(self, version: str, kind: str) -> Path:
        return self.root / (kind or "runs") / version / "done.json"


def scenario_hash(scenario: Scenario) -> str:
    """Of what a scenario does; its sentence, tags and lanes may change."""
    told = {"rule": "", "tags": (), "lanes": ()}
    data = {name: told.get(name, value) for name, value in vars(scenario).items()}
    return hashlib.sha256(repr(data).encode()).hexdigest()


def _keys(cells: Collection[Cell]) -> list[tuple[str, CellName]]:
    return [(scenario.id, CellName(lane.version, lane.role, scenario.id)) for scenario, lane in cells]


def _model_of(lane: Lane) -> str:
    """A lane that is recorded for a comparison is named by its model."""
    from captures.agents import AgentError

    try:
        return model_for(lane)
    except AgentError:
        return lane.role


def _distance(version: str, other: str) -> list[int]:
    ours, theirs = ([int(part) for part in text.partition("-")[0].split(".")] for text in (version, other))
    return [abs(a - b) for a, b in zip(ours, theirs, strict=True)]
