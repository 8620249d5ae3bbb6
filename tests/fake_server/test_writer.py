import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_server.items import build_items
from fake_server.script import Usage
from fake_server.writer import CREATED_AT, answer_events, encode_event, split_text


def stream(*output: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    return answer_events(build_items(output, step="main/1"), response_id="resp_main1", **options)


def test_the_events_of_a_message() -> None:
    events = stream({"message": "one two"})
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [event["sequence_number"] for event in events] == list(range(10))
    assert [event["delta"] for event in events if "delta" in event] == ["one", " two"]


def test_what_is_streamed_is_empty_in_added() -> None:
    items: list[dict[str, Any]] = [
        {"message": "hi"},
        {"call": {"name": "f", "arguments": {"a": 1}}},
        {"custom_call": {"name": "g", "input": "x"}},
        {"reasoning": {"summary": ["s"], "content": ["c"]}},
        {"web_search": "q"},
    ]
    added = [event["item"] for event in stream(*items) if event["type"] == "response.output_item.added"]
    assert [item.get("status") for item in added] == ["in_progress"] * 3 + [None, "in_progress"]
    assert (added[0]["content"], added[1]["arguments"], added[2]["input"]) == ([], "", "")
    assert (added[3]["summary"], added[3]["content"]) == ([], [])
    assert "action" not in added[4]


@pytest.mark.parametrize(
    "item",
    [
        {"id": "x_1", "type": "novel", "a": 1},
        {"type": "message", "content": [], "role": "assistant"},
        {"id": "msg_1", "type": "message", "content": [{"type": "output_text"}]},
        {"id": "msg_1", "type": "message", "content": "text"},
        {"id": "msg_1", "type": "message", "content": [None]},
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text"}]},
        {"id": "fc_1", "type": "function_call", "arguments": {"a": 1}},
        {"id": "ctc_1", "type": "custom_tool_call"},
        {},
    ],
)
def test_an_item_that_cannot_be_streamed_is_shown_at_once(item: dict[str, Any]) -> None:
    events = stream({"item": item})
    assert [event["type"] for event in events[2:4]] == ["response.output_item.added", "response.output_item.done"]
    assert len(events) == 5 and events[2]["item"] == events[3]["item"] == item


def test_a_request_with_odd_settings_is_answered() -> None:
    response = stream(request={"reasoning": "high", "text": None, "tools": None, "metadata": None})[0]["response"]
    assert response["reasoning"] == {"effort": None, "summary": None} and response["tools"] == []


def test_the_response_object_echoes_the_request() -> None:
    request = {
        "model": "gpt-5.4",
        "instructions": "be good",
        "tools": [{"type": "function", "name": "f", "description": "d", "parameters": {}, "strict": True}],
        "parallel_tool_calls": False,
        "store": False,
        "reasoning": {"effort": "low"},
        "text": {"verbosity": "low"},
        "prompt_cache_key": "k",
    }
    events = stream({"message": "hi"}, request=request)
    for event in (events[0], events[-1]):
        response = event["response"]
        assert {key: response[key] for key in request if key not in ("reasoning", "text")} == {
            key: value for key, value in request.items() if key not in ("reasoning", "text")
        }
        assert response["reasoning"] == {"effort": "low", "summary": None}
        assert response["text"] == {"format": {"type": "text"}, "verbosity": "low"}
        assert response["created_at"] == CREATED_AT


def test_the_response_object_is_whole_where_the_request_says_little() -> None:
    tools = [{"type": "function", "name": "f"}, {"type": "custom", "name": "c"}]
    response = stream(request={"tools": tools, "temperature": None})[0]["response"]
    assert response["tools"] == [{**tools[0], "description": None, "parameters": None, "strict": False}, tools[1]]
    assert (response["temperature"], response["presence_penalty"], response["completed_at"]) == (1.0, 0.0, None)


def test_only_what_was_completed_has_a_time_of_that() -> None:
    times = {
        status: stream(overrides={"status": status})[-1]["response"]["completed_at"]
        for status in ("completed", "incomplete", "failed")
    }
    assert times == {"completed": CREATED_AT, "incomplete": None, "failed": None}


def test_the_last_response_holds_the_done_items_and_usage() -> None:
    events = stream({"message": "a"}, {"web_search": "b"}, usage=Usage(input_tokens=3))
    last = events[-1]["response"]
    assert last["output"] == [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert last["status"] == "completed" and last["usage"]["total_tokens"] == 8
    assert events[0]["response"]["output"] == [] and events[0]["response"]["usage"] is None


def test_overrides_and_the_last_event() -> None:
    error = {"code": "server_error", "message": "m"}
    events = stream({"message": "a"}, overrides={"id": "resp_x", "status": "failed", "error": error})
    assert events[-1]["type"] == "response.failed"
    assert events[0]["response"]["id"] == events[-1]["response"]["id"] == "resp_x"
    assert events[0]["response"]["error"] is None and events[-1]["response"]["error"] == error
    assert events[-1]["response"]["usage"] is None


def test_the_same_step_gives_the_same_bytes() -> None:
    assert stream({"message": "a b c"}) == stream({"message": "a b c"})


def test_encoding_of_an_event() -> None:
    assert encode_event({"type": "t", "a": "é\n"}) == 'event: t\ndata: {"type":"t","a":"é\\n"}\n\n'.encode()
    assert encode_event({"a": 1}) == b'data: {"a":1}\n\n'


@given(st.text(max_size=300))
def test_deltas_give_the_text_back(text: str) -> None:
    pieces = split_text(text)
    assert "".join(pieces) == text
    assert all(pieces) and len(pieces) <= 12


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_an_encoded_event_can_be_read_back(text: str) -> None:
    data = encode_event({"type": "t", "text": text}).decode().split("data: ", 1)[1]
    assert json.loads(data)["text"] == text
