from typing import Any

import pytest

from fake_server.invariants import OUTPUTS, broken_invariants, tool_outputs


def call(kind: str = "function_call", call_id: str = "c1") -> dict[str, Any]:
    return {"type": kind, "call_id": call_id, "name": "f"}


def output(kind: str = "function_call_output", call_id: str = "c1", text: Any = "done") -> dict[str, Any]:
    return {"type": kind, "call_id": call_id, "output": text}


USER = {"type": "message", "role": "user", "content": []}


def test_every_pair_is_fine() -> None:
    for kind, answers in OUTPUTS.items():
        for answer in answers:
            assert broken_invariants({"input": [USER, call(kind), output(answer), USER]}) == []


def test_parallel_calls_and_a_second_output_are_fine() -> None:
    # code mode: notify() adds an output after the main one
    items = [call(), call(call_id="c2"), output(), output(call_id="c2"), output(call_id="c2")]
    assert broken_invariants({"input": items}) == []


def test_output_that_names_itself_needs_no_call() -> None:
    beside = {"type": "function_call_output", "id": "fco_1", "name": "goal_objective", "output": "x"}
    assert broken_invariants({"input": [call(), output(), beside]}) == []
    assert broken_invariants({"input": [{key: beside[key] for key in ("type", "id", "output")}]}) != []


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([output()], "input[0] is a function_call_output for 'c1', and no such call"),
        ([output(), call()], "no such call stands before it"),
        ([call(), output(call_id="c2")], "input[1] is a function_call_output for 'c2'"),
        ([USER, call()], "input[1] is a function_call with call_id 'c1', and its output is not there"),
        ([call("custom_tool_call"), output()], "which is a custom_tool_call"),
    ],
)
def test_a_broken_pair(items: list[dict[str, Any]], words: str) -> None:
    assert words in "\n".join(broken_invariants({"input": items}))


def test_what_the_server_remembers_or_ran_itself_is_not_asked_for() -> None:
    assert broken_invariants({"previous_response_id": "resp_1", "input": [output()]}) == []
    assert broken_invariants({"input": [call("tool_search_call") | {"execution": "server"}]}) == []


def test_input_as_text_or_absent() -> None:
    assert broken_invariants({"input": "hello"}) == []
    assert broken_invariants({}) == []


def test_a_body_that_is_no_object() -> None:
    bodies: tuple[Any, ...] = (None, [], "x")
    for body in bodies:
        assert broken_invariants(body) == ["the body is not a JSON object"]


def test_tool_outputs_as_text() -> None:
    parts = [{"type": "input_text", "text": "a"}, {"type": "input_image"}, {"type": "input_text", "text": "b"}]
    body = {"input": [call(), output(text="one"), output("custom_tool_call_output", "c2", parts)]}
    assert tool_outputs(body) == [("c1", "one"), ("c2", "a\n\nb")]
    assert tool_outputs("x") == []
