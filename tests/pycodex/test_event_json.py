"""Which events upstream passes over: one that has a known field of another type, or JSON that serde does not take."""

from __future__ import annotations

import json

import pytest

from pycodex.event_json import read_event
from pycodex.upstream import load_dialect

OLD = load_dialect("0.115.0").stream.answers.fields
NEW = load_dialect("0.169.0").stream.answers.fields


def event(more: str = "") -> str:
    return '{"type":"response.output_text.delta"' + (f",{more}" if more else "") + "}"


@pytest.mark.parametrize(
    "more",
    [
        "",
        '"delta":"x","summary_index":-1,"content_index":null',
        '"other":"\\ud800"',
        '"other":1e999',
        '"other":' + "9" * 5000,
        '"other":' + "[" * 300 + "]" * 300,
        '"item":{"text":"\\ud83d\\ude00"}',
        '"response":' + "[" * 126 + "]" * 126,
        '"response":5',
    ],
)
def test_what_is_taken(more: str) -> None:
    for fields in (OLD, NEW):
        found = read_event(event(more), fields)
        assert found is not None
        assert found["type"] == "response.output_text.delta"
        assert read_event(f" \t{event(more)}\n", fields) == found


@pytest.mark.parametrize(
    "more",
    [
        '"delta":5',
        '"delta":"\\ud800"',
        '"content_index":"0"',
        '"content_index":1.0',
        '"content_index":true',
        '"summary_index":9223372036854775808',
        '"other":NaN',
        '"other":-Infinity',
        '"item":{"text":"\\udc00"}',
        '"item":{"\\udc00":1}',
        '"response":' + "[" * 127 + "]" * 127,
        '"other":"a\tb"',
        '"other":' + "[" * 100_000 + "]" * 100_000 + "]",
        '"other":01',
    ],
)
def test_what_is_passed_over(more: str) -> None:
    assert read_event(event(more), OLD) is None
    assert read_event(event(more), NEW) is None


def test_what_the_versions_take_otherwise() -> None:
    for more in ('"call_id":5', '"item_id":[]', '"text":{}', '"metadata":"\\ud800"'):
        assert read_event(event(more), OLD) is not None
        assert read_event(event(more), NEW) is None
    assert read_event(event('"response":1e999'), OLD) is None
    assert read_event(event('"response":1e999'), NEW) is not None


@pytest.mark.parametrize("data", ["", "[]", "5", "{", "{}x", '{"type":5}', '{"a":1}', "[DONE]", "\x0b{}"])
def test_what_is_no_event(data: str) -> None:
    assert read_event(data, NEW) is None


def test_nothing_of_an_event_is_lost() -> None:
    value = {"type": "x", "deep": [1, 2.5, None, True, {"é": "😀"}], "n": 12345678901234567890}
    assert read_event(json.dumps(value), NEW) == read_event(json.dumps(value, ensure_ascii=False), OLD) == value
