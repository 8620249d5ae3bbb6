"""Measure codex-cli again, and write its scores down: python -m tests.live.mcp_conformance"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from captures.scenario import Lane
from tests.live.mcp_conformance.scores import LANES, row_of, write_scores
from tests.live.mcp_conformance.suite import outcome, scenarios


async def _measure() -> None:
    measured: dict[str, dict[str, object]] = {}
    for lane in LANES:
        for scenario in await scenarios():
            with tempfile.TemporaryDirectory() as folder:
                found = await outcome("codex-cli", Lane.parse(lane), scenario, Path(folder))
            measured.setdefault(lane, {})[scenario] = row_of(found)
            print(f"{lane} {scenario}: {'passed' if found.passed else 'failed'}", flush=True)
    write_scores(measured)


if __name__ == "__main__":
    asyncio.run(_measure())
