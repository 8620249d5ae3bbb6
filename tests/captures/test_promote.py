"""A recording of a live session becomes a scenario that any agent can be held against."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from captures.promote import promote
from captures.recording import Recording
from captures.scenario import load_scenario
from fake_server import Script


def recording(responses: list[dict[str, Any]], **more: Any) -> Recording:
    prompt = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "wait for it"}]}
    tree = {
        "requests": [{"body": {"input": [prompt]}} for _ in responses],
        "responses": responses,
        "runs": [{"exit": 0, "stdout": [""], "stderr": [""]}],
        "files": {},
        "home": {},
        "rollouts": [],
    }
    return Recording(lane="0.169.0/direct", scenario="bugs/42", tree=tree, **more)


def stream(*items: dict[str, Any]) -> dict[str, Any]:
    events: list[dict[str, Any]] = [{"type": "response.created", "response": {"id": "resp_1"}}]
    events += [{"type": "response.output_item.done", "item": item} for item in items]
    usage = {"input_tokens": 7, "input_tokens_details": {"cached_tokens": 2}, "output_tokens": 3}
    events.append({"type": "response.completed", "response": {"id": "resp_1", "usage": usage}})
    return {"status": 200, "end": "complete", "head": [], "events": events}


CALL = {
    "type": "function_call",
    "id": "fc_1",
    "name": "write_stdin",
    "call_id": "call_1",
    "arguments": {"$json": {"session_id": "<session:r2.1>", "chars": ""}},
}
MESSAGE = {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]}


def test_the_scenario_is_valid_and_plays_the_same_items(tmp_path: Path) -> None:
    failed = {"status": 429, "end": "complete", "head": [], "body": "slow down"}
    text = promote(recording([stream(CALL), failed, stream(MESSAGE)]))
    path = tmp_path / "promoted.yaml"
    path.write_text(text)
    scenario = load_scenario(path, tmp_path)
    Script.from_data(scenario.answers)
    first, second, third = scenario.answers["main"]
    assert first["take"] == {"session": r"session ID (\d+)"}
    assert first["output"][0]["item"]["arguments"] == '{"session_id":$session,"chars":""}'
    assert first["usage"] == {"input_tokens": 7, "cached_tokens": 2, "output_tokens": 3, "reasoning_tokens": 0}
    assert second == {"http": {"status": 429, "body": "slow down"}}
    assert third["output"] == [{"item": MESSAGE}]
    assert scenario.runs[0].argv[-1] == "wait for it", "without inputs the prompt is taken from the first request"


def test_known_inputs_become_the_runs() -> None:
    inputs = ({"argv": ["exec", "-"], "stdin": "typed"},)
    data = yaml.safe_load(promote(recording([stream(MESSAGE)], inputs=inputs)))
    assert data["runs"] == [{"argv": ["exec", "-"], "stdin": "typed", "expect_exit": 0}]


def test_a_stream_without_an_end_is_kept_event_by_event() -> None:
    cut = {"status": 200, "end": "server_closed", "head": [], "events": [{"type": "response.created"}]}
    assert yaml.safe_load(promote(recording([cut])))["answers"]["main"] == [{"events": cut["events"]}]


def test_scripted_answers_need_no_promotion() -> None:
    with pytest.raises(ValueError, match=r"captures/scenarios/bugs/42\.yaml already is its scenario"):
        promote(recording([{"step": "main/1", "status": 200, "end": "complete"}]))
