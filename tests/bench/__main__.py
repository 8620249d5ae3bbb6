"""`make bench`: pycodex beside the real codex-cli, in turn in one run, as ratios. It never judges.

Each case is a script on the fake server; each agent runs it in a fresh home, in turn, so that a machine whose speed
drifts drifts for all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Callable
from typing import Any

from captures.agents import AgentError, load_agent, model_for
from captures.driver import WORK
from captures.scenario import Lane, Scenario, scenario_from_data
from captures.workplace import Workplace
from fake_server import FakeServer, Script
from tests.bench.measure import Figures, median, run_once

__all__ = ["CASES", "main"]

LANES = (Lane("0.115.0", "direct"), Lane("0.169.0", "direct"))
ARGV = ["exec", "--skip-git-repo-check", "-s", "danger-full-access", "go"]


def hello() -> dict[str, Any]:
    """One prompt, one answer."""
    return {"main": [{"output": [{"message": "hi there"}]}]}


def tool_turns(count: int = 100) -> dict[str, Any]:
    """`count` answers that each run one command, then a last word."""
    calls: list[dict[str, Any]] = [
        {"output": [{"call": {"name": "exec_command", "arguments": {"cmd": "true"}, "call_id": f"call_{n}"}}]}
        for n in range(count)
    ]
    return {"main": [*calls, {"output": [{"message": "done"}]}]}


def deltas(count: int = 10_000) -> dict[str, Any]:
    """One answer in `count` text deltas."""
    return {"main": [{"output": [{"message": "word " * count}]}]}


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "hello": hello,
    "100 exec_command turns": tool_turns,
    "10,000 text deltas": deltas,
}


def main() -> int:
    """Exit codes: 0 measured, 2 usage, 3 an agent could not be started or failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=5, help="counted runs of each agent and case (default: 5)")
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this case (repeatable)")
    args = parser.parse_args()
    if shutil.which("npm") is None and not (WORK / "npm").is_dir():
        print("bench: npm is needed to install the real codex-cli", file=sys.stderr)
        return 2
    try:
        for name in args.case or CASES:
            for lane in LANES:
                asyncio.run(_compare(name, CASES[name](), lane, args.runs))
    except (AgentError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 3
    return 0


async def _compare(name: str, answers: dict[str, Any], lane: Lane, runs: int) -> None:
    data = {"format": 1, "rule": "a case of the bench", "runs": [{"argv": ARGV}], "answers": answers}
    scenario = scenario_from_data(data, "bench", "bench")
    figures: dict[str, list[Figures]] = {"pycodex": [], "codex-cli": []}
    for count in range(runs + 1):
        for agent in figures:
            one = await _run(agent, scenario, lane)
            if count:  # the first of each is a warm-up
                figures[agent].append(one)
    print(f"{name}, {lane}: pycodex / codex-cli, median of {runs}")
    for field, unit, scale in (("first_request", "s", 1), ("wall", "s", 1), ("cpu", "s", 1), ("peak", "MiB", 2**20)):
        ours, theirs = (median([getattr(one, field) for one in figures[agent]]) / scale for agent in figures)
        ratios = [getattr(a, field) / max(getattr(b, field), 1e-9) for a, b in zip(*figures.values(), strict=True)]
        print(f"  {field:14} {ours:9.3f} {unit:3} / {theirs:9.3f} {unit:3} = {median(ratios):6.2f}x")


async def _run(name: str, scenario: Scenario, lane: Lane) -> Figures:
    command = await asyncio.to_thread(load_agent(name).start_command, lane, WORK)
    async with FakeServer() as server:
        server.load(Script.from_data(scenario.answers))
        with Workplace(scenario) as place:
            place.write_config(f"{server.url}/v1", model_for(lane))
            return await run_once(
                [*command, *ARGV],
                cwd=place.workspace,
                env=place.environment({}),
                first_request=lambda: server.journal[0].started if server.journal else None,
            )


if __name__ == "__main__":
    sys.exit(main())
