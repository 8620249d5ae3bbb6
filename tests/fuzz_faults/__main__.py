"""`make fuzz FAULTS=1000`: random faults of a server, and what pycodex makes of them.

A script (a seed and a number, for a version) is a turn among faults and another one in the thread that it leaves. The
rules that were measured say how often the model is asked, and how each turn ends. pycodex plays a script in this
process, with a clock that is set forward, so that no wait takes time. `--beside N` also starts the real codex-cli on
the first N of each version and compares all surfaces. What differs is written as a scenario.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from captures.agents import AgentError, load_agent
from captures.driver import WORK
from captures.progress import Progress
from compare.verdicts import ExitCode
from fake_server import FakeServer
from tests.fuzz_faults.beside import Beside, Verdict
from tests.fuzz_faults.in_process import Task, play
from tests.fuzz_faults.units import Unit, make_unit, write_unit

__all__ = ["main"]

VERSIONS = ("0.115.0", "0.169.0")
PATIENCE = 1000
"""Milliseconds of silence that break a stream beside codex-cli: on a busy machine 300 can pass in good order."""


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 upstream's kind of result each time, 1 not, 2 usage, 3 an agent could not be run."""
    args = _parse(argv)
    versions = args.version or list(VERSIONS)
    if args.beside and shutil.which("npm") is None and not (WORK / "npm").is_dir():
        print("fuzz_faults: npm is needed to install the real codex-cli", file=sys.stderr)
        return ExitCode.USAGE
    numbers = range(args.first, args.first + args.scripts) if args.unit is None else [args.unit]
    start = time.monotonic()
    try:
        wrong = _alone([(args.seed, number, version) for number in numbers for version in versions], args)
        if args.beside:
            tasks = [(args.seed, number, version) for number in numbers[: args.beside] for version in versions]
            wrong += asyncio.run(_beside(tasks, args))
    except AgentError as error:
        print(f"fuzz_faults: {error}", file=sys.stderr)
        return ExitCode.HARNESS_ERROR
    print(f"seed {args.seed}, {time.monotonic() - start:.0f} s")
    return ExitCode.DIFFERENCE if wrong else ExitCode.OK


def _alone(tasks: Sequence[Task], args: argparse.Namespace) -> int:
    """pycodex by itself: how many scripts it got wrong."""
    kinds: Counter[str] = Counter()
    wrong = 0
    with Progress(len(tasks), f"random faults, seed {args.seed}") as progress:
        for task, found in _played(tasks, args.jobs):
            unit = make_unit(*task)
            kinds += unit.kinds
            wrong += bool(found)
            progress.advance(f"{unit.name}, {wrong} found")
            if found:
                progress.clear()
                _tell(unit, found, args)
    print(f"{len(tasks)} scripts, {kinds.total()} answers, {wrong} scripts with another result than upstream's")
    for kind, count in sorted(kinds.items()):
        print(f"    {count:6} {kind}")
    return wrong


def _played(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, list[str]]]:
    if jobs == 1:
        yield from map(play, tasks)
        return
    # Each worker is a process of its own, for the folder and the environment are the process's.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(play, tasks, chunksize=4)


async def _beside(tasks: Sequence[Task], args: argparse.Namespace) -> int:
    """codex-cli and pycodex side by side: how many scripts they differ in."""
    queue, wrong, both = list(reversed(tasks)), 0, 0
    with Progress(len(tasks), f"beside {args.reference}, seed {args.seed}") as progress:

        async def work() -> None:
            nonlocal wrong, both
            async with FakeServer() as fake:
                judge = Beside(
                    reference=load_agent(args.reference),
                    agent=load_agent(args.agent),
                    fake=fake,
                    folder=WORK / "fuzz_faults",
                )
                while queue:
                    unit = make_unit(*queue.pop(), idle=PATIENCE, panics=False)
                    verdict = await judge.judge(unit)
                    found = _words(verdict, args.reference)
                    wrong, both = wrong + bool(found), both + verdict.both
                    progress.advance(f"{unit.name}, {wrong} found")
                    if found:
                        progress.clear()
                        _tell(unit, found, args, beside=True)

        await asyncio.gather(*(work() for _ in range(args.jobs)))
    print(f"{len(tasks)} scripts beside {args.reference}: {wrong} differ; {both} it does now this way, now that")
    return wrong


def _words(verdict: Verdict, reference: str) -> list[str]:
    return [*verdict.differences, *(f"{reference} against the rules: {text}" for text in verdict.problems)]


def _tell(unit: Unit, found: Sequence[str], args: argparse.Namespace, *, beside: bool = False) -> None:
    again = f"python -m tests.fuzz_faults --seed {unit.seed} --unit {unit.number} --version {unit.lane.version}"
    again += " --beside 1" if beside else ""
    path = write_unit(unit, args.keep or WORK / "fuzz_faults" / "found", [again, *found])
    print(f"{unit.lane} {dict(unit.kinds)}: {path}")
    print("\n".join(f"    {line[:300]}" for line in found[:8]))
    print(f"    again: {again}", flush=True)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_faults", description=__doc__)
    parser.add_argument("--scripts", type=int, default=1000, help="per version (default: 1000)")
    parser.add_argument("--beside", type=int, default=0, metavar="N", help="so many also by codex-cli (default: 0)")
    parser.add_argument("--seed", type=int, default=1, help="what the scripts follow from (default: 1)")
    parser.add_argument("--version", action="append", choices=VERSIONS, help="only this one")
    parser.add_argument("--unit", type=int, help="only this script of the seed")
    parser.add_argument("--first", type=int, default=0, metavar="UNIT", help="begin with this script of the seed")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="scripts at a time (default: 2)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for the scenarios of what is found")
    parser.add_argument("--agent", default="pycodex", help="beside codex-cli (default: pycodex)")
    parser.add_argument("--reference", default="codex-cli", help="the agent that is right (default: codex-cli)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
