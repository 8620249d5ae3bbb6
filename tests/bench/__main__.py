"""`make bench`: pycodex beside the real codex-cli, in turn in one run, as ratios. It never judges.

Each case is a script; each agent runs it in a fresh home, in turn, so that a machine whose speed drifts drifts for all
of them. The targets stand beside the ratios for people to read.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from captures.agents import AgentError, load_agent, model_for
from captures.driver import WORK
from captures.scenario import Lane, scenario_from_data
from captures.workplace import Workplace
from fake_server import Script
from tests.bench.cases import CASES, Case
from tests.bench.measure import Figures, run_once
from tests.bench.progress import Progress
from tests.bench.server import BenchServer, Stream, encode
from tests.bench.table import Cell, render

__all__ = ["main"]

LANES = (Lane("0.115.0", "direct"), Lane("0.169.0", "direct"))
AGENTS = ("pycodex", "codex-cli")


def main() -> int:
    """Exit codes: 0 measured, 2 usage, 3 an agent could not be started or failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=5, help="counted runs of each agent and case (default: 5)")
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this case (repeatable)")
    parser.add_argument("--version", action="append", choices=[lane.version for lane in LANES], help="only this one")
    args = parser.parse_args()
    if shutil.which("npm") is None and not (WORK / "npm").is_dir():
        print("bench: npm is needed to install the real codex-cli", file=sys.stderr)
        return 2
    lanes = [lane for lane in LANES if args.version is None or lane.version in args.version]
    names = args.case or list(CASES)
    progress = Progress(len(names) * len(lanes) * len(AGENTS) * (args.runs + 1))
    cells: list[Cell] = []
    try:
        for name in names:
            cells += [asyncio.run(_compare(name, lane, args.runs, progress)) for lane in lanes]
    except (AgentError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 3
    finally:
        progress.clear()
    print(f"median of {args.runs}; the ratio is the median of pycodex / codex-cli over neighbouring runs")
    print(render(cells, newest=LANES[-1].version))
    return 0


async def _compare(name: str, lane: Lane, runs: int, progress: Progress) -> Cell:
    case = CASES[name]
    measured = encode(Script.from_data(case.answers()))
    first = encode(Script.from_data(case.first())) if case.first else None
    figures: dict[str, list[Figures]] = {agent: [] for agent in AGENTS}
    for count in range(runs + 1):
        for agent in AGENTS:
            progress.step(f"{name}, {lane.version}: {agent}")
            one = await _run(agent, case, lane, first, measured)
            if count:  # the first of each is a warm-up
                figures[agent].append(one)
    return Cell(name=name, case=case, version=lane.version, ours=figures["pycodex"], theirs=figures["codex-cli"])


async def _run(
    agent: str, case: Case, lane: Lane, first: Sequence[Stream] | None, measured: Sequence[Stream]
) -> Figures:
    """One measured run, in a home of its own."""
    command = await asyncio.to_thread(load_agent(agent).start_command, lane, WORK)
    data = {"format": 1, "rule": "a case of the bench", "runs": [{"argv": case.argv}], "answers": {}}
    with Workplace(scenario_from_data(data, "bench", "bench")) as place:
        if first is not None:
            await _start([*command, *case.first_argv], place, lane, first)
        return await _start([*command, *case.argv], place, lane, measured)


async def _start(argv: list[str], place: Workplace, lane: Lane, streams: Sequence[Stream]) -> Figures:
    async with BenchServer(streams) as server:
        place.write_config(f"{server.url}/v1", model_for(lane))
        figures = await run_once(
            argv,
            cwd=Path(place.workspace),
            env=place.environment({}),
            first_request=lambda: server.requests[0] if server.requests else None,
        )
        if server.unused:
            raise RuntimeError(f"{' '.join(argv)}: {server.unused} answers were not asked for")
    return figures


if __name__ == "__main__":
    sys.exit(main())
