"""The published shapes accept every recording of their version, and no request that was broken on purpose."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from captures.manifest import UPSTREAM, recording_folders
from captures.recording import read_recording
from compare.server.revive import Fresh, Sendable, revive
from compare.shapes.collect import has_turn
from compare.shapes.judge import Shapes, Violation
from compare.shapes.publish import stale
from tests.repository import ROOT

VERSIONS = sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir())
NEWEST = "0.169.0"


@cache
def shapes(version: str = NEWEST) -> Shapes:
    return Shapes(version)


def judged(request: Sendable, version: str = NEWEST) -> list[Violation]:
    return list(shapes(version).request(request.method, request.head, request.body))


def test_what_is_published_is_what_the_recordings_say() -> None:
    assert [path.relative_to(ROOT).as_posix() for path in stale()] == [], "run: python -m compare shapes --write"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_recording_has_the_shapes_of_its_version(version: str) -> None:
    wrong = []
    for name, folder in recording_folders(UPSTREAM / version):
        tree, fresh, seen = read_recording(folder).tree, Fresh(), set[str]()
        for recorded in tree["requests"] if has_turn(tree) else ():
            upgrade = [("upgrade", "websocket")] if any(n.lower() == "upgrade" for n, _ in recorded["head"]) else []
            request = revive(recorded, fresh)
            body = without_known(request.body, seen)
            found = shapes(version).request(request.method, [*request.head, *upgrade], body)
            wrong += [f"{name}: {one}" for one in found if "'upgrade' was unexpected" not in one.what]
        for run in tree["runs"]:
            for line in run["stdout"]:
                event = line.get("$json") if isinstance(line, dict) else None
                if isinstance(event, dict) and "type" in event:
                    body = revive({"method": "", "target": "", "head": [], "body": event}, fresh).body
                    wrong += [f"{name}: {one}" for one in shapes(version).event(body)]
    assert wrong == []


def without_known(body: Any, seen: set[str]) -> Any:
    """The body without items and tools that an earlier request had as well, for they were judged there."""
    if not isinstance(body, dict):
        return body
    out = dict(body)
    for key in ("input", "tools"):
        if isinstance(body.get(key), list):
            texts = [json.dumps(each) for each in body[key]]
            out[key] = [each for each, text in zip(body[key], texts, strict=True) if text not in seen]
            seen |= {text for text in texts if key == "tools" or "call" not in text[:30]}
    return out


@cache
def samples() -> list[Sendable]:
    """Requests of every kind, as they were on the wire."""
    places = ["direct/tools/exec_command", "direct/exec/hello_reasoning", "direct/request/images", "direct/patch/kinds"]
    places += ["code_mode/request/hello_code_mode", "direct/request/openai_websocket", "fallback/exec/hello_fallback"]
    found = []
    for place in places:
        fresh = Fresh()
        for recorded in read_recording(UPSTREAM / NEWEST / place).tree["requests"]:
            if recorded["method"] != "GET":
                found.append(revive(recorded, fresh))
    return found


Break = Callable[[dict[str, Any], st.DataObject], None]


def lose_a_key(body: dict[str, Any], data: st.DataObject) -> None:
    del body[data.draw(st.sampled_from(["input", "store", "include", "tool_choice", "prompt_cache_key", "reasoning"]))]


def another_type(body: dict[str, Any], data: st.DataObject) -> None:
    body[data.draw(st.sampled_from(sorted(set(body) - {"stream"})))] = 0.5


def a_new_key(body: dict[str, Any], data: st.DataObject) -> None:
    body["temperature"] = 1


def another_word(body: dict[str, Any], data: st.DataObject) -> None:
    assume("type" not in body)  # of messages on a WebSocket there are too few to promise this
    body["tool_choice"] = "any"


def another_id(body: dict[str, Any], data: st.DataObject) -> None:
    body["client_metadata"]["thread_id"] = "11111111-1111-4111-8111-111111111111"


def broken_metadata(body: dict[str, Any], data: st.DataObject) -> None:
    inside = json.loads(body["client_metadata"]["x-codex-turn-metadata"])
    del inside[data.draw(st.sampled_from(["turn_id", "sandbox", "request_kind"]))]
    body["client_metadata"]["x-codex-turn-metadata"] = json.dumps(inside)


def an_item(body: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    item: dict[str, Any] = data.draw(st.sampled_from(body["input"]))
    return item


def item_key(body: dict[str, Any], data: st.DataObject) -> None:
    an_item(body, data)["odd"] = 1


def item_type(body: dict[str, Any], data: st.DataObject) -> None:
    an_item(body, data)["type"] = data.draw(st.sampled_from(["hologram", 5, None]))


def item_part(body: dict[str, Any], data: st.DataObject) -> None:
    item = an_item(body, data)
    key = {"message": "content", "reasoning": "summary", "additional_tools": "tools"}.get(item["type"], "call_id")
    del item[key]


BREAKS: list[Break] = [
    *(lose_a_key, another_type, a_new_key, another_word, another_id, broken_metadata),
    *(item_key, item_type, item_part),
]


@given(st.data())
def test_a_broken_request_is_refused(data: st.DataObject) -> None:
    request = data.draw(st.sampled_from(samples()))
    body = copy.deepcopy(request.body)
    assert judged(request) == []
    data.draw(st.sampled_from(BREAKS))(body, data)
    assert judged(Sendable(method=request.method, path=request.path, head=request.head, body=body)) != []


@given(st.data())
def test_a_head_that_lacks_something_is_refused(data: st.DataObject) -> None:
    request = data.draw(st.sampled_from([one for one in samples() if one.method == "POST"]))
    name = data.draw(st.sampled_from(["originator", "user-agent", "session-id", "x-codex-turn-metadata", "accept"]))
    head = tuple(pair for pair in request.head if pair[0] != name)
    found = judged(Sendable(method="POST", path="/responses", head=head, body=request.body))
    assert [violation.place for violation in found] == ["head"] and name in found[0].what


@pytest.mark.parametrize(
    ("old", "new"),
    [("Wall time: 0.", "Wall time: "), ("Chunk ID: ", "Chunk: "), ("exited with code 0", "exited 0")],
)
def test_the_lines_above_an_output_have_their_form(old: str, new: str) -> None:
    request = next(one for one in samples() if one.body["input"][-1]["type"] == "function_call_output")
    body = copy.deepcopy(request.body)
    output = body["input"][-1]["output"]
    assert old in output
    body["input"][-1]["output"] = output.replace(old, new)
    found = judged(Sendable(method="POST", path="/responses", head=request.head, body=body))
    assert [violation.place.rpartition("/")[2] for violation in found] == ["exec_command"]
    assert "above `Output:`" in str(found[0])


def test_events_have_shapes_too() -> None:
    assert list(shapes().event({"type": "turn.started"})) == []
    assert list(shapes().event({"type": "turn.started", "odd": 1})) != []
    assert list(shapes().event({"type": "turn.begun"})) != []


def test_other_requests_are_not_looked_at() -> None:
    assert list(shapes().request("GET", [("accept", "*/*")], None)) == []
    assert list(shapes().request("POST", [], {"model": "m", "input": "", "max_output_tokens": 1})) == []


def test_a_version_without_shapes_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no shapes of codex-cli 9.9.9; there are: none"):
        Shapes("9.9.9", tmp_path)
