"""Whatever a client asks or a backend streams, the layer answers in the words of the API: nothing breaks it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_server.chat import chat_chunks, chat_completion
from fake_server.grammar import check_events
from pycodex.responses_server.errors import LayerError, backend_error
from pycodex.responses_server.layer import encode
from pycodex.responses_server.request import chat_request
from pycodex.responses_server.response import response_object, usage_of
from pycodex.responses_server.stream import ChatStream
from tests.pycodex.responses_server.answers import BACKEND, SHELLS, TOOLS, USAGE, asked

ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["message", "text"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
Place = tuple[Any, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """The paths to everything inside."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*at, key)
        yield from places(inner, (*at, key))


def changed(value: Any, place: Place, new: Any) -> Any:
    """A copy with something else in one place."""
    found = copy.deepcopy(value)
    inner = found
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = new
    return found


REQUEST: dict[str, Any] = {
    "model": "m",
    "instructions": "Be short.",
    "tools": [*TOOLS, SHELLS, {"type": "web_search"}],
    "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "exec_command"}]},
    "include": ["reasoning.encrypted_content"],
    "reasoning": {"effort": "low", "summary": "auto"},
    "text": {"verbosity": "low", "format": {"type": "json_schema", "name": "n", "schema": {}, "strict": True}},
    "metadata": {"a": "b"},
    "parallel_tool_calls": True,
    "stream": True,
    "input": [
        {"role": "developer", "content": "d"},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "t"},
                {"type": "input_image", "image_url": "data:,", "detail": "low"},
                {"type": "input_file", "file_data": "data:,", "filename": "f"},
            ],
        },
        {"type": "additional_tools", "tools": [{"type": "function", "name": "late"}]},
        {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "s"}], "encrypted_content": "e"},
        {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
        {"type": "function_call", "call_id": "1", "name": "echo", "namespace": "mcp__srv", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": [{"type": "input_image", "image_url": "data:,"}]},
        {"type": "custom_tool_call", "call_id": "2", "name": "apply_patch", "input": "x"},
        {"type": "custom_tool_call_output", "call_id": "2", "output": "y"},
        {"type": "local_shell_call", "call_id": "3", "action": {"type": "exec", "command": ["ls"], "env": {}}},
        {"type": "local_shell_call_output", "call_id": "3", "output": "z"},
        {"type": "tool_search_call", "call_id": "4", "execution": "client", "arguments": {"query": "q"}},
        {"type": "tool_search_output", "call_id": "4", "execution": "client", "tools": [SHELLS]},
        {"type": "web_search_call", "id": "w", "status": "completed"},
        {"type": "agent_message", "content": [{"type": "encrypted_content", "encrypted_content": "a"}]},
    ],
}


@given(st.sampled_from(list(places(REQUEST))), ANYTHING)
def test_a_request_is_answered_or_refused(place: Place, new: Any) -> None:
    body = changed(REQUEST, place, new)
    try:
        request = chat_request(body, BACKEND)
    except LayerError as error:
        assert 400 <= error.status < 500 and error.message and error.code != ""
        return
    json.loads(encode(request.body))
    json.loads(encode(response_object(body, "m")))


ANSWER = {
    "reasoning": "hm",
    "text": "I look.",
    "refusal": "no",
    "calls": [
        {"name": "exec_command", "arguments": {"cmd": "ls"}},
        {"name": "apply_patch", "arguments": {"input": "p"}},
        {"name": "tool_search", "arguments": {"query": "q"}},
        {"name": "local_shell", "arguments": {"command": ["ls"]}},
    ],
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 1},
    },
}
DETAILS = {"type": "reasoning.text", "text": "t", "index": 0}
TOKEN = {"token": "t", "logprob": -1.0, "bytes": [1], "top_logprobs": []}
CITED = {"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 1}}
MORE = {"delta": {"content": [{"type": "text", "text": "t"}], "reasoning_details": [DETAILS], "annotations": [CITED]}}
COUNTED = usage_of(USAGE)
STREAM = [{"id": "c", "choices": [{**MORE, "index": 0, "logprobs": {"content": [TOKEN]}}]}, *chat_chunks(ANSWER)]


@pytest.mark.parametrize("chunks", [STREAM, [chat_completion(ANSWER)]], ids=["stream", "plain"])
def test_an_answer_is_read_or_fails(chunks: list[Any]) -> None:
    request = asked(tools=[*TOOLS, SHELLS], include=["reasoning.encrypted_content"])

    @given(st.sampled_from(list(places(chunks))), ANYTHING)
    def check(place: Place, new: Any) -> None:
        stream = ChatStream(request, response_object({}, "m"))
        events = stream.start()
        for chunk in json.loads(encode(changed(chunks, place, new))):
            events += stream.feed(chunk)
        events += stream.end(told=True)
        assert stream.finished
        told = json.loads(encode(events))
        last = told[-1]["response"]
        last["usage"] = last["usage"] or COUNTED  # a backend need not count
        if last["status"] != "failed":  # an item that is open then is none, and has no end
            assert check_events(told) == []

    check()


@given(ANYTHING, st.sampled_from([400, 401, 404, 429, 500]))
def test_a_refusal_has_words(body: Any, status: int) -> None:
    error = backend_error(status, encode({"error": body}))
    assert error.status == status and error.message
    assert json.loads(encode(error.body))["error"]["message"]
