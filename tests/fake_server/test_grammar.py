from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_server.grammar import FIELDS, ITEMS, STREAM, check_events
from fake_server.items import build_items
from fake_server.writer import PROGRESS, answer_events

Event = dict[str, Any]

OUTPUT: list[dict[str, Any]] = [
    {"reasoning": {"summary": ["think **hard**", "again"], "content": ["raw thought"], "encrypted_content": "gA"}},
    {"message": "one two three"},
    {"call": {"name": "f", "arguments": {"a": "b c"}}},
    {"custom_call": {"name": "g", "input": "p q"}},
    {"web_search": "rain"},
    {"item": {"id": "fs_1", "type": "file_search_call", "status": "completed", "queries": ["a"], "results": None}},
    {"item": {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": "x"}},
    {"item": {"id": "cmp_1", "type": "compaction", "encrypted_content": "gA"}},
    {
        "item": {
            "id": "msg_2",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "refusal", "refusal": "not this"}, {"type": "novel_part", "text": "whole"}],
        }
    },
]


def stream(*output: dict[str, Any], **options: Any) -> list[Event]:
    return deepcopy(answer_events(build_items(output, step="main/1"), response_id="resp_1", **options))


def test_what_we_write_is_a_good_stream() -> None:
    assert check_events(stream(*OUTPUT)) == []
    assert check_events(stream()) == []
    failed = {"status": "failed", "error": {"code": "server_error", "message": "m"}}
    assert check_events(stream(*OUTPUT, overrides=failed)) == []
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    assert check_events(stream(*OUTPUT, overrides=cut)) == []


@given(st.lists(st.sampled_from(OUTPUT), max_size=6), st.text(max_size=30))
def test_any_answer_we_write_is_a_good_stream(output: list[dict[str, Any]], text: str) -> None:
    assert check_events(stream(*output, {"message": text}, {"custom_call": {"name": "g", "input": text}})) == []


def rows() -> Iterator[tuple[str, str, str, str]]:
    """(table, state, event, next state) of every row there is."""
    for state, steps in STREAM.items():
        for event, then in steps.items():
            yield "stream", state, event, then
    for kind, table in ITEMS.items():
        for state, steps in table.items():
            for event, then in steps.items():
                yield kind, state, event, then


def test_every_row_is_walked_by_our_own_streams() -> None:
    """A walk through the tables beside the judge: each row must be used, and the judge must agree with it."""
    walked: set[tuple[str, str, str]] = set()
    failed = {"status": "failed", "error": {"code": "c", "message": "m"}}
    cut = {"status": "incomplete", "incomplete_details": {"reason": "r"}}
    bare = {"id": "msg_9", "type": "message", "status": "completed", "role": "assistant", "content": []}
    twice = {"message": "a b"}
    quiet: list[dict[str, Any]] = [
        {"message": ""},
        {"reasoning": {"summary": [""], "content": [""]}},
        {"item": {**bare, "content": [{"type": "refusal", "refusal": ""}]}},
        {"item": bare},
        {"item": {**bare, "content": [{"type": "refusal", "refusal": "a b"}]}},
        {"reasoning": {"summary": ["a b"], "content": ["a b"]}},
        {"item": {"id": "rs_9", "type": "reasoning", "summary": [], "content": [{"type": "novel_part"}]}},
    ]
    for events in (
        stream(*OUTPUT, twice),
        stream(*quiet),
        stream(overrides=failed),
        stream(overrides=cut),
    ):
        assert check_events(events) == []
        walked |= set(_walk(events))
    assert {(table, state, event) for table, state, event, _ in rows()} - walked == set()


def _walk(events: list[Event]) -> Iterator[tuple[str, str, str]]:
    state, kind, inner = "start", "", ""
    for event in events:
        name = event["type"]
        if state == "item":
            if kind in ITEMS:
                yield kind, inner, name
                inner = ITEMS[kind][inner][name]
            if name in STREAM["item"]:
                yield "stream", state, name
                state = STREAM["item"][name]
        else:
            yield "stream", state, name
            state = STREAM[state][name]
            kind, inner = (event["item"]["type"], "added") if state == "item" else ("", "")


