"""`make bench`: the layer before chat/completions beside a bare pass-through and LiteLLM, in turn in one run.

Each is a server in a process of its own before the same backend, which streams tokens that tell when they left. The
pass-through is an aiohttp server that hands bytes on: what it takes, the layer's own work is not. It never judges.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from captures.agents import AgentError
from tests.bench.layer.backend import ChatBackend
from tests.bench.layer.cases import CASES, Figures, measure
from tests.bench.layer.processes import peak_bytes, resident_bytes
from tests.bench.layer.servers import SERVERS, start
from tests.bench.layer.table import Memory, render
from tests.bench.progress import Progress

__all__ = ["main"]


def main() -> int:
    """Exit codes: 0 measured, 2 usage, 3 a server could not be started or gave half an answer."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.layer", description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=3, help="counted runs of each server and case (default: 3)")
    names = [server.name for server in SERVERS[1:]]
    parser.add_argument("--server", action="append", choices=names, help="only this one beside the pass-through")
    args = parser.parse_args()
    if args.runs < 1:
        parser.error("--runs: at least one run is measured")
    try:
        print(asyncio.run(_measured(args.runs, [SERVERS[0].name, *(args.server or names)])))
    except (AgentError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 3
    return 0


async def _measured(runs: int, names: Sequence[str]) -> str:
    progress = Progress(len(names) + len(CASES) * len(names) * (runs + 1))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        stack.callback(progress.clear)
        backend = await stack.enter_async_context(ChatBackend())
        running = {}
        for server in (server for server in SERVERS if server.name in names):
            progress.step(f"{server.name} starts")
            running[server.name] = await stack.enter_async_context(start(server, f"{backend.url}/v1", folder))
        first = {name: resident_bytes(one.pid) for name, one in running.items()}
        results = []
        for case in CASES:
            figures: dict[str, list[Figures]] = {name: [] for name in running}
            for count in range(runs + 1):
                for name, one in running.items():
                    progress.step(f"{case.name}: {name}")
                    found = await measure(case, backend, one)
                    if count:  # the first of each is a warm-up
                        figures[name].append(found)
            results.append((case, figures))
        memory = {name: Memory(first=first[name], peak=peak_bytes(one.pid)) for name, one in running.items()}
    lead = f"median of {runs}; milliseconds are beside the pass-through, whose own stand in parentheses"
    return f"{lead}\n{render(results, memory)}"


if __name__ == "__main__":
    sys.exit(main())
