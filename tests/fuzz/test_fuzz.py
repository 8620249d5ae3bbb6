"""The fuzzer without npm: what it makes, how it judges and shrinks, and a whole campaign against pycodex itself."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from captures.agents import Agent, load_agent
from captures.scenario import Lane, load_scenario, scenario_from_data
from compare.declared import Declared, parse_declared, read_declared
from fake_server import Script
from tests.fuzz import __main__ as fuzz
from tests.fuzz.calls import Group, exec_command, function
from tests.fuzz.campaign import Campaign
from tests.fuzz.findings import Finding
from tests.fuzz.judge import Mismatch, first_mismatch
from tests.fuzz.kinds import KINDS
from tests.fuzz.shrink import shrink
from tests.fuzz.table import Teller
from tests.fuzz.traces import Store, Trace, take_apart
from tests.fuzz.units import calls_of, kinds_of, make_unit, mark, scenario_data

LANE = Lane("0.169.0", "direct")
TOY = Path(__file__).parent / "toy_agent.py"


def test_a_unit_follows_from_its_seed_and_number() -> None:
    assert make_unit(7, 3) == make_unit(7, 3)
    assert make_unit(7, 3) != make_unit(7, 4) != make_unit(8, 4)


def test_each_kind_has_its_share() -> None:
    counts: Counter[str] = sum((kinds_of(make_unit(1, number)) for number in range(30)), Counter())
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= counts.total() * 0.05
    assert all(40 <= sum(map(len, make_unit(1, number))) < 45 for number in range(30))


def test_units_are_scenarios_that_the_server_takes() -> None:
    for number in range(10):
        scenario = scenario_from_data(scenario_data(make_unit(2, number)), "fuzz", "fuzz")
        script = Script.from_data(scenario.answers)
        assert len(list(script.answers)) == len(calls_of(make_unit(2, number))) + 2


# what is compared


def _trace(*outputs: str, events: Sequence[Any] = ()) -> Trace:
    calls = tuple(
        {
            "requests": [{"body": {"input": [{"type": "function_call_output", "output": output}]}}],
            "runs": [{"stdout": list(events)}],
        }
        for output in outputs
    )
    return Trace(calls=calls, rest={"requests": [], "runs": [{"exit": 0, "stdout": []}], "files": {}})


def _compare(expected: Trace, actual: Trace, declared: Declared | None = None) -> Mismatch | None:
    kinds = ["exits"] * len(expected.calls)
    return first_mismatch(expected, actual, kinds, str(LANE), declared or Declared(), set())


def test_the_first_call_that_differs_is_named() -> None:
    found = _compare(_trace("a", "b", "c"), _trace("a", "x", "y"))
    assert found is not None
    assert found.call == 1
    assert 'upstream "b", got "x"' in found.text


def test_wall_times_may_differ_in_value_and_not_in_form() -> None:
    assert _compare(_trace("Wall time: 0.0000 seconds\nx"), _trace("Wall time: 1.2345 seconds\nx")) is None
    assert _compare(_trace("Wall time: 0 seconds\nx"), _trace("Wall time: 0.1 seconds\nx")) is None
    assert _compare(_trace("Wall time: 0.0000 seconds\nx"), _trace("Wall time: 0 seconds\nx")) is not None
    assert _compare(_trace("Wall time: 0.0000 seconds\nx"), _trace("Wall time: 0.0000 seconds\ny")) is not None


def test_files_of_a_patch_come_in_any_order_where_the_reference_does_not_sort_them() -> None:
    def event(*paths: str) -> list[Any]:
        changes = [{"path": path, "kind": "add"} for path in paths]
        return [{"$json": {"type": "item.completed", "item": {"type": "file_change", "changes": changes}}}]

    unsorted, ordered = _trace("x", events=event("b", "a")), _trace("x", events=event("a", "b"))
    assert _compare(unsorted, ordered) is None
    assert _compare(ordered, unsorted) is not None


def test_a_declared_row_excuses_and_is_marked_as_used() -> None:
    row = """
        [[difference]]
        id = "b-is-x"
        cells = "0.169.0/direct/fuzz/exits"
        surface = "tool_output"
        path = "*/output"
        reason = "a test"
        evidence = "two runs"
    """
    used: set[str] = set()
    declared = parse_declared(row)
    assert first_mismatch(_trace("b"), _trace("x"), ["exits"], str(LANE), declared, used) is None
    assert used == {"b-is-x"}
    assert _compare(_trace("b"), _trace("x")) is not None


def test_events_stand_with_the_call_in_which_their_item_began() -> None:
    def line(kind: str, number: int, **item: Any) -> Any:
        return {"$json": {"type": f"item.{kind}", "item": {"id": f"item_{number}", **item}}}

    started, ended = line("started", 1, type="command_execution"), line("completed", 1, type="command_execution")
    messages = [line("completed", 10 + n, type="agent_message", text=mark(n)) for n in range(2)]
    run = {"exit": 0, "stdout": [messages[0], started, messages[1], ended], "stderr": []}
    tree = {"requests": [], "runs": [run], "files": {}}
    calls = take_apart(tree, 2).calls
    assert [call["runs"][0]["stdout"] for call in calls] == [[messages[0], started, ended], [messages[1]]]


def test_a_kept_trace_comes_back_as_it_was(tmp_path: Path) -> None:
    store, groups = Store(tmp_path), make_unit(1, 1, 5)
    assert store.load(groups, LANE) is None
    store.save(groups, LANE, _trace("é"))
    assert store.load(groups, LANE) == _trace("é")
    assert store.load(groups, Lane("0.115.0", "direct")) is None


# making it small


async def test_shrinking_leaves_the_calls_and_the_characters_that_matter() -> None:
    groups: list[Group] = [(exec_command("exits", f"echo {number}"),) for number in range(20)]
    groups += [(exec_command("exits", "echo some X or other", workdir="sub"),)]

    async def differs(fewer: Sequence[Group]) -> bool:
        texts = [call.item["call"]["arguments"].get("cmd", "") for call in calls_of(fewer)]
        return "X" in texts[-1] and any("7" in text for text in texts[:-1])

    small = await shrink(groups, differs, budget=500)
    assert [call.item["call"]["arguments"] for call in calls_of(small)] == [{"cmd": "echo 17"}, {"cmd": "X"}]


async def test_shrinking_stops_with_its_budget() -> None:
    asked = 0

    async def differs(_: Sequence[Group]) -> bool:
        nonlocal asked
        asked += 1
        return False

    groups: list[Group] = [(function("arguments", "exec_command", "{" * 50),)] * 9
    assert await shrink(groups, differs, budget=5) == groups
    assert asked == 5


# all of it


def _campaign(agent: Agent) -> Campaign:
    return Campaign(
        reference=load_agent("pycodex"), agent=agent, declared=Declared(), seed=3, size=12, jobs=1, budget=25
    )


def test_pycodex_does_not_differ_from_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--reference", "pycodex", "--calls", "14", "--version", "0.169.0", "--keep", str(tmp_path), "--jobs", "1"]
    code = fuzz.main(words)
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert "calls compared, 0 differences" in printed
    assert not list(tmp_path.iterdir())


async def test_a_planted_mistake_is_found_and_made_small(tmp_path: Path) -> None:
    found: list[Finding] = []
    campaign = _campaign(Agent.from_command(f"{sys.executable} {TOY} --upstream 0.169.0"))
    await campaign.run([(LANE, 0)], tell=found.append)
    steady = [finding for finding in found if finding.steady]
    assert steady, "no call of this unit was cut; take a seed with one"
    assert steady[0].kind in ("truncation", "multibyte")
    assert len(calls_of(steady[0].groups)) == 1
    Teller(tmp_path, lambda: None)(steady[0])
    written = load_scenario(next(tmp_path.iterdir()), tmp_path)
    assert written.lanes == (LANE,)


def test_the_ledger_can_be_read_and_its_rows_name_evidence() -> None:
    assert all("codex-cli" in row.evidence for row in read_declared(fuzz.DECLARED).rows)


def test_an_agent_that_cannot_be_started_is_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--reference", "/no/such/agent", "--calls", "1", "--version", "0.169.0"]
    assert fuzz.main(words) == 3
    assert "fuzz: " in capsys.readouterr().err
