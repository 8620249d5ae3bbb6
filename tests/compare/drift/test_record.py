import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from captures.agents import Agent
from captures.noise import NoiseRule
from captures.scenario import Lane, Scenario, load_scenarios
from compare.cells import CellName, find_cells
from compare.drift.plan import Pair, Role
from compare.drift.record import Store, scenario_hash
from tests.compare.folders import commit
from tests.compare.samples import tree_115

TOY = Path(__file__).parent.parent / "toy_agent.py"


@pytest.fixture
def scenario() -> Scenario:
    return load_scenarios(only=["exec/hello"])[0]


def pair(scenario: Scenario, before: str = "0.130.0/gpt-5.4", after: str = "0.130.0/gpt-5.4") -> Pair:
    role = Role(name="direct", before=Lane.parse(before), after=Lane.parse(after), models=("m", "m"))
    return Pair(scenario=scenario, role=role)


def store(
    tmp_path: Path, *words: str, binary: str = "sha-1", committed: Mapping[CellName, Path] | None = None
) -> Store:
    """Records a toy that says these words, one at each start."""
    agent = Agent(name="toy", command=(sys.executable, str(TOY), str(tmp_path / "starts"), ",".join(words)))
    held = {CellName("0.115.0", "direct", "another/one"): tmp_path} if committed is None else committed
    return Store(agent, held, lambda version: {"toy": binary}, root=tmp_path / "drift", jobs=1)


def test_what_is_missing_is_recorded_twice_and_never_again(tmp_path: Path, scenario: Scenario) -> None:
    made = store(tmp_path, "word")
    assert made.fill([pair(scenario)]) == 2
    assert made.fill([pair(scenario)]) == 0
    assert store(tmp_path, "word").fill([pair(scenario)]) == 0
    seen = made.look(scenario, Lane("0.130.0", "gpt-5.4"), "direct")
    assert seen.recording is not None
    assert (seen.status, seen.times, seen.recording.tree["runs"][0]["stdout"]) == ("recorded", 2, ["word", ""])


def test_another_binary_or_another_scenario_is_recorded_again(tmp_path: Path, scenario: Scenario) -> None:
    store(tmp_path, "word").fill([pair(scenario)])
    assert store(tmp_path, "word", binary="sha-2").fill([pair(scenario)]) == 2
    other = Scenario(**{**vars(scenario), "config": {"model_verbosity": "low"}})
    assert store(tmp_path, "word", binary="sha-2").fill([pair(other)]) == 2


def test_what_the_two_runs_differ_in_is_noise(tmp_path: Path, scenario: Scenario) -> None:
    made = store(tmp_path, "one", "two")
    made.fill([pair(scenario)])
    seen = made.look(scenario, Lane("0.130.0", "gpt-5.4"), "direct")
    assert seen.recording is not None
    (rule,) = [rule for rule in seen.recording.noise if rule.path[:1] == ("runs",)]
    assert (rule.kind, rule.args["forms"]) == ("one_of", ["one", "two"])


def test_the_noise_of_the_nearest_recorded_version_counts_too(tmp_path: Path, scenario: Scenario) -> None:
    near = NoiseRule(path=("runs", 0, "exit"), kind="number", args={"lo": 0, "hi": 7}, observed=(0, 7), runs=2)
    upstream = commit(tmp_path / "upstream", {"0.115.0/direct/exec/hello": tree_115()}, [near])
    commit(upstream, {"0.169.0/direct/exec/hello": tree_115()})
    made = store(tmp_path, "word", committed=find_cells(upstream))
    made.fill([pair(scenario)])
    seen = made.look(scenario, Lane("0.130.0", "gpt-5.4"), "direct")
    assert seen.recording is not None
    assert [rule.args for rule in seen.recording.noise] == [{"lo": 0, "hi": 7}]


def test_what_failed_is_told_and_tried_again(tmp_path: Path, scenario: Scenario) -> None:
    made = store(tmp_path, "word")
    broken = Store(Agent(name="none", command=("/nowhere/at/all",)), made.committed, made.integrity, root=made.root)
    assert broken.fill([pair(scenario)]) == 2
    seen = broken.look(scenario, Lane("0.130.0", "gpt-5.4"), "direct")
    assert (seen.recording, seen.status) == (None, "harness error")
    assert made.fill([pair(scenario)]) == 2


def test_a_recorded_lane_is_read_where_it_lies(tmp_path: Path, scenario: Scenario) -> None:
    upstream = commit(tmp_path / "upstream", {"0.115.0/direct/exec/hello": tree_115()})
    made = store(tmp_path, "word", committed=find_cells(upstream))
    seen = made.look(scenario, Lane("0.115.0", "direct"), "direct")
    assert seen.recording is not None and seen.recording.tree == tree_115()


def test_what_a_scenario_is_called_and_tagged_does_not_matter(scenario: Scenario) -> None:
    renamed = Scenario(**{**vars(scenario), "rule": "Another sentence.", "tags": (), "lanes": ()})
    assert scenario_hash(renamed) == scenario_hash(scenario)
    assert scenario_hash(Scenario(**{**vars(scenario), "git": True})) != scenario_hash(scenario)