def test_each_event_of_the_tables_has_its_fields() -> None:
    assert {event for _, _, event, _ in rows()} == set(FIELDS)


@pytest.mark.parametrize("table", ["stream", *ITEMS])
def test_states_lead_somewhere(table: str) -> None:
    own = STREAM if table == "stream" else ITEMS[table]
    ends = {"end", "done"}
    assert {then for steps in own.values() for then in steps.values()} - set(own) - ends == set()


def test_each_event_left_out_is_noticed() -> None:
    whole = stream(*OUTPUT)
    for number, gone in enumerate(whole):
        events = [event for event in whole if event is not gone]
        for place, event in enumerate(events):
            event["sequence_number"] = place
        assert check_events(events), f"nobody missed event {number} {gone['type']}"
        for place, event in enumerate(whole):
            event["sequence_number"] = place


def test_each_event_sent_twice_is_noticed() -> None:
    whole = stream(*OUTPUT)
    for number in range(len(whole)):
        events = deepcopy([*whole[: number + 1], *whole[number:]])
        for place, event in enumerate(events):
            event["sequence_number"] = place
        assert check_events(events), f"nobody noticed event {number} {whole[number]['type']} twice"


def test_each_field_missing_or_of_a_wrong_type_is_noticed() -> None:
    whole = stream(*OUTPUT)
    for number, event in enumerate(whole):
        for key in event:
            for value in (None, True):
                events = list(whole)
                events[number] = {k: value if k == key else v for k, v in event.items()}
                assert check_events(events), f"nobody noticed {key}={value} in event {number} {event['type']}"


def find(events: list[Event], name: str) -> Event:
    return next(event for event in events if event["type"] == f"response.{name}")


def change(name: str, **values: Any) -> Callable[[list[Event]], None]:
    return lambda events: find(events, name).update(values)


def response(name: str, **values: Any) -> Callable[[list[Event]], None]:
    def apply(events: list[Event]) -> None:
        event = find(events, name)
        event["response"] = event["response"] | values

    return apply


def without(name: str, key: str) -> Callable[[list[Event]], None]:
    def apply(events: list[Event]) -> None:
        event = find(events, name)
        event["response"] = {k: v for k, v in event["response"].items() if k != key}

    return apply


