"""Bodies of requests: what other programs' ways to write JSON become."""

import json
from dataclasses import replace
from typing import Any

import pytest

from captures.canonical import canonical_tree
from compare import compare_trees
from tests.captures.test_wire import HTTP, raw

VALUE = {"model": "m", "input": [{"text": "Grüße"}], "arguments": '{"a":1}'}
COMPACT = json.dumps(VALUE, ensure_ascii=False, separators=(",", ":"))


def request_of(body: str) -> dict[str, Any]:
    request: dict[str, Any] = canonical_tree(raw(replace(HTTP, body=body.encode())))["requests"][0]
    return request


def test_a_compact_body_is_parsed_and_needs_no_word() -> None:
    request = request_of(COMPACT)
    assert request["body"] == {**VALUE, "arguments": {"$json": {"a": 1}}}
    assert "json" not in request


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (json.dumps(VALUE), "spaced, ASCII"),
        (json.dumps(VALUE, ensure_ascii=False), "spaced"),
        (json.dumps(VALUE, separators=(",", ":")), "compact, ASCII"),
    ],
)
def test_the_ways_of_python_are_parsed_and_named(text: str, written: str) -> None:
    request = request_of(text)
    assert (request["body"], request["json"]) == (request_of(COMPACT)["body"], written)


@pytest.mark.parametrize("text", ['{"a": 1,"b":2}', '{"a":1,"a":2}', "{oops", "oops", '{"a": 1, "a": 1}'])
def test_what_nobody_writes_so_stays_a_text(text: str) -> None:
    assert request_of(text)["body"] == text
    assert "json" not in request_of(text)


def test_a_body_in_another_way_is_one_difference_of_the_surface_body() -> None:
    ours, theirs = (canonical_tree(raw(replace(HTTP, body=t.encode()))) for t in (COMPACT, json.dumps(VALUE)))
    (found,) = compare_trees(ours, theirs).differences
    assert (found.surface, found.text) == ("body", 'request 1, json: added: "spaced, ASCII"')
