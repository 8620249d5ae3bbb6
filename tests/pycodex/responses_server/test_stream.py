"""Chat chunks -> Responses events. Each test is one law of the way back."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_server.chat import chat_chunks, chat_completion
from fake_server.grammar import check_events
from pycodex.responses_server.response import response_object
from pycodex.responses_server.stream import ChatStream
from tests.pycodex.responses_server.answers import (
    SHELLS,
    TOOLS,
    USAGE,
    asked,
    call,
    delta,
    end,
    events_of,
    items_of,
    texts,
)


def cut(text: str, places: list[int]) -> list[str]:
    """A text in pieces."""
    ends = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in pairwise(ends)]


PLACES = st.lists(st.integers(0, 500), max_size=12)


@given(st.text(min_size=1).filter(lambda text: not text.isspace()), PLACES)
def test_text_cut_anywhere_is_the_text(text: str, places: list[int]) -> None:
    (item,) = items_of([*(delta(content=piece) for piece in cut(text, places)), *end()])
    assert (item["type"], item["role"], texts(item)) == ("message", "assistant", text)


@given(st.dictionaries(st.text(), st.text()), PLACES)
def test_arguments_cut_anywhere_are_the_arguments(value: dict[str, str], places: list[int]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    pieces = cut(text, places)
    (item,) = items_of([call(id="call_1", name="exec_command"), *(call(arguments=one) for one in pieces), *end()])
    assert item == {"type": "function_call", "call_id": "call_1", "name": "exec_command", "arguments": text}


@given(st.text(), PLACES, st.booleans())
def test_a_custom_input_cut_anywhere_is_the_input(text: str, places: list[int], escaped: bool) -> None:
    arguments = json.dumps({"input": text}, ensure_ascii=escaped)
    pieces = cut(arguments, places)
    chunks = [call(id="call_1", name="apply_patch"), *(call(arguments=one) for one in pieces), *end()]
    (item,) = items_of(chunks)
    assert item == {"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": text}


def test_a_custom_input_streams() -> None:
    events = events_of(
        [call(id="a", name="apply_patch"), call(arguments='{"input": "*** Beg'), call(arguments='in\\n"}'), *end()]
    )
    said = [event["delta"] for event in events if event["type"] == "response.custom_tool_call_input.delta"]
    assert said[:1] == ["*** Beg"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input": "a"} and more', "a"),
        ('{"input": "a", "input": "b"}', "a"),
        ('{"why": 1, "input": "a"}', "a"),
        ('{"patch": "a"}', "a"),
        ('"a"', "a"),
        ("*** Begin Patch", "*** Begin Patch"),
        ('{"a": "x", "b": "y"}', '{"a": "x", "b": "y"}'),
        ('{"input": 5}', '{"input": 5}'),
        ("", ""),
        ('{"input": "line\nline"}', "line\nline"),
        ('{"input": "half \\ud83d"}', "half \ud83d"),
    ],
)
def test_what_a_model_writes_for_a_custom_tool_is_never_lost(arguments: str, text: str) -> None:
    for size in (1, 3, 100):
        pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]
        chunks = [call(id="a", name="apply_patch"), *(call(arguments=piece) for piece in pieces), *end()]
        (item,) = items_of(chunks)
        assert item["input"] == text


def test_arguments_that_are_an_object_are_its_text() -> None:
    (item,) = items_of([call(None, name="exec_command", arguments={"cmd": "ls é"}), *end("tool_calls")])
    assert item["arguments"] == '{"cmd":"ls é"}'
    assert item["call_id"].startswith("call_")


def test_arguments_that_come_with_the_end_only() -> None:
    chunks = [
        call(id="a", name="exec_command", arguments=""),
        delta("tool_calls", tool_calls=[{"index": 0, "function": {"arguments": '{"cmd":"ls"}'}}]),
        {"choices": [], "usage": USAGE},
    ]
    (item,) = items_of(chunks)
    assert item["arguments"] == '{"cmd":"ls"}'


def test_a_whole_message_at_the_end_says_nothing_twice() -> None:
    message = {"content": "ab", "tool_calls": [{"id": "a", "function": {"name": "exec_command", "arguments": "{}"}}]}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    first, second = items_of([delta(content="a"), delta(content="b"), whole, {"choices": [], "usage": USAGE}])
    assert texts(first) == "ab"
    assert second["call_id"] == "a"


def test_no_arguments_are_an_empty_object() -> None:
    (item,) = items_of([call(id="a", name="exec_command"), *end("tool_calls")])
    assert item["arguments"] == "{}"


def test_text_and_calls_of_one_turn() -> None:
    chunks = [delta(content="I look."), call(id="a", name="exec_command", arguments="{}"), delta(content="So."), *end()]
    assert [item["type"] for item in items_of(chunks)] == ["message", "function_call", "message"]


def test_blank_text_around_reasoning_and_calls_is_no_message() -> None:
    chunks = [
        delta(content="", reasoning_content="hm"),
        delta(content="\n\n"),
        call(id="a", name="exec_command", arguments="{}"),
        delta(content="\n"),
        *end(),
    ]
    assert [item["type"] for item in items_of(chunks)] == ["reasoning", "function_call"]
    (item,) = items_of([delta(content="\n\n"), delta(content="A"), *end()])
    assert texts(item) == "\n\nA"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_comes_back_raw_and_sealed(field: str) -> None:
    request = asked(tools=TOOLS, include=["reasoning.encrypted_content"])
    chunks = [delta(**{field: "thi"}), delta(**{field: "nk"}), delta(content="A"), *end()]
    thought, _ = items_of(chunks, request)
    assert (thought["type"], texts(thought), thought["summary"]) == ("reasoning", "think", [])
    # codex-cli gives back no content of its own accord, only what is sealed.
    carried = {"type": "reasoning", "summary": [], "encrypted_content": thought["encrypted_content"]}
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A"}]}
    (message,) = asked([carried, said]).body["messages"]
    assert message == {"role": "assistant", "content": "A", field: "think"}


def test_sealed_details_of_a_gateway_go_back_as_they_came() -> None:
    request = asked(include=["reasoning.encrypted_content"])
    details = [
        {"type": "reasoning.text", "index": 0, "text": "th"},
        {"type": "reasoning.text", "index": 0, "text": "ink", "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "xyz"},
    ]
    chunks = [*(delta(reasoning_details=[one]) for one in details), call(id="a", name="f", arguments="{}"), *end()]
    thought, _ = items_of(chunks, request)
    made = {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}
    message, _ = asked([thought, made, {"type": "function_call_output", "call_id": "a", "output": ""}]).body["messages"]
    assert message["reasoning_details"] == [
        {"type": "reasoning.text", "index": 0, "text": "think", "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "xyz"},
    ]


def test_namespaces_are_restored() -> None:
    chunks = [
        call(0, id="a", name="mcp__srv__echo", arguments="{}"),
        call(1, id="b", name="mcp__srv__nope", arguments="{}"),
        call(2, id="c", name="nope", arguments="{}"),
        *end(),
    ]
    found = [(item.get("namespace"), item["name"]) for item in items_of(chunks)]
    assert found == [("mcp__srv", "echo"), ("mcp__srv", "nope"), (None, "nope")]


def test_a_tool_search_is_an_item_of_its_own() -> None:
    chunks = [call(id="a", name="tool_search", arguments='{"que'), call(arguments='ry":"x"}'), *end()]
    (item,) = items_of(chunks)
    assert item == {"type": "tool_search_call", "call_id": "a", "execution": "client", "arguments": {"query": "x"}}


def test_a_local_shell_call_is_an_item_of_its_own() -> None:
    chunks = [call(id="a", name="local_shell", arguments='{"command":["ls"]}'), *end()]
    (item,) = items_of(chunks, asked(tools=[SHELLS]))
    assert item["action"] == {"type": "exec", "command": ["ls"], "env": {}}


def test_a_search_that_cannot_be_read_is_still_told() -> None:
    (item,) = items_of([call(id="a", name="tool_search", arguments="{broken"), *end()])
    assert (item["type"], item["name"], item["arguments"]) == ("function_call", "tool_search", "{broken")


@pytest.mark.parametrize(("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_that_was_cut_is_incomplete(finish: str, reason: str) -> None:
    chunks = [delta(content="Hel"), call(id="a", name="exec_command", arguments='{"cm'), *end(finish)]
    last = events_of(chunks)[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": reason}
    assert [item["status"] for item in last["response"]["output"]] == ["completed", "incomplete"]


def test_half_of_a_custom_input_is_no_item() -> None:
    events = run([call(id="a", name="apply_patch", arguments='{"input":"rm'), *end("length")], told=True)
    assert [event["type"] for event in events][-2:] == [
        "response.custom_tool_call_input.delta",
        "response.incomplete",
    ]
    assert events[-1]["response"]["output"] == []
    whole = run([call(id="a", name="apply_patch", arguments='{"input":"x"}'), *end("length")], told=True)
    assert [item["input"] for item in whole[-1]["response"]["output"]] == ["x"]


def test_a_refusal_is_a_refusal() -> None:
    (item,) = items_of([delta(refusal="I can"), delta(refusal="not."), *end()])
    assert item["content"] == [{"type": "refusal", "refusal": "I cannot."}]


def test_usage_is_counted_as_responses_counts() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 5,
        "total_tokens": 14,
        "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    last = events_of([delta(content="A"), delta("stop"), {"choices": [], "usage": usage}])[-1]
    assert last["response"]["usage"] == {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 14,
    }


def run(chunks: list[Any], *, told: bool) -> list[dict[str, Any]]:
    """The events, without the grammar: for a failure in the middle of an item."""
    stream = ChatStream(asked(tools=TOOLS), response_object({}, "m"))
    events = stream.start()
    for chunk in chunks:
        events += stream.feed(chunk)
    return events + stream.end(told=told)


@pytest.mark.parametrize("told", [True, False])
def test_done_may_be_missing_but_not_the_end(told: bool) -> None:
    assert run([delta(content="A"), delta("stop")], told=told)[-1]["type"] == "response.completed"
    last = run([delta(content="A")], told=False)[-1]
    assert (last["type"], last["response"]["error"]["code"]) == ("response.failed", "server_error")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, "rate_limit_exceeded"),
        ({"error": {"message": "slow down", "type": "x", "code": 429}}, "rate_limit_exceeded"),
        ({"object": "error", "message": "slow down", "code": 503}, "server_is_overloaded"),
        ({"error": {"message": "maximum context length is 9", "code": 400}}, "context_length_exceeded"),
        ({"error": "slow down"}, "server_error"),
        ({"message": "slow down", "code": "my_code"}, "my_code"),
        ({"detail": "slow down"}, "server_error"),
        ({"error": {"message": "a template says no", "code": 400}}, "invalid_prompt"),
        ({"error": {"message": "", "code": None}}, "server_error"),
    ],
)
def test_an_error_in_the_middle_keeps_its_code(error: dict[str, Any], code: str) -> None:
    events = run([delta(content="Hel"), error, delta(content="lo"), *end()], told=True)
    assert [event["type"] for event in events if event["type"].startswith("response.output_item.")] == [
        "response.output_item.added"
    ], "what was not finished is no item"
    assert events[-1]["type"] == "response.failed"
    assert events[-1]["response"]["error"]["code"] == code
    assert events[-1]["response"]["error"]["message"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


def test_what_is_no_chunk_fails_the_answer() -> None:
    assert run(["{broken"], told=True)[-1]["type"] == "response.failed"
    assert run([delta("abort")], told=True)[-1]["type"] == "response.failed"
    assert run([], told=True)[-1]["type"] == "response.failed"


def test_parts_and_old_forms() -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "A"}]
    old = delta(function_call={"name": "exec_command", "arguments": "{}"})
    thought, said, made = items_of([delta(content=parts), old, *end("function_call")])
    assert (texts(thought), texts(said), made["name"]) == ("hm", "A", "exec_command")


def test_logprobs_and_citations_are_passed_on() -> None:
    token = {"token": "A", "logprob": -0.1, "bytes": [65], "top_logprobs": []}
    cited = {"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 1}}
    chunk = delta(content="A")
    chunk["choices"][0]["logprobs"] = {"content": [token]}
    (item,) = items_of([chunk, delta(annotations=[cited]), *end()])
    (part,) = item["content"]
    assert part["logprobs"] == [token]
    assert part["annotations"] == [{"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}]


ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(min_size=1).filter(lambda text: not text.isspace()),
        "reasoning": st.text(min_size=1).filter(lambda text: not text.isspace()),
        "calls": st.lists(
            st.one_of(
                st.builds(lambda cmd: {"name": "exec_command", "arguments": {"cmd": cmd}}, st.text()),
                st.builds(lambda text: {"name": "apply_patch", "arguments": {"input": text}}, st.text()),
                st.just({"name": "mcp__srv__echo", "arguments": {}}),
                st.just({"name": "tool_search", "arguments": {"query": "x"}}),
            ),
            max_size=4,
        ),
    },
)


@given(ANSWER)
def test_a_stream_and_a_plain_answer_say_the_same(answer: dict[str, Any]) -> None:
    streamed = items_of(chat_chunks(answer))
    assert streamed == items_of([chat_completion(answer)])
    assert len(streamed) == ("text" in answer) + ("reasoning" in answer) + len(answer.get("calls", ()))


PATCHING = [
    call(1, id="b", name="apply_patch", arguments='{"inp'),
    call(1, arguments='ut":"x'),
    call(1, arguments='"}'),
]


@given(
    st.lists(
        st.sampled_from(
            [
                delta(content="a"),
                delta(content=" "),
                delta(reasoning="r"),
                delta(refusal="n"),
                call(0, id="a", name="exec_command", arguments=""),
                call(0, arguments='{"a"'),
                call(0, arguments=":1}"),
                *PATCHING,
                call(None, name="mcp__srv__echo", arguments={}),
                call(2, id="c", name="tool_search"),
                call(2, arguments="{}"),
            ]
        ),
        max_size=14,
    ),
    st.sampled_from(["stop", "length", "tool_calls"]),
)
def test_whatever_the_order_the_stream_is_a_good_one(chunks: list[Any], finish: str) -> None:
    if finish == "length":
        chunks = [chunk for chunk in chunks if chunk not in PATCHING]  # half of it would be no item
    events = events_of([*chunks, *end(finish)])
    said = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    wanted = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks)
    assert said.replace(" ", "") == wanted.replace(" ", ""), "no text is lost"
    assert check_events(events) == []
