"""Every fault is found in the very answers that the real codex-cli was shown, and in nothing that is right."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_server import Script, answer_events
from fake_server.findings import FAULTS, Finding, Given, find_faults, read_stream
from fake_server.items import build_items
from fake_server.reply import answer_reply
from fake_server.script import Answer
from fake_server.writer import encode_event
from tests.repository import ROOT

SCENARIOS = sorted((ROOT / "captures" / "scenarios" / "server").glob("*.yaml"))
REQUEST = {"tools": [{"type": "function", "name": name} for name in ("exec_command", "write_stdin", "view_image")]}


def given(answer: Answer) -> Given:
    reply = answer_reply(answer, REQUEST)
    head = tuple((name, value) for name, value in reply.head if value is not None)
    end = "complete" if reply.fault is None else f"fault: {reply.fault.kind}"
    return Given(status=reply.status, head=head, body=b"".join(reply.writes), end=end)


def faults(found: list[Finding]) -> list[str]:
    return [finding.fault for finding in found]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_fault_of_a_scenario_is_found_and_no_other(path: Path) -> None:
    if path.stem == "schema_ignored":
        pytest.skip("a schema is judged by compare.server.judge")
    script = Script.from_data(yaml.safe_load(path.read_text())["answers"])
    found = find_faults(given(next(iter(script.answers))), REQUEST)
    assert faults(found) == [path.stem.removesuffix("_old")]
    assert found[0].detail and found[0].fix == FAULTS[found[0].fault]


def test_each_fault_has_a_scenario() -> None:
    assert {path.stem.removesuffix("_old") for path in SCENARIOS} == set(FAULTS)


@pytest.mark.parametrize(
    "output",
    [
        [{"message": "hi"}],
        [{"reasoning": {"summary": ["a"], "encrypted_content": "gA"}}, {"message": "hi"}],
        [{"call": {"name": "exec_command", "arguments": {"cmd": "ls"}}}],
        [],
    ],
)
def test_a_right_answer_has_no_fault(output: list[dict[str, Any]]) -> None:
    events = answer_events(build_items(output, step="main/1"), response_id="resp_1")
    body = b"".join(map(encode_event, events))
    assert find_faults(Given(status=200, body=body), REQUEST) == []
    lines = "\n".join(json.dumps(event) for event in events).encode()
    assert find_faults(Given(status=200, body=lines, messages=True), REQUEST) == []


@pytest.mark.parametrize(
    ("status", "fault"),
    [(402, "status_422"), (502, "status_500"), (404, "status_404"), (302, "status_422")],
)
def test_other_statuses_count_as_the_one_that_is_treated_alike(status: int, fault: str) -> None:
    found = find_faults(Given(status=status, body=b"some words"))
    assert faults(found) == [fault] and "some words" in found[0].detail


def test_what_is_no_object_is_no_error() -> None:
    assert Given(status=500, body=b"[1]").error == {}
    assert Given(status=500, body=b'{"error":"told so"}').error == {"message": "told so"}


def test_a_client_that_hung_up_was_waiting() -> None:
    assert faults(find_faults(Given(status=200, body=b": ping\n\n", end="client_closed"))) == ["silent"]
    assert faults(find_faults(Given(status=200, body=b"", end="cut: ClientPayloadError"))) == ["closed_early"]


def test_lines_may_end_as_they_like_and_comments_count_for_nothing() -> None:
    stream = read_stream(Given(status=200, body=b': hi\r\n\r\ndata:{"type":"a",\r\ndata: "b": 1}\r\n\r\n'))
    assert stream.events == [{"type": "a", "b": 1}] and stream.tail == ""
