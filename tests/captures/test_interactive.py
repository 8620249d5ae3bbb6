"""Interactive runs of a toy agent: the steps are taken, the traffic is recorded, nothing is left behind."""

import sys
from pathlib import Path
from typing import Any

from captures.agents import Agent, load_agent
from captures.driver import Outcome, record
from captures.recording import Recording, read_recording
from captures.scenario import Lane, scenario_from_data

LANE = Lane("0.169.0", "direct")
TOY = Agent(
    name="toy",
    command=(sys.executable, str(Path(__file__).with_name("toy_repl.py"))),
    looks={"ready": r"^>$", "busy": "never shown"},
)
HI = {"output": [{"message": "hi"}]}
QUIT = {"say": "/quit"}


async def run(tmp_path: Path, *steps: dict[str, Any], **data: Any) -> tuple[Outcome, Recording]:
    data = {
        "format": 1,
        "rule": "a rule for the toy agent",
        "answers": {"main": [HI]},
        "runs": [{"argv": [], "expect_exit": 0, "timeout": 20, "steps": list(steps)}],
        **data,
    }
    scenario = scenario_from_data(data, "toy/one", "test")
    (outcome,) = await record([(scenario, LANE)], TOY, out=tmp_path, via="direct")
    assert outcome.folder is not None, outcome.message
    return outcome, read_recording(outcome.folder)


async def test_the_steps_are_taken_and_the_requests_recorded(tmp_path: Path) -> None:
    outcome, recording = await run(tmp_path, {"wait": {"screen": "ready"}}, {"say": "one"}, {"wait": {"idle": 1}}, QUIT)
    assert (outcome.status, outcome.message) == ("recorded", "")
    assert [request["body"]["model"] for request in recording.tree["requests"]] == ["one"]
    assert recording.tree["runs"] == [{"exit": 0, "stdout": [""], "stderr": [""]}], "the screen is no surface"


async def test_what_is_aside_stands_after_the_others_whenever_it_came(tmp_path: Path) -> None:
    aside = {"aside": True, "match": {"body": {"model": "side"}}, "answers": [HI]}
    says = [{"say": text} for text in ("side", "one")]
    _, recording = await run(
        tmp_path, {"wait": {"screen": "ready"}}, *says, {"wait": {"idle": 1}}, QUIT,
        answers={"main": [HI], "side": aside},
    )  # fmt: skip
    assert [request["body"]["model"] for request in recording.tree["requests"]] == ["one", "side"]


async def test_a_gate_a_key_and_another_size(tmp_path: Path) -> None:
    held = {**HI, "hold": {"after": 1, "until": "more"}}
    outcome, _ = await run(
        tmp_path,
        {"wait": {"screen": "150 wide"}},
        {"type": "one"},
        {"key": "enter"},
        {"wait": {"request": 1}},
        {"open": "more"},
        {"wait": {"answered": 1}},
        {"resize": [30, 90]},
        {"say": "two"},
        {"wait": {"screen": "90 wide"}},
        QUIT,
        answers={"main": [held, HI]},
    )
    assert (outcome.status, outcome.message) == ("recorded", "")


async def test_a_program_that_ends_too_early_is_named_with_the_step(tmp_path: Path) -> None:
    outcome, _ = await run(tmp_path, {"wait": {"screen": "ready"}}, QUIT, {"wait": {"request": 1}})
    assert "agent: run 1: step 3 {'wait': {'request': 1}}: the program has ended" in outcome.message


async def test_a_program_that_does_not_end_is_killed(tmp_path: Path) -> None:
    runs = [{"argv": [], "timeout": 2, "steps": [{"wait": {"screen": "ready"}}]}]
    outcome, recording = await run(tmp_path, runs=runs, answers={"main": []})
    assert "not finished after 2 s; killed" in outcome.message
    assert recording.tree["runs"][0]["exit"] == -9


def test_a_newer_codex_cli_is_started_without_its_daemon() -> None:
    codex = load_agent("codex-cli")
    assert codex.interactive_words(LANE) == ["--no-daemon"]
    assert codex.interactive_words(Lane("0.115.0", "direct")) == []
    assert TOY.interactive_words(LANE) == []
