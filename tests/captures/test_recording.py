"""Recordings on disk: what is read back is what was written, and damage is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from captures.noise import NoiseRule
from captures.recording import (
    Recording,
    RecordingError,
    folder_hash,
    join_lines,
    pack_json,
    read_recording,
    split_lines,
    unpack_json,
    write_recording,
)

LONG = "You are a long text. " * 40
TOOL = {"type": "function", "name": "exec_command", "description": "d" * 500, "parameters": {"type": "object"}}


def sample() -> Recording:
    def request(items: list[Any], **more: Any) -> dict[str, Any]:
        body = {"model": "m", "instructions": LONG, "input": items, "tools": [TOOL, {"type": "web_search"}], **more}
        return {
            "run": 1,
            "method": "POST",
            "target": "/v1/responses",
            "http": "HTTP/1.1",
            "connection": "new",
            "head": [["x", {"$json": {"b": 1, "a": 2}}], ["x", "twice"]],
            "body": body,
        }

    first = [{"role": "user", "content": [{"type": "input_text", "text": LONG}]}]
    more = [*first, {"type": "function_call", "arguments": {"$json": {"cmd": "ls"}}}]
    tree = {
        "requests": [request(first), request(more, text={"verbosity": "low"}), request(more)],
        "responses": [{"step": f"main/{n}", "status": 200, "end": "complete"} for n in (1, 2, 3)],
        "runs": [
            {"exit": 0, "stdout": [{"$json": {"type": "turn", "text": LONG}}, "plain", ""], "stderr": [""]},
            {"exit": -9, "stdout": ["no newline at the end"], "stderr": ["a", "b", ""]},
        ],
        "files": {"a.txt": "x\n", "b.bin": {"bytes": 3, "sha256": "00"}},
        "home": {},
        "rollouts": [{"path": "sessions/r.jsonl", "lines": [{"$json": {"text": LONG}}, "torn {", ""]}],
    }
    rule = NoiseRule(path=("runs", 0), kind="optional", observed=(1,), runs=2)
    inputs = ({"argv": ["exec"], "stdin": None}, {"argv": ["exec"], "stdin": "x"})
    return Recording(lane="0.0.1/direct", scenario="a/b", tree=tree, noise=(rule,), inputs=inputs)


def test_reading_gives_back_what_was_written(tmp_path: Path) -> None:
    recording = sample()
    write_recording(recording, tmp_path / "r", tmp_path / "texts")
    again = read_recording(tmp_path / "r")
    assert again == recording
    assert json.dumps(again.tree) == json.dumps(recording.tree), "key order is part of a recording"


def test_long_values_stand_once_and_requests_say_what_they_add(tmp_path: Path) -> None:
    write_recording(sample(), tmp_path / "r", tmp_path / "texts")
    texts = sorted(path.name for path in (tmp_path / "texts").iterdir())
    assert len(texts) == 2
    stored = json.loads((tmp_path / "r" / "requests.json").read_text())
    assert stored[1]["body"]["input"] == {
        "$as_request": 1,
        "first": 1,
        "then": [{"type": "function_call", "arguments": {"$json": {"cmd": "ls"}}}],
    }
    assert stored[1]["body"]["tools"] == {"$as_request": 1}
    assert stored[2]["body"]["input"] == {"$as_request": 2}


def test_a_changed_key_order_is_not_called_the_same(tmp_path: Path) -> None:
    recording = sample()
    tools = recording.tree["requests"][1]["body"]["tools"]
    recording.tree["requests"][1]["body"]["tools"] = [dict(reversed(tools[0].items())), tools[1]]
    write_recording(recording, tmp_path / "r", tmp_path / "texts")
    again = read_recording(tmp_path / "r").tree["requests"][1]["body"]["tools"][0]
    assert list(again) == ["parameters", "description", "name", "type"]


def test_writing_again_leaves_no_file_of_an_older_form(tmp_path: Path) -> None:
    write_recording(sample(), tmp_path / "r", tmp_path / "texts")
    (tmp_path / "r" / "stdout.3.txt").write_text("left over")
    write_recording(sample(), tmp_path / "r", tmp_path / "texts")
    assert not (tmp_path / "r" / "stdout.3.txt").exists()


def test_the_hash_sees_every_byte(tmp_path: Path) -> None:
    write_recording(sample(), tmp_path / "r", tmp_path / "texts")
    before = folder_hash(tmp_path / "r")
    stderr = tmp_path / "r" / "stderr.txt"
    stderr.write_text(stderr.read_text() + " ")
    assert folder_hash(tmp_path / "r") != before


def test_a_newer_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    write_recording(sample(), tmp_path / "r", tmp_path / "texts")
    result = tmp_path / "r" / "result.json"
    result.write_text(result.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(RecordingError, match="recording format 99, this program reads up to 1; update it"):
        read_recording(tmp_path / "r")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_recording(sample(), tmp_path / "r", tmp_path / "texts")
    (tmp_path / "r" / "rollout.jsonl").unlink()
    with pytest.raises(RecordingError, match=r"rollout\.jsonl"):
        read_recording(tmp_path / "r")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "{}",
        "[]",
        '{"a":1}',
        '{"a": 1}',
        '{"a":1,"a":2}',
        '{"a":1.0}',
        '{"a":1e3}',
        '{"é":"\\u00e9"}',
        "[1,2",
    ],
)
def test_packing_never_changes_a_byte(text: str) -> None:
    assert unpack_json(pack_json(text)) == text
    assert join_lines(split_lines(f"{text}\n{text}")) == f"{text}\n{text}"


def test_only_exactly_compact_json_is_opened() -> None:
    assert pack_json('{"a":1}') == {"$json": {"a": 1}}
    assert pack_json('{"a": 1}') == '{"a": 1}'
    assert pack_json('{"a":1,"a":2}') == '{"a":1,"a":2}'
    assert pack_json("12") == "12"
