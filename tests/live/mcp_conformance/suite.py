"""A scenario of the suite before one agent: what its checks came to, and which requests it got."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from captures.driver import WORK
from captures.scenario import Lane
from pycodex.code_mode.engine import find_engine
from tests.live.mcp_conformance.client import SECONDS
from tests.live.mcp_conformance.packages import installed

__all__ = ["Outcome", "outcome", "scenarios"]

_ROOT = Path(__file__).resolve().parents[3]
_EVENT = re.compile(r"event-\d+")
_LISTED = re.compile(r"^\s+- (\S+)(?: \[.*\])?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`score`: check -> what it came to, each thing once: how often an agent comes back to a server that it could not
    use follows from the time it has. `requests`: what the server was asked, likewise. `passed`: what the suite says."""

    score: dict[str, list[str]]
    requests: list[str]
    passed: bool


async def scenarios() -> list[str]:
    """All that the suite has for clients, as it lists them."""
    _, told, _ = await _run(["list", "--client"])
    return _LISTED.findall(told)


async def outcome(agent: str, lane: Lane, scenario: str, folder: Path) -> Outcome:
    """One scenario before one agent; what it leaves is in `folder`. Raises RuntimeError where that is not a result."""
    words = [sys.executable, "-m", "tests.live.mcp_conformance.client", agent, str(lane)]
    limit = str(int(SECONDS * 1000) + 10_000)
    code, _, told = await _run(
        ["client", "--command", shlex.join(words), "--scenario", scenario, "--timeout", limit, "-o", str(folder)]
    )
    found = sorted(folder.glob("**/checks.json"))
    if len(found) != 1:
        raise RuntimeError(f"{scenario} before {agent}: the suite left no checks: {told[-500:]}")
    checks = json.loads(found[0].read_text())
    if not checks:
        raise RuntimeError(f"{scenario} before {agent}: nothing was checked: {told[-500:]}")
    scored: dict[str, set[str]] = {}
    for check in checks:
        if check["status"] != "INFO":
            scored.setdefault(check["id"], set()).add(check["status"])
    asked = {_EVENT.sub("event", one["description"]) for one in checks if one["id"] == "incoming-request"}
    return Outcome(
        score={name: sorted(scored[name]) for name in sorted(scored)}, requests=sorted(asked), passed=code == 0
    )


async def _run(words: list[str]) -> tuple[int, str, str]:
    program = await asyncio.create_subprocess_exec(
        find_engine(os.environ),
        str(installed(WORK)),
        *words,
        cwd=_ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await program.communicate()
    assert program.returncode is not None
    return program.returncode, out.decode(errors="replace"), err.decode(errors="replace")
