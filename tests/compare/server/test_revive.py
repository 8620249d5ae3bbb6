"""A recorded request becomes one that can be sent: no placeholder is left in it, whatever the recording."""

import json
import re
from pathlib import Path

import pytest

from captures.manifest import UPSTREAM
from captures.recording import read_recording
from compare.server.cases import CASES, recorded_request, sendable, suspects
from compare.server.revive import Fresh, revive

FOLDERS = [UPSTREAM / v / lane for v, lane in (("0.115.0", "direct"), ("0.169.0", "direct"), ("0.169.0", "code_mode"))]
LEFT = re.compile(r"<(uuid\d|chunk|unix|time|today|root|len|websocket|os|arch|tz)\b[^>]*>")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: "/".join(folder.parts[-2:]))
@pytest.mark.parametrize("name", ["request/images", "request/output_schema", "context/skills"])
def test_nothing_of_a_recording_stays_a_placeholder(folder: Path, name: str) -> None:
    fresh = Fresh()
    for recorded in read_recording(folder / name).tree["requests"]:
        request = revive(recorded, fresh, model="my-model")
        text = json.dumps([request.head, request.body])
        assert LEFT.findall(text) == [] and "$json" not in text
        assert request.body["model"] == "my-model" and request.path == "/responses"
        assert not {"host", "content-length", "authorization"} & {key.lower() for key, _ in request.head}


def test_the_same_placeholder_is_the_same_value() -> None:
    fresh = Fresh(now=1_800_000_000)
    first = fresh.text("<uuid7:thread>")
    assert fresh.text("<uuid7:thread>:0") == f"{first}:0" and fresh.text("<uuid7:turn.1>") != first
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)
    assert int(first[:8] + first[9:13], 16) == 1_800_000_000_000
    assert fresh.text("<time:ms>Z <today> <unix:s>") == "2027-01-15T08:00:00.000Z 2027-01-15 1800000000"


def test_packed_json_is_a_text_again_and_times_are_numbers() -> None:
    recorded = {
        "method": "POST",
        "target": "/v1/responses?a=b",
        "head": [["x-meta", {"$json": {"at": "<unix:ms>", "model": "old"}}], ["Host", "h"]],
        "body": {"model": "old", "input": [{"arguments": {"$json": {"a": [1]}}}]},
    }
    request = revive(recorded, Fresh(now=1.5), model="new")
    assert request.head == (("x-meta", '{"at":1500,"model":"new"}'),)
    assert request.body == {"model": "new", "input": [{"arguments": '{"a":[1]}'}]}


def test_a_case_that_a_version_does_not_send_has_no_request() -> None:
    case = next(case for case in CASES if case.name == "additional_tools")
    assert recorded_request(case, "0.115.0") is None
    recorded = recorded_request(case, "0.169.0")
    assert recorded is not None and sendable(case, recorded).body["input"][0]["type"] == "additional_tools"


def test_suspects_each_lack_one_thing() -> None:
    hello = next(case for case in CASES if case.name == "hello")
    recorded = recorded_request(hello, "0.169.0")
    assert recorded is not None
    request = sendable(hello, recorded)
    found = dict(suspects(request))
    assert "include" not in found["the key include"].body and "include" in request.body
    assert {"the headers of codex", "the ids of the items", "the messages of the role developer"} <= set(found)
    assert not any("id" in item for item in found["the ids of the items"].body["input"])
