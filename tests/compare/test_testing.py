"""The recorder and the comparison that tests of other projects use."""

import sys
import urllib.request
from pathlib import Path

import pytest

from captures.scenario import ScenarioError
from compare.surfaces import REQUEST_SURFACES
from compare.testing import Recorder, RecorderError, held_against, keep, recording_of
from compare.verdicts import Verdict
from fake_server import ThreadedServer

TOY = f"{sys.executable} {Path(__file__).with_name('toy_agent.py')}"
HELLO = "0.169.0/direct/exec/hello"


def scenario(answers: int = 1, code: int = 0) -> dict[str, object]:
    answer = {"output": [{"message": "hi"}]}
    return {"runs": [{"argv": ["x"], "expect_exit": code}], "answers": {"main": [answer] * answers}}


def agent(tmp_path: Path, words: str = "one") -> str:
    return f"{TOY} {tmp_path / 'counter'} {words}"


def test_a_scenario_of_one_s_own_is_recorded(tmp_path: Path) -> None:
    found = Recorder(out=tmp_path).record(agent(tmp_path), scenario())
    assert (found.exits, found.stdout, found.problems) == ([0], ["one", ""], ())
    assert found.bodies == [{"model": "m", "stream": True, "input": []}]
    assert (found.folder / "requests.json").exists()


async def test_it_records_inside_a_loop_and_as_a_coroutine(tmp_path: Path) -> None:
    recorder = Recorder(out=tmp_path)
    first = recorder.record(agent(tmp_path), scenario())
    second = await recorder.arecord(agent(tmp_path), scenario(), lane="0.115.0/direct")
    assert first.recording.tree["requests"] == second.recording.tree["requests"]
    assert (first.recording.lane, second.recording.lane) == ("0.169.0/direct", "0.115.0/direct")


@pytest.mark.parametrize(("wrong", "words"), [(scenario(2), "script: main/2"), (scenario(1, 3), "exit code 0")])
def test_what_the_script_does_not_agree_with_is_raised(tmp_path: Path, wrong: dict[str, object], words: str) -> None:
    recorder = Recorder(out=tmp_path)
    with pytest.raises(RecorderError, match="strict=False") as error:
        recorder.record(agent(tmp_path), wrong)
    assert words.partition(": ")[2] in str(error.value)
    assert len(recorder.record(agent(tmp_path), wrong, strict=False).problems) == 1


def test_an_agent_that_is_not_there_and_a_scenario_that_is_none(tmp_path: Path) -> None:
    recorder = Recorder(out=tmp_path)
    with pytest.raises(RecorderError, match=r"harness error: .*no-such-agent"):
        recorder.record("/no-such-agent", scenario())
    with pytest.raises(ScenarioError, match="no scenario named 'exec/nope'"):
        recorder.record(agent(tmp_path), "exec/nope")
    with pytest.raises(ScenarioError, match="name one"):
        recorder.record(agent(tmp_path), "exec")
    with pytest.raises(ScenarioError, match="the scenario of the test"):
        recorder.record(agent(tmp_path), {"runs": 1})


def test_a_recording_is_kept_and_held_against(tmp_path: Path) -> None:
    recorder, kept = Recorder(out=tmp_path / "out"), tmp_path / "kept" / "hello"
    keep(recorder.record(agent(tmp_path, "one,one,two"), scenario()), kept)
    same = held_against(recorder.record(agent(tmp_path, "one,one,two"), scenario()), kept)
    assert (same.identical, same.of("stdout"), same.differences) == (True, Verdict.IDENTICAL, [])
    found = recorder.record(agent(tmp_path, "one,one,two"), scenario())
    other = held_against(found, kept)
    assert [line.partition(":")[0] for line in other.differences] == ["stdout"]
    assert "1 difference from the recording" in str(other) and "two" in str(other)
    assert held_against(found, kept, surfaces=["head", "body"]).identical
    ledger = tmp_path / "meant.toml"
    ledger.write_text(
        'difference = [{id = "x", cells = "*", surface = "stdout", path = "*", reason = "r", evidence = "e"}]'
    )
    meant = held_against(found, kept, declared=ledger)
    assert (meant.identical, meant.of("stdout")) == (True, Verdict.DECLARED)


def test_an_agent_inside_the_test_has_requests_only() -> None:
    with ThreadedServer() as server:
        server.load([{"output": [{"message": "hi"}]}])
        head = {"Content-Type": "application/json"}
        url = f"{server.base_url}/responses"
        with urllib.request.urlopen(urllib.request.Request(url, b'{"model":"m","input":[]}', head)) as answer:
            answer.read()
        recording = recording_of(server, HELLO)
    told = held_against(recording)
    assert told.surfaces == REQUEST_SURFACES
    assert told.of("head") is Verdict.DIFFERENT
    assert {line.partition(":")[0] for line in told.differences} <= set(REQUEST_SURFACES)
    assert held_against(recording, surfaces=["tool_output"]).identical


def test_a_surface_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown surface 'heads'; there are head, body"):
        held_against(Recorder(out=tmp_path).record(agent(tmp_path), scenario()), HELLO, surfaces=["heads"])
