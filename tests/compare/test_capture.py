import sys
from pathlib import Path
from typing import Any

import pytest

from captures.agents import Agent
from captures.driver import Outcome
from captures.manifest import Manifest, read_manifest
from captures.scenario import Lane, load_scenarios
from compare.capture import SAMPLE, Recorder, capture, capture_cells, is_clean
from fake_server import Problem
from tests.compare.folders import commit, noise_of, tree_of
from tests.compare.samples import tree_115

CELL = "0.169.0/direct/exec/hello"


def test_without_recordings_all_lanes_are_recorded(tmp_path: Path) -> None:
    every = [(scenario.id, lane) for scenario in load_scenarios() for lane in scenario.lanes]
    assert [(scenario.id, lane) for scenario, lane in capture_cells(tmp_path / "upstream")] == every


def test_the_versions_are_those_recorded_unless_others_are_asked_for(tmp_path: Path) -> None:
    upstream = commit(tmp_path / "upstream", {"0.115.0/direct/exec/hello": tree_115()})
    assert {lane.version for _, lane in capture_cells(upstream)} == {"0.115.0"}
    assert {lane.version for _, lane in capture_cells(upstream, versions=["0.169.0"])} == {"0.169.0"}
    assert {s.id for s, _ in capture_cells(upstream, only=["exec/hello"])} == {"exec/hello"}


def test_a_version_that_no_scenario_names_takes_the_newest_roles(tmp_path: Path) -> None:
    cells = capture_cells(tmp_path / "upstream", versions=["0.999.0"], only=["exec/hello"])
    (scenario,) = load_scenarios(only=["exec/hello"])
    roles = [lane.role for lane in scenario.lanes if lane.version == "0.169.0"]
    assert [str(lane) for _, lane in cells] == [f"0.999.0/{role}" for role in roles]


def test_the_sample_is_small_and_has_a_scenario_of_every_folder_that_tags_one(tmp_path: Path) -> None:
    sample = {scenario.id for scenario, _ in capture_cells(tmp_path / "upstream", sample=True)}
    assert sample == {scenario.id for scenario in load_scenarios() if SAMPLE in scenario.tags}
    assert 0 < len(sample) < len(load_scenarios())


def test_a_recording_with_a_complaint_is_not_taken() -> None:
    lane = Lane("0.169.0", "direct")
    problem = Problem(whose="script", where="main/2", message="not used")
    assert is_clean(Outcome(lane=lane, scenario_id="exec/hello", status="recorded"))
    assert not is_clean(Outcome(lane=lane, scenario_id="exec/hello", status="recorded", problems=(problem,)))
    assert not is_clean(Outcome(lane=lane, scenario_id="exec/hello", status="not run"))


def recorder(tmp_path: Path, *words: str) -> Recorder:
    """Records the toy agent, which says these words in turn."""
    script = Path(__file__).with_name("toy_agent.py")
    command = (sys.executable, str(script), str(tmp_path / "starts"), ",".join(words))
    return Recorder(
        agent=Agent(name="toy", command=command),
        manifest=lambda version: Manifest(version=version, platform="here"),
        via="direct",
        runs=tmp_path / "runs",
    )


def said(upstream: Path) -> str:
    word: str = tree_of(upstream, CELL)["runs"][0]["stdout"][0]
    return word


def take(upstream: Path, recorder: Recorder, **more: Any) -> int:
    return capture(upstream, versions=["0.169.0"], only=["exec/hello"], recorder=recorder, **more)


def test_a_first_capture_writes_and_a_second_leaves_all_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upstream = tmp_path / "upstream"
    toy = recorder(tmp_path, "hi")
    assert take(upstream, toy) == take(upstream, toy) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"new: {CELL}",
        "1 recordings: 1 new",
        "1 recordings: 1 unchanged",
    ]
    assert said(upstream) == "hi"
    known = read_manifest(upstream / "0.169.0")
    assert known is not None and known.platform == "here"


def test_a_change_that_stays_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = tmp_path / "upstream"
    toy = recorder(tmp_path, "hi", "ho")
    assert take(upstream, toy) == take(upstream, toy) == 0
    assert said(upstream) == "ho"
    assert f'changed: {CELL}: run 1, stdout line 1: upstream "hi", got "ho"' in capsys.readouterr().out


def test_what_only_some_runs_do_rewrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = tmp_path / "upstream"
    toy = recorder(tmp_path, "hi", "ho", "hi")
    assert take(upstream, toy) == take(upstream, toy) == 0
    assert said(upstream) == "hi"
    assert f"kept: {CELL}: not so in every run, learn it with --noise: " in capsys.readouterr().out


def test_noise_is_learned_from_more_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = tmp_path / "upstream"
    toy = recorder(tmp_path, "took 3 s", "took 5 s", "took 4 s")
    assert take(upstream, toy, noise=2) == 0
    (rule,) = noise_of(upstream, CELL)
    assert (rule.kind, rule.args["template"]) == ("line", "took {0} s")
    assert f"{CELL}: 1 new rules, 1 in all" in capsys.readouterr().out


def test_a_cell_that_does_not_fit_its_script_is_not_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = tmp_path / "upstream"
    code = capture(upstream, versions=["0.169.0"], only=["tools/exec_command"], recorder=recorder(tmp_path, "hi"))
    assert code == 3
    assert "not taken: 0.169.0/direct/tools/exec_command: " in capsys.readouterr().out
    assert not upstream.exists()


def test_nothing_to_record_is_a_mistake(tmp_path: Path) -> None:
    assert capture(tmp_path, versions=["none"], sample=True, only=["exec/resume"], recorder=recorder(tmp_path)) == 2


def test_only_the_lanes_that_are_asked_for_are_recorded(tmp_path: Path) -> None:
    other = [Lane("0.169.0", "fallback")]
    assert capture(tmp_path, lanes=other, only=["exec/hello"], recorder=recorder(tmp_path, "hi")) == 2
