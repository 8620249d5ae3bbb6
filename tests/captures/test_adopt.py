"""A session that the fake server's proxy recorded becomes a recording, and a scenario."""

import json
from pathlib import Path

import httpx
import pytest

from captures.adopt import adopt
from captures.promote import promote
from captures.recording import RecordingError, read_recording, write_recording
from captures.scenario import load_scenario
from fake_server import FakeServer, Script


async def session(folder: Path) -> Path:
    """What `python -m fake_server --proxy URL --record FOLDER` leaves: a file of exchanges."""
    folder.mkdir()
    script = Script.from_data({"main": [{"output": [{"message": "hello from a provider"}]}]})
    async with FakeServer() as live, FakeServer(upstream=live.url) as proxy:
        live.load(script)
        prompt = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "say hello"}]}
        async with httpx.AsyncClient() as client:
            headers = {"authorization": "Bearer sk-fake-live"}
            reply = await client.post(
                f"{proxy.url}/v1/responses", json={"model": "m", "input": [prompt], "stream": True}, headers=headers
            )
        assert "response.completed" in reply.text
        await proxy.settle()
        lines = [json.dumps(exchange.to_json(redact=True)) for exchange in proxy.journal]
    (folder / "exchanges.jsonl").write_text("\n".join(lines) + "\n")
    return folder


async def test_a_session_is_a_recording_in_the_same_form(tmp_path: Path) -> None:
    recording = adopt(await session(tmp_path / "live"))
    (request,), (response,) = recording.tree["requests"], recording.tree["responses"]
    assert (request["method"], request["target"], request["body"]["model"]) == ("POST", "/v1/responses", "m")
    assert "sk-fake-live" not in json.dumps(recording.tree), "credentials never reach the disk"
    assert [event["type"] for event in response["events"]][-1] == "response.completed"
    write_recording(recording, tmp_path / "r" / "live", tmp_path / "r" / "texts")
    assert read_recording(tmp_path / "r" / "live") == recording


async def test_its_scenario_says_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "promoted.yaml"
    path.write_text(promote(adopt(await session(tmp_path / "live"))))
    scenario = load_scenario(path, tmp_path)
    assert scenario.runs[0].argv[-1] == "say hello"
    (answer,) = scenario.answers["main"]
    assert answer["output"][0]["item"]["content"][0]["text"] == "hello from a provider"


@pytest.mark.parametrize(("text", "message"), [("", "no exchange"), ("{}\n", "line 1: not an exchange")])
def test_a_file_that_is_no_session_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "exchanges.jsonl").write_text(text)
    with pytest.raises(RecordingError, match=message):
        adopt(tmp_path)


def test_a_folder_without_a_session_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="--record"):
        adopt(tmp_path)
