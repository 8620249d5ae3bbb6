"""A unit played by pycodex in this very process, beside the fake server on one loop with a clock of its own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captures.agents import load_agent, model_for
from captures.workplace import Workplace
from fake_server import FakeServer, Script
from pycodex.cli.clap import parse
from pycodex.cli.exec import read_command, run_command
from pycodex.cli.options import program
from pycodex.upstream import load_dialect
from tests.fuzz_faults.clock import Hang, QuickLoop
from tests.fuzz_faults.units import Unit, make_unit, scenario_of

__all__ = ["Played", "Task", "mistakes", "play", "play_in_process"]

Task = tuple[int, int, str]
"""Seed, number and version of a unit."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of it, run by run; `rollouts`: the thread's files, `problems`: what the script's server says."""

    exits: tuple[int, ...]
    stdout: tuple[str, ...]
    stderr: tuple[str, ...]
    rollouts: tuple[str, ...]
    problems: tuple[str, ...]
    trouble: str = ""
    """A traceback, or a hang."""


def play(task: Task) -> tuple[Task, list[str]]:
    """The mistakes that pycodex makes of a unit; for a process that is told which one."""
    unit = make_unit(*task)
    return task, mistakes(unit, play_in_process(unit))


def play_in_process(unit: Unit) -> Played:
    """Both runs of the unit. Where the working folder is and what the environment holds is put back."""
    scenario = scenario_of(unit)
    exits: list[int] = []
    outputs: list[_Output] = []
    trouble, problems = "", list[str]()
    with Workplace(scenario) as place:

        async def both() -> None:
            async with FakeServer() as server:
                server.load(Script.from_data(scenario.answers), models=scenario.models)
                place.write_config(f"{server.url}/v1", model_for(unit.lane))
                for run in scenario.runs:
                    with _as_process(place), _Output.taken(outputs):
                        exits.append(await _start(unit, list(run.argv)))
                    await _end_of_process()
                    await server.settle()
                problems.extend(f"{one.whose}: {one.where}: {one.message}" for one in server.finish())

        try:
            with asyncio.Runner(loop_factory=QuickLoop) as runner:
                runner.run(both())
        except Hang as hang:
            trouble = f"hangs: {hang}"
        except Exception:
            trouble = traceback.format_exc()
        found = place.rollouts(load_agent("pycodex"))
    return Played(
        exits=tuple(exits),
        stdout=tuple(one.out for one in outputs),
        stderr=tuple(one.err for one in outputs),
        rollouts=tuple(data.decode() for data in found.values()),
        problems=tuple(problems),
        trouble=trouble,
    )


async def _start(unit: Unit, argv: list[str]) -> int:
    dialect = load_dialect(unit.lane.version)
    return await run_command(*read_command(dialect, parse(program(dialect), argv)))


async def _end_of_process() -> None:
    """What the end of a process does to connections that are left: they are closed. (A run freezes what is there.)"""
    gc.unfreeze()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    await asyncio.sleep(0.1)


@contextlib.contextmanager
def _as_process(place: Workplace) -> Iterator[None]:
    """The folder and the environment of the run."""
    folder, environment = Path.cwd(), dict(os.environ)
    os.chdir(place.workspace)
    os.environ.clear()
    os.environ.update(place.environment({}))
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)


class _Output:
    """What is printed, and nothing to read."""

    def __init__(self) -> None:
        self._out, self._err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))

    @classmethod
    @contextlib.contextmanager
    def taken(cls, into: list[_Output]) -> Iterator[None]:
        output, stdin = cls(), sys.stdin
        into.append(output)
        sys.stdin = io.TextIOWrapper(io.BytesIO())
        try:
            with contextlib.redirect_stdout(output._out), contextlib.redirect_stderr(output._err):
                yield
        finally:
            sys.stdin = stdin

    @property
    def out(self) -> str:
        return _text(self._out)

    @property
    def err(self) -> str:
        return _text(self._err)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    data: bytes = stream.buffer.getvalue()  # type: ignore[attr-defined]
    return data.decode()


def mistakes(unit: Unit, played: Played) -> list[str]:
    """Where this is not upstream's kind of result, in words; empty where it is."""
    found = [played.trouble, *played.problems] if played.trouble else list(played.problems)
    expected = tuple(0 if good else 1 for good in unit.ends)
    if not played.trouble and played.exits != expected:
        found.append(f"exit codes {played.exits}, not {expected}")
    for number, (good, out) in enumerate(zip(unit.ends, played.stdout, strict=False), 1):
        last = _last_event(out)
        wanted = "turn.completed" if good else "turn.failed"
        if last != wanted:
            found.append(f"run {number} ends with {last}, not {wanted}")
    found += [f"run {number}: {line}" for number, err in enumerate(played.stderr, 1) for line in _traceback(err)]
    found += _lost(played, unit.heard)
    return found


def _last_event(out: str) -> str:
    try:
        return str(json.loads(out.rstrip("\n").rpartition("\n")[2])["type"])
    except (ValueError, KeyError, TypeError):
        return repr(out[-200:])


def _traceback(err: str) -> list[str]:
    return ["a traceback on stderr"] if "Traceback (most recent call last)" in err else []


def _lost(played: Played, heard: Sequence[bool]) -> list[str]:
    """What the rollout lacks: it is one file, each line is JSON, and prompts and all that was said are in it."""
    if len(played.rollouts) != 1:
        return [f"{len(played.rollouts)} rollouts"]
    try:
        records = [json.loads(line) for line in played.rollouts[0].split("\n")[:-1]]
    except ValueError as error:
        return [f"the rollout is no JSON lines: {error}"]
    items = [record["payload"] for record in records if record.get("type") == "response_item"]
    texts = {part.get("text", "") for item in items for part in _parts(item)}
    asked = [text for text, kept in zip(("go", "and now?"), heard, strict=True) if kept]
    wanted = [*asked, *_said(played.stdout)]
    return [f"the rollout lacks {text!r}" for text in wanted if text not in texts]


def _parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    parts = item.get("content")
    return parts if isinstance(parts, list) else []


def _said(outputs: tuple[str, ...]) -> Iterator[str]:
    for out in outputs:
        for line in out.splitlines():
            event = json.loads(line)
            item = event.get("item", {})
            if event["type"] == "item.completed" and item.get("type") == "agent_message":
                yield item["text"]
