import json
from pathlib import Path

import pytest

from fake_server.journal import OpenExchange
from fake_server.loading import LoadError, load_replay, load_scenario, load_script

SAY = "main:\n  - output: [{message: hi}]\n"


def test_a_script_and_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(SAY)
    assert [answer.step for answer in load_script(path).answers] == ["main/1"]
    path.write_text("format: 1\nruns: [{argv: [x]}]\nanswers:\n  main: [{output: []}]\n")
    assert [answer.step for answer in load_scenario(path).answers] == ["main/1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("main: [", "not YAML"),
        ("main: []\nmain: []\n", "'main' stands twice"),
        ("main:\n  - output: []\n    outputs: []\n", r"answers\.main\[0\]\.outputs"),
        ("[]", "must be object"),
        ("", "must be object"),
        (b"\xff".decode("latin-1"), "must be object"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(LoadError, match=f"bad.yaml: .*{words}"):
        load_script(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="No such file"):
        load_script(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(LoadError, match="not UTF-8"):
        load_script(tmp_path / "bytes.yaml")
    (tmp_path / "script.yaml").write_text(SAY)
    with pytest.raises(LoadError, match=r"no key `answers`.*--script"):
        load_scenario(tmp_path / "script.yaml")


def test_a_recording_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "responses.json"
    path.write_text('[{"status": 200, "events": []}]')
    assert len(list(load_replay(tmp_path).answers)) == 1
    path.write_text('{"format": 1, "responses": [{"status": 200, "events": []}]}')
    assert len(list(load_replay(tmp_path).answers)) == 1


@pytest.mark.parametrize(
    ("text", "words"), [("{", "not JSON"), ('{"a": 1}', "must be a list"), ('[{"step": "m/1"}]', "--scenario FILE")]
)
def test_a_bad_recording_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "responses.json").write_text(text)
    with pytest.raises(LoadError, match=f"responses.json: .*{words}"):
        load_replay(tmp_path)


def test_exchanges_are_replayed(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="nothing to replay"):
        load_replay(tmp_path)
    made = OpenExchange(
        seq=1, connection="c1", method="POST", target="/v1/responses", http_version="HTTP/1.1", head=(), body=b""
    )
    path = tmp_path / "exchanges.jsonl"
    path.write_text(json.dumps(made.snapshot().to_json()) + "\n")
    assert [answer.step for answer in load_replay(tmp_path).answers] == ["replay/1"]
    path.write_text("3\n")
    with pytest.raises(LoadError, match=r"exchanges\.jsonl line 1"):
        load_replay(tmp_path)
