from dataclasses import replace
from pathlib import Path

import pytest

from captures.agents import Agent, load_agent
from captures.driver import Outcome
from captures.scenario import Lane
from compare.run import check_agent, check_folder, committed_cells, outcome_name
from compare.verdicts import Verdict
from tests.compare.folders import commit, lay
from tests.compare.samples import tree_115

HELLO = "0.115.0/direct/exec/hello"


def test_committed_cells_have_a_recording_and_a_scenario(tmp_path: Path) -> None:
    upstream = commit(tmp_path / "upstream", {HELLO: tree_115(), "0.115.0/direct/exec/forgotten": tree_115()})
    assert [f"{lane}/{scenario.id}" for scenario, lane in committed_cells(upstream)] == [HELLO]
    assert committed_cells(upstream, ["0.169.0"]) == []


async def test_an_agent_that_does_nothing_is_different(tmp_path: Path) -> None:
    upstream = commit(tmp_path / "upstream", {HELLO: tree_115()})
    seen: list[Outcome] = []
    agent = Agent.from_command("/bin/true")
    verdicts = await check_agent(agent, out=tmp_path / "runs", upstream=upstream, watch=seen.append)
    (cell,) = verdicts.cells
    assert (verdicts.agent, cell.name) == ("true", HELLO)
    different = {surface.surface for surface in cell.surfaces if surface.verdict is Verdict.DIFFERENT}
    assert {"head", "body", "input", "tools", "traffic", "stdout", "rollout"} <= different
    assert [outcome_name(outcome) for outcome in seen] == [HELLO]


def test_a_folder_is_judged_by_the_ledger_of_the_agent_s_name_or_the_one_given(tmp_path: Path) -> None:
    upstream = commit(tmp_path / "upstream", {HELLO: tree_115()})
    runs = lay(tmp_path / "runs", {HELLO: tree_115()})
    ledger = tmp_path / "ledger.toml"
    ledger.write_text(
        'difference = [{id = "x", cells = "*", surface = "exit", path = "*", reason = "r", evidence = "e"}]'
    )
    assert check_folder(runs, "nobody", upstream=upstream).stale == ()
    assert check_folder(runs, "nobody", upstream=upstream, declared=ledger).stale == ("x",)


def test_an_outcome_is_named_like_its_cell() -> None:
    lane = Lane("0.115.0", "direct")
    assert outcome_name(Outcome(lane=lane, scenario_id="exec/hello", status="recorded")) == HELLO


@pytest.mark.parametrize(("attempts", "verdict"), [(1, Verdict.DIFFERENT), (2, Verdict.IDENTICAL)])
async def test_a_cell_that_differs_once_is_recorded_again_and_the_verdict_says_so(
    tmp_path: Path, attempts: int, verdict: Verdict
) -> None:
    script = tmp_path / "fails_first.sh"
    script.write_text(f'mkdir "{tmp_path}/failed" 2>/dev/null && exit 1\nexec "$@"\n')
    pycodex = load_agent("pycodex")
    agent = replace(pycodex, command=("sh", str(script), *pycodex.command))
    runs = tmp_path / "runs"
    verdicts = await check_agent(agent, out=runs, only=[HELLO], attempts=attempts)
    (cell,) = verdicts.cells
    assert cell.verdict is verdict
    assert cell.message.startswith("agreed in recording 2, not at first: ") is (verdict is Verdict.IDENTICAL)
    assert [child.name for child in tmp_path.iterdir() if child.name.startswith("runs")] == ["runs"]
    assert check_folder(runs, agent.name, only=[HELLO]).cells[0].verdict is verdict
