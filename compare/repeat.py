"""`python -m compare repeat`: an agent through the same cells again and again: does it ever do otherwise?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from captures.agents import load_agent
from captures.driver import WORK
from compare.cells import upstream_folder
from compare.run import check_agent, committed_cells
from compare.verdicts import ExitCode

__all__ = ["repeat"]

_GOOD = ("identical", "declared")


def repeat(command: str, times: int, *, only: Sequence[str], jobs: int = 2, upstream: Path | None = None) -> int:
    """Records and judges the cells so many times; prints each round and the counts. An exit code."""
    upstream, agent = upstream or upstream_folder(), load_agent(command)
    if not committed_cells(upstream, only):
        print("no committed recording fits; nothing to repeat")
        return ExitCode.USAGE
    counts: Counter[str] = Counter()
    names: list[str] = []
    for number in range(1, times + 1):
        # A round that differs stays below .work/runs, to be looked at.
        out = WORK / "runs" / f"{agent.name}.repeat.{number}"
        verdicts = asyncio.run(check_agent(agent, out=out, upstream=upstream, only=only, command=command, jobs=jobs))
        for cell in verdicts.cells:
            name = f"{cell.lane}/{cell.scenario}"
            names += [] if name in names else [name]
            if cell.verdict in _GOOD:
                counts[name] += 1
                continue
            findings = [finding for surface in cell.surfaces for finding in surface.findings]
            texts = [finding.text for finding in findings if finding.declared is None]
            print(f"round {number}: {name}: {cell.verdict}: {cell.message or '; '.join(texts)}", flush=True)
    for name in sorted(names):
        print(f"{counts[name]:4} of {times} identical  {name}")
    return ExitCode.OK if all(counts[name] == times for name in names) else ExitCode.DIFFERENCE
