"""Calls of one answer: told apart, in order, with ids of their own."""

from typing import Any

import pytest

from pycodex.responses_server.response import response_object
from pycodex.responses_server.stream import ChatStream
from tests.pycodex.responses_server.answers import TOOLS, asked, call, delta, end, items_of

TWO = [("exec_command", '{"cmd":"a"}', "call_a"), ("exec_command", '{"cmd":"b"}', "call_b")]


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(
            [
                delta(tool_calls=[{"index": i, "id": d, "function": {"name": n, "arguments": a}}])
                for i, (n, a, d) in enumerate(TWO)
            ],
            id="numbered",
        ),
        pytest.param([call(None, id=d, name=n, arguments=a) for n, a, d in TWO], id="without index"),
        pytest.param([call(0, id=d, name=n, arguments=a) for n, a, d in TWO], id="index always 0"),
        pytest.param(
            [
                call(0, id="call_a", name="exec_command"),
                call(1, id="call_b", name="exec_command"),
                call(0, arguments='{"cmd"'),
                call(1, arguments='{"cmd":'),
                call(0, arguments=':"a"}'),
                call(1, arguments='"b"}'),
            ],
            id="interleaved",
        ),
        pytest.param(
            [
                delta(
                    tool_calls=[
                        {"id": "call_a", "function": {"name": "exec_command", "arguments": '{"cmd":"a"}'}},
                        {"id": "call_b", "function": {"name": "exec_command", "arguments": '{"cmd":"b"}'}},
                    ]
                )
            ],
            id="at once",
        ),
        pytest.param(
            [
                call(0, id="call_a", name="exec_command", arguments='{"cmd":'),
                call(0, id="call_a", name="exec_command", arguments='"a"}'),
                call(1, id="call_b", name="exec_", arguments=""),
                call(1, name="command"),
                call(1, arguments='{"cmd":"b"}'),
            ],
            id="names repeated and split",
        ),
        pytest.param(
            [
                call(None, id="call_a", name="exec_command", arguments='{"cmd":'),
                call(None, arguments='"a"}'),
                call(None, id="call_b", name="exec_command", arguments='{"cmd":'),
                call(None, arguments='"b"}'),
            ],
            id="without index, split",
        ),
    ],
)
def test_parallel_calls_keep_their_ids_and_order(chunks: list[Any]) -> None:
    found = [(item["name"], item["arguments"], item["call_id"]) for item in items_of([*chunks, *end("tool_calls")])]
    assert found == TWO


def test_calls_without_ids_are_told_apart_and_get_ids() -> None:
    calls = [{"function": {"name": "exec_command", "arguments": {"cmd": text}}} for text in "ab"]
    first, second = items_of([delta(tool_calls=calls), *end("tool_calls")])
    assert [first["arguments"], second["arguments"]] == ['{"cmd":"a"}', '{"cmd":"b"}']
    assert first["call_id"] != second["call_id"]


def test_an_id_of_the_history_is_not_used_again() -> None:
    history = [
        {"type": "function_call", "call_id": "call_0", "name": "exec_command", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_0", "output": "x"},
    ]
    chunks = [call(i, id="call_0", name="exec_command", arguments="{}") for i in range(2)]
    found = [item["call_id"] for item in items_of([*chunks, *end()], asked(history, tools=TOOLS))]
    assert len({*found, "call_0"}) == 3


def test_a_call_that_is_whole_ends_before_the_next_one_does() -> None:
    stream = ChatStream(asked(tools=TOOLS), response_object({}, "m"))
    assert [event["type"] for event in stream.feed(call(0, id="a", name="exec_command", arguments="{}"))] == [
        "response.output_item.added",
        "response.function_call_arguments.delta",
    ]
    names = [event["type"] for event in stream.feed(call(1, id="b", name="exec_command"))]
    assert names == ["response.function_call_arguments.done", "response.output_item.done"]
