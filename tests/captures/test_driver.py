"""The driver against a toy agent: what is recorded, whose fault a problem is, and that nothing is left running."""

import sys
from pathlib import Path
from typing import Any

import pytest

from captures.agents import Agent
from captures.driver import Outcome, record
from captures.recording import Recording, read_recording
from captures.scenario import Lane, scenario_from_data
from captures.wire import read_wire

LANE = Lane("0.169.0", "direct")
TOY = Agent(
    name="toy",
    command=(sys.executable, str(Path(__file__).with_name("toy_agent.py"))),
    private=("cache.bin",),
)


async def run(tmp_path: Path, **data: Any) -> tuple[Outcome, Recording | None]:
    data = {
        "format": 1,
        "rule": "a rule for the toy agent",
        "answers": {"main": [{"output": [{"message": "hi"}]}]},
        **data,
    }
    scenario = scenario_from_data(data, "toy/one", "test")
    (outcome,) = await record([(scenario, LANE)], TOY, out=tmp_path, via="direct")
    return outcome, read_recording(outcome.folder) if outcome.folder else None


async def test_a_run_is_recorded_in_canonical_form(tmp_path: Path) -> None:
    outcome, recording = await run(tmp_path, runs=[{"argv": ["say hi"], "expect_exit": 0}], files={"a.txt": "x"})
    assert (outcome.status, outcome.message) == ("recorded", "")
    assert recording is not None
    tree = recording.tree
    assert tree["runs"] == [{"exit": 0, "stdout": ["hi", ""], "stderr": ["thread <uuid7:thread>", ""]}]
    assert tree["files"] == {"a.txt": "x", "made.txt": "made\n"}
    assert "cache.bin" not in tree["home"], "an agent's private files are its own"
    assert tree["rollouts"] == [
        {
            "path": "sessions/<today:path>/rollout-<time:file>-<uuid7:thread>.jsonl",
            "lines": [{"$json": {"id": "<uuid7:thread>", "cwd": "<root>/ws"}}, ""],
        }
    ]
    (request,) = tree["requests"]
    assert (request["method"], request["target"], request["connection"]) == ("POST", "/v1/responses", "new")
    assert ["Session-Id", "<uuid7:thread>"] in request["head"], "names keep the case they had on the wire"
    assert ["Content-Length", "<len:body>"] in request["head"]
    assert tree["responses"] == [{"step": "main/1", "status": 200, "end": "complete"}]


async def test_the_times_lie_beside_a_recording_and_are_no_part_of_it(tmp_path: Path) -> None:
    outcome, _ = await run(tmp_path, runs=[{"argv": ["say hi"]}])
    assert outcome.folder is not None
    rows = read_wire(outcome.folder)
    assert rows is not None
    assert [kind for _, kind in rows[0].events][:: len(rows[0].events) - 1] == [
        "response.created",
        "response.completed",
    ]


async def test_standard_input_reaches_the_agent(tmp_path: Path) -> None:
    _, recording = await run(tmp_path, runs=[{"argv": ["-"], "stdin": "typed"}])
    assert recording is not None
    assert recording.tree["requests"][0]["body"]["input"][0]["content"][0]["text"] == "typed"


async def test_a_later_run_may_use_the_thread_and_taken_values(tmp_path: Path) -> None:
    answers = {"main": [{"output": [{"message": "colour blue"}]}, {"output": [{"message": "ok"}]}]}
    runs = [{"argv": ["one"], "take": {"colour": r"colour (\w+)"}}, {"argv": ["$thread/$colour/$unknown"]}]
    _, recording = await run(tmp_path, runs=runs, answers=answers)
    assert recording is not None
    text = recording.tree["requests"][1]["body"]["input"][0]["content"][0]["text"]
    assert text == "<uuid7:thread>/blue/$unknown"


async def test_a_wrong_exit_code_is_the_agents_fault(tmp_path: Path) -> None:
    outcome, recording = await run(tmp_path, runs=[{"argv": ["fail"], "expect_exit": 0}])
    assert [(p.whose, p.message) for p in outcome.problems] == [("agent", "exit code 3, the scenario expects 0")]
    assert recording is not None, "what was seen is recorded all the same"
    assert recording.tree["runs"][0]["exit"] == 3


async def test_an_unused_answer_is_a_problem_although_the_agent_exits_0(tmp_path: Path) -> None:
    answers = {"main": [{"output": [{"message": "hi"}]}, {"output": [{"message": "never asked for"}]}]}
    outcome, _ = await run(tmp_path, runs=[{"argv": ["say hi"]}], answers=answers)
    assert "main" in outcome.message
    assert outcome.problems


async def test_an_agent_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    outcome, recording = await run(tmp_path, runs=[{"argv": ["hang"], "timeout": 0.5}], answers={"main": []})
    assert "not finished after 0.5 s; killed" in outcome.message
    assert recording is not None
    assert recording.tree["runs"][0]["exit"] == -9
    assert not _running("toy_agent.py"), "the child that left the process group is gone too"


async def test_an_unmet_need_is_not_run_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome, _ = await run(tmp_path, runs=[{"argv": ["say hi"]}], needs=["bwrap"])
    assert (outcome.status, outcome.message) == ("not run", "this host has no bwrap (the scenario's `needs`)")


async def test_two_recordings_of_one_agent_differ_in_nothing(tmp_path: Path) -> None:
    _, first = await run(tmp_path / "1", runs=[{"argv": ["say hi"]}])
    _, second = await run(tmp_path / "2", runs=[{"argv": ["say hi"]}])
    assert first == second


def _running(word: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(w.endswith(word) for w in words) and "hang" in words:
            found.append(path.parent.name)
    return found


async def test_a_signal_is_sent_when_a_request_has_arrived(tmp_path: Path) -> None:
    slow = {"main": [{"delay_ms": 3000, "output": [{"message": "hi"}]}]}
    runs = [{"argv": ["say hi"], "signal": {"name": "SIGTERM", "when": {"request": 1}}, "expect_exit": -15}]
    outcome, recording = await run(tmp_path, runs=runs, answers=slow)
    assert (outcome.status, outcome.message) == ("recorded", "")
    assert recording is not None
    assert recording.tree["runs"][0]["exit"] == -15


async def test_a_signal_waits_for_a_file(tmp_path: Path) -> None:
    runs = [{"argv": ["hang"], "signal": {"name": "SIGINT", "when": {"file": "there"}}, "timeout": 1.5}]
    outcome, _ = await run(tmp_path, runs=runs, answers={"main": []})
    assert "not finished after 1.5 s" in outcome.message, "the file never came, nor did the signal"
    outcome, recording = await run(tmp_path, runs=runs, answers={"main": []}, files={"there": ""})
    assert recording is not None
    assert recording.tree["runs"][0]["exit"] != -9


async def test_a_scenario_that_needs_tls_is_served_and_no_certificate_is_recorded(tmp_path: Path) -> None:
    config = {"model_providers": {"fake": {"base_url": "$tls_url"}}}
    trusting = {"argv": ["$tls_url $authority $certificates"], "env": {"SSL_CERT_FILE": "$certificates/ca.pem"}}
    outcome, recording = await run(tmp_path, runs=[trusting], needs=["tls"], via="direct", config=config)
    assert (outcome.status, outcome.message) == ("recorded", "")
    assert recording is not None
    text = recording.tree["requests"][0]["body"]["input"][0]["content"][0]["text"]
    assert text == "https://127.0.0.1:<port>/v1 127.0.0.1:<port> <root>/certificates"
    assert "BEGIN CERTIFICATE" not in str(recording.tree)
