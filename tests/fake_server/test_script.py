from datetime import date
from typing import Any

import pytest

from fake_server.script import HttpAnswer, Script, ScriptError, Usage

SAY = {"output": [{"message": "hi"}]}


def test_a_list_is_a_track_without_match() -> None:
    script = Script.from_data({"main": [SAY, SAY]})
    assert [answer.step for answer in script.answers] == ["main/1", "main/2"]
    assert script.tracks[0].match is None


def test_a_track_with_match() -> None:
    script = Script.from_data(
        {"title": {"match": {"body": {"text.format.name": "^t"}, "header": {"X-A": "b"}}, "answers": [SAY]}}
    )
    match = script.tracks[0].match
    assert match is not None
    assert [(path, pattern.pattern) for path, pattern in match.body] == [("text.format.name", "^t")]
    assert match.method == "POST" and match.target is None


def test_defaults_of_an_answer() -> None:
    answer = next(Script.from_data({"main": [SAY]}).answers)
    assert answer.usage == Usage(input_tokens=10, cached_tokens=0, output_tokens=5, reasoning_tokens=0)
    assert (answer.delay_ms, answer.chunk_bytes, answer.headers, dict(answer.take)) == (0, None, (), {})


def test_every_key_of_an_answer_arrives() -> None:
    data = {
        "output": [],
        "usage": {"input_tokens": 7},
        "headers": {"x-a": ["1", "2"], "content-type": None},
        "response": {"id": "resp_x"},
        "take": {"session": r"ID (\d+)"},
        "delay_ms": 3,
        "chunking": {"bytes": 5},
    }
    answer = next(Script.from_data({"main": [data]}).answers)
    assert answer.usage == Usage(input_tokens=7)
    assert answer.headers == (("x-a", "1"), ("x-a", "2"), ("content-type", None))
    assert answer.response == {"id": "resp_x"}
    assert answer.take["session"].pattern == r"ID (\d+)"
    assert (answer.delay_ms, answer.chunk_bytes) == (3, 5)


def test_a_plain_answer() -> None:
    answer = next(Script.from_data({"main": [{"http": {"status": 400, "body": {"error": "x"}}}]}).answers)
    assert answer.http == HttpAnswer(status=400, body={"error": "x"})


def test_names_are_those_of_take() -> None:
    assert Script.from_data({"main": [SAY | {"take": {"a": "(x)"}}]}).names == {"a"}


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ([], "answers", "must be object"),
        ({}, "answers", "is empty"),
        ({"main": "hi"}, "answers.main", "must be array or object"),
        ({"main": [{"outptu": []}]}, "answers.main[0].outptu", "did you mean output?"),
        ({"main": [{}]}, "answers.main[0]", "none of them"),
        ({"main": [{"output": [], "events": []}]}, "answers.main[0]", "output and events"),
        ({"main": [{"events": [], "usage": {}}]}, "answers.main[0].usage", "no meaning beside `events`"),
        ({"main": [{"http": {"status": 400}, "headers": {}}]}, "answers.main[0].headers", "no meaning beside `http`"),
        ({"main": [{"http": {}}]}, "answers.main[0].http", "`status` is missing"),
        ({"main": [{"output": [{"mesage": "x"}]}]}, "answers.main[0].output[0].mesage", "did you mean message?"),
        ({"main": [{"output": [{"message": "x", "call": {"name": "a", "arguments": ""}}]}]},
         "answers.main[0].output[0]", "exactly one key"),
        ({"main": [{"output": [{}]}]}, "answers.main[0].output[0]", "is empty"),
        ({"main": [{"output": [{"message": 3}]}]},
         "answers.main[0].output[0].message", "must be string or object, not 3"),
        ({"main": [{"output": [{"message": {"txt": "x", "text": ""}}]}]},
         "answers.main[0].output[0].message.txt", "unknown key"),
        ({"main": [SAY, {"output": [{"call": {"name": "x"}}]}]},
         "answers.main[1].output[0].call", "`arguments` is missing"),
        ({"main": [SAY | {"usage": {"input_tokens": -1}}]}, "answers.main[0].usage.input_tokens", "minimum"),
        ({"main": [SAY | {"response": {"status": "odd"}}]}, "answers.main[0].response.status", "'odd'"),
        ({"main": [SAY | {"response": {"output": []}}]}, "answers.main[0].response.output", "follows from the items"),
        ({"main": [SAY | {"chunking": {"bytes": 0}}]}, "answers.main[0].chunking.bytes", "minimum"),
        ({"main": [SAY | {"take": {"s": "("}}]}, "answers.main[0].take.s", "not a regular expression"),
        ({"main": [SAY | {"take": {"s": "x"}}]}, "answers.main[0].take.s", "needs a group"),
        ({"main": [SAY | {"take": {"a-b": "(x)"}}]}, "answers.main[0].take", "a-b"),
        ({"t": {"answers": [{"http": {"status": 99}}]}}, "answers.t.answers[0].http.status", "minimum"),
        ({"t": {"match": {"body": {"a": "["}}, "answers": []}}, "answers.t.match.body.a", "not a regular expression"),
        ({"t": {"match": {}, "answers": []}}, "answers.t.match", "is empty"),
        ({"t": {"match": {"target": "x"}}}, "answers.t", "`answers` is missing"),
        ({"a": [], "b": []}, "answers", "only one track"),
        ({1: []}, "answers.1", "a key must be a string"),
        ({"main": [{"output": [{"item": {"day": date(2026, 1, 1)}}]}]},
         "answers.main[0].output[0].item.day", "a date, which JSON does not have"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_path(data: Any, path: str, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Script.from_data(data)
    assert caught.value.path == path
    assert words in caught.value.message


def test_usage_object_of_a_response() -> None:
    assert Usage(input_tokens=9, cached_tokens=4, output_tokens=3, reasoning_tokens=1).to_json() == {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 12,
    }