def item(name: str, number: int = 0, **values: Any) -> Callable[[list[Event]], None]:
    def apply(events: list[Event]) -> None:
        event = [event for event in events if event["type"] == f"response.output_item.{name}"][number]
        event["item"] = event["item"] | values

    return apply


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (change("created", sequence_number=7), "sequence_number is 7, expected 0"),
        (change("created", more=1), "unknown field more"),
        (response("created", status="completed"), "response.status is 'completed'"),
        (response("created", output=[{}]), "response.output"),
        (response("created", object="thing"), "response.object"),
        (without("created", "tools"), "lacks tools"),
        (response("in_progress", model="other"), "not the one of response.created"),
        (response("completed", status="failed"), "response.status is 'failed'"),
        (response("completed", id="resp_2"), "response.id changed"),
        (response("completed", output=[]), "not the list of done items"),
        (response("completed", error={"code": "x"}), "error null"),
        (response("completed", usage=None), "usage lacks"),
        (response("completed", usage={"input_tokens": 1}), "usage lacks"),
        (without("completed", "model"), "lacks model"),
        (change("output_item.added", output_index=4), "output_index is 4, expected 0"),
        (change("output_item.done", output_index=4), "output_index is 4, expected 0"),
        (item("added", id=None), "has no id"),
        (item("added", id=""), "has no id"),
        (item("added", number=1, type=None), "has no type"),
        (item("added", number=1, status="completed"), "expected 'in_progress'"),
        (item("added", number=1, content=[{}]), "content must still be empty"),
        (item("added", summary=[{}]), "summary must still be empty"),
        (item("added", number=2, arguments="{}"), "arguments must still be empty"),
        (item("added", number=3, input="x"), "input must still be empty"),
        (item("done", number=1, id="msg_other"), "item.id is 'msg_other'"),
        (item("done", number=1, role="user"), "item.role is 'user'"),
        (item("done", number=1, status="in_progress"), "not in progress"),
        (item("done", number=1, content=[]), "item.content is not what was streamed"),
        (item("done", summary=[]), "item.summary is not what was streamed"),
        (item("done", number=2, arguments="{}"), "item.arguments is not what was streamed"),
        (item("done", number=2, call_id="call_other"), "item.call_id"),
        (item("done", number=3, input="x"), "item.input is not what was streamed"),
        (change("content_part.added", content_index=1), "content_index is 1, expected 0"),
        (change("content_part.added", item_id="x"), "item_id is 'x'"),
        (change("content_part.added", part={"type": "reasoning_text", "text": "x"}), "must still be empty"),
        (change("content_part.done", part={"type": "output_text", "text": "x"}), "part.type is 'output_text'"),
        (change("content_part.done", part={"type": "reasoning_text", "text": "x"}), "the part says 'x'"),
        (change("output_text.delta", delta=""), "an empty delta"),
        (change("output_text.delta", delta="x"), "the deltas gave"),
        (change("output_text.done", text="x"), "text is 'x'"),
        (change("output_text.delta", output_index=0), "output_index is 0, expected 1"),
        (change("reasoning_summary_text.delta", summary_index=1), "summary_index is 1, expected 0"),
        (change("reasoning_summary_part.added", part={"type": "other", "text": ""}), "of type summary_text"),
        (change("function_call_arguments.done", arguments="x"), "arguments is 'x'"),
        (change("custom_tool_call_input.done", input="x"), "input is 'x'"),
        (change("refusal.done", refusal="x"), "refusal is 'x'"),
        (change("web_search_call.searching", item_id="x"), "item_id is 'x'"),
        (
            change("in_progress", type="response.novel"),
            "not allowed here (state: created; allowed: response.in_progress)",
        ),
        (change("created", type=None), "not allowed here (state: start"),
    ],
)
def test_a_spoiled_stream_is_judged(spoil: Callable[[list[Event]], None], words: str) -> None:
    events = stream(*OUTPUT)
    spoil(events)
    assert words in "\n".join(check_events(events))


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        ({"total_tokens": 99}, "total_tokens is 99"),
        ({"input_tokens_details": {"cached_tokens": 11}}, "more cached"),
        ({"output_tokens_details": {"reasoning_tokens": 6}}, "more reasoning"),
    ],
)
def test_usage_is_added_up(usage: dict[str, Any], words: str) -> None:
    events = stream()
    events[-1]["response"]["usage"] |= usage
    assert words in "\n".join(check_events(events))


@pytest.mark.parametrize(
    ("status", "words"),
    [("failed", "has an error with code"), ("incomplete", "has incomplete_details")],
)
def test_an_end_without_its_reason(status: str, words: str) -> None:
    assert words in "\n".join(check_events(stream(overrides={"status": status})))


def test_a_stream_that_stops() -> None:
    assert check_events(stream({"message": "a"})[:4]) == [
        "the stream stops in state item; it must go on to response.completed, failed or incomplete"
    ]
    assert "state start" in check_events([])[0]


def test_padding_of_the_live_api_is_allowed() -> None:
    events = stream({"message": "a"})
    find(events, "output_text.delta")["obfuscation"] = "xyz"
    assert check_events(events) == []


def test_progress_events_come_in_order() -> None:
    for kind, steps in PROGRESS.items():
        events = stream({"item": {"id": "x_1", "type": kind, "status": "completed"}})
        assert [event["type"] for event in events[3:6]] == [f"response.{kind}.{step}" for step in steps]
