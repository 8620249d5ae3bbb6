"""npm's `@modelcontextprotocol/conformance`: its scenarios for clients give pycodex the score that codex-cli gets.

The suite starts an MCP server per scenario and the agent with its URL (`tests.live.mcp_conformance.client`); a scripted
model calls each tool that the server has. `score` and requests of pycodex have to be those of the codex-cli that runs
beside it, and both what was measured before. What needs a login fails for both: `exec` logs in nowhere.

Needs npm and the registry, once, and the codex-cli that `make capture` installs below `.work/npm`.
"""

import asyncio
from pathlib import Path

import pytest

from captures.driver import WORK
from captures.scenario import Lane
from tests.live.mcp_conformance.packages import LOCK, PACKAGE, installed, lines_of, npm_lock, pinned_version, pins
from tests.live.mcp_conformance.scores import LANES, read_scores, row_of
from tests.live.mcp_conformance.suite import Outcome, outcome, scenarios

ATTEMPTS = 3
"""How often a scenario is run whose outcomes differ: what races ends in another order on a busy machine."""
CELLS = [(lane, scenario) for lane, rows in read_scores()["lanes"].items() for scenario in rows]


async def both(lane: Lane, scenario: str, folder: Path) -> tuple[Outcome, Outcome]:
    first, second = await asyncio.gather(
        *(outcome(agent, lane, scenario, folder / agent) for agent in ("codex-cli", "pycodex"))
    )
    return first, second


@pytest.mark.parametrize(("lane", "scenario"), CELLS)
async def test_pycodex_scores_as_codex_cli(lane: str, scenario: str, tmp_path: Path) -> None:
    where = Lane.parse(lane)
    if not (WORK / "npm" / "@openai__codex" / where.version / "package-lock.json").exists():
        pytest.fail(
            f"codex-cli {where.version} is not installed; `python -m captures install {where.version}` does that"
        )
    known = read_scores()["lanes"][lane][scenario]
    upstream, ours = await both(where, scenario, tmp_path / "1")
    for attempt in range(2, ATTEMPTS + 1):
        if ours == upstream and row_of(ours) == known:
            break
        upstream, ours = await both(where, scenario, tmp_path / str(attempt))
    assert ours == upstream
    assert row_of(ours) == known, "codex-cli no longer scores as it did: python -m tests.live.mcp_conformance"


async def test_each_scenario_of_the_suite_is_run_for_each_version() -> None:
    found = await scenarios()
    assert len(found) > 20
    assert {lane: list(rows) for lane, rows in read_scores()["lanes"].items()} == dict.fromkeys(LANES, found)
    assert read_scores()["suite"] == f"{PACKAGE}@{pinned_version()}"


def test_a_score_can_be_another() -> None:
    rows = read_scores()["lanes"]
    assert rows[LANES[0]]["sse-retry"] != rows[LANES[1]]["sse-retry"], "0.169.0 takes up a stream, 0.115.0 does not"
    assert {row["passed"] for row in rows[LANES[1]].values()} == {True, False}


def test_npm_s_lock_says_what_ours_does() -> None:
    text = LOCK.read_text()
    lock = npm_lock(pins(text))
    assert lines_of(lock) == text
    inside = [place for place in pins(text) if "/node_modules/" in place]
    assert all(
        lock["packages"][f"node_modules/{place.partition('/node_modules/')[0]}"]["dependencies"] for place in inside
    )


@pytest.mark.parametrize("line", ["left-pad==1.0.0", "left-pad==1.0.0 --hash=sha512:abc", "left-pad>=1"])
def test_a_line_without_its_hash_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a pinned and hashed package: left-pad"):
        pins(line)


def test_npm_refuses_a_package_with_another_hash(tmp_path: Path) -> None:
    text = LOCK.read_text()
    row = next(line for line in text.splitlines() if line.startswith(f"{PACKAGE}=="))
    wrong = row[:-1] + ("0" if row[-1] != "0" else "1")
    with pytest.raises(RuntimeError, match="EINTEGRITY"):
        installed(tmp_path, text.replace(row, wrong))
