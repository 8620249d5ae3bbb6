"""Scenario files: every committed one is valid, and a wrong one is named with its place."""

import re
from pathlib import Path

import pytest

from captures.scenario import SCENARIOS, Lane, ScenarioError, load_scenario, load_scenarios
from fake_server import Script


def write(folder: Path, text: str) -> Path:
    path = folder / "wrong.yaml"
    path.write_text(text)
    return path


def test_every_committed_scenario_is_valid_with_a_valid_script() -> None:
    scenarios = load_scenarios()
    assert len(scenarios) == len(list(SCENARIOS.rglob("*.yaml"))) > 20
    for scenario in scenarios:
        Script.from_data(scenario.answers or {"main": []})
        assert scenario.rule.endswith((".", "!", "?")), f"{scenario.id}: the rule is a sentence"


def test_ids_are_paths_and_a_folder_selects_its_scenarios() -> None:
    ids = [scenario.id for scenario in load_scenarios(only=["tools"])]
    assert "tools/exec_command" in ids
    assert all(one.startswith("tools/") for one in ids)
    assert [s.id for s in load_scenarios(only=["exec/hello"])] == ["exec/hello"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format: 1\nrule: a long enough rule.\nrunz: []\n", "'runz' was unexpected|'runs' is a required"),
        ("format: 2\nrule: a long enough rule.\nruns: [{argv: [x]}]\n", "format: 1 was expected"),
        ("format: 1\nrule: a long enough rule.\nruns: [{argv: [x], stdn: y}]\n", "runs/0: .*stdn"),
        ("format: 1\nrule: a long enough rule.\nruns: [{argv: [5]}]\n", "runs/0/argv/0: 5 is not of type 'string'"),
        ("format: 1\nrule: a long enough rule.\nlanes: [x]\nruns: [{argv: [x]}]\n", "lanes/0"),
        ("a: [", "wrong.yaml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario(write(tmp_path, text), tmp_path)


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario named 'exec/nope'; there are: .*exec/hello"):
        load_scenarios(only=["exec/nope"])


def test_lanes_are_version_and_role() -> None:
    assert str(Lane.parse("0.169.0/code_mode")) == "0.169.0/code_mode"
    with pytest.raises(ScenarioError, match="expected VERSION/ROLE"):
        Lane.parse("0.169.0")


HARM = re.compile(r"\bkill (?!-0 )(-\S+ )*-1\b|\brm -\w+ (-\S+ )*[/~]\*?[\s\"';]|\b(mkfs|shutdown|reboot)\b(?! --help)")
"""Every process, or every file."""


@pytest.mark.parametrize("command", ["kill -9 -1", "kill -- -1", "rm -rf /;", "rm -rf --no-preserve-root / ", "reboot"])
def test_these_would_harm(command: str) -> None:
    assert HARM.search(f'cmd: "{command}"')


def test_an_agent_without_a_sandbox_can_be_recorded_without_harm() -> None:
    """Any agent may be held against a scenario, also one that just runs what it is asked to run."""
    assert [path for path in SCENARIOS.rglob("*.yaml") if HARM.search(path.read_text(encoding="utf-8"))] == []
