import json
from importlib import resources
from typing import Any

import pytest

from fake_server.items import SHORTHANDS, build_items, response_id


def test_a_message() -> None:
    assert build_items([{"message": "hi"}], step="main/2") == [
        {
            "id": "msg_main2",
            "type": "message",
            "status": "completed",
            "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": "hi"}],
            "role": "assistant",
        }
    ]


def test_a_message_with_id_and_phase() -> None:
    (item,) = build_items([{"message": {"text": "hi", "id": "m1", "phase": "commentary"}}], step="main/1")
    assert (item["id"], item["phase"]) == ("m1", "commentary")


def test_an_id_can_be_left_out() -> None:
    (item,) = build_items([{"message": {"text": "hi", "id": None}}], step="main/1")
    assert "id" not in item


def test_calls_have_compact_arguments_and_ids_that_count() -> None:
    calls: list[dict[str, Any]] = [
        {"call": {"name": "f", "arguments": {"a": "ü b", "n": 1}}},
        {"call": {"name": "f", "arguments": "{bad"}},
    ]
    first, second = build_items(calls, step="main/1")
    assert first["arguments"] == '{"a":"ü b","n":1}' and second["arguments"] == "{bad"
    assert (first["id"], second["id"]) == ("fc_main1", "fc_main1_2")
    assert (first["call_id"], second["call_id"]) == ("call_main1", "call_main1_2")


def test_a_given_call_id_and_namespace_stay() -> None:
    call = {"name": "f", "arguments": {}, "call_id": "call_9", "namespace": "n"}
    (item,) = build_items([{"call": call}], step="main/1")
    assert (item["call_id"], item["namespace"], item["name"]) == ("call_9", "n", "f")


def test_a_custom_call_shares_the_count_of_call_ids() -> None:
    short: list[dict[str, Any]] = [
        {"call": {"name": "f", "arguments": {}}},
        {"custom_call": {"name": "apply_patch", "input": "p"}},
    ]
    item = build_items(short, step="main/1")[1]
    assert (item["type"], item["id"], item["call_id"], item["input"]) == (
        "custom_tool_call",
        "ctc_main1",
        "call_main1_2",
        "p",
    )


def test_reasoning() -> None:
    short = {"summary": ["a"], "content": ["b"], "encrypted_content": "gAAA"}
    assert build_items([{"reasoning": short}], step="main/1") == [
        {
            "id": "rs_main1",
            "type": "reasoning",
            "encrypted_content": "gAAA",
            "summary": [{"type": "summary_text", "text": "a"}],
            "content": [{"type": "reasoning_text", "text": "b"}],
        }
    ]
    assert build_items([{"reasoning": {}}], step="main/1") == [{"id": "rs_main1", "type": "reasoning", "summary": []}]


def test_a_web_search() -> None:
    (item,) = build_items([{"web_search": "rain"}], step="main/1")
    assert item == {
        "id": "ws_main1",
        "type": "web_search_call",
        "status": "completed",
        "action": {"type": "search", "query": "rain"},
    }


def test_an_item_stands_as_it_is() -> None:
    given = {"type": "image_generation_call", "result": "x"}
    assert build_items([{"item": given}], step="main/1") == [given]


@pytest.mark.parametrize(
    ("step", "expected"),
    [("main/1", "resp_main1"), ("child:1/12", "resp_child_1_12"), ("child:11/2", "resp_child_11_2")],
)
def test_ids_of_two_steps_never_meet(step: str, expected: str) -> None:
    assert response_id(step) == expected


def test_the_schema_knows_every_shorthand() -> None:
    schema = json.loads(resources.files("fake_server").joinpath("script.schema.json").read_text("utf-8"))
    assert set(schema["$defs"]["item"]["properties"]) == set(SHORTHANDS)
