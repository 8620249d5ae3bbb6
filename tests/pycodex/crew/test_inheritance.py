"""What an agent of a team has of the history of the one that began it."""

from __future__ import annotations

from typing import Any

import pytest

from pycodex.crew.inheritance import copied, inherits_all


@pytest.mark.parametrize(
    ("said", "inherits"), [(None, True), ("", True), (" ALL ", True), ("none", False), ("3", True), ("+3", True)]
)
def test_all_or_nothing(said: str | None, inherits: bool) -> None:
    assert inherits_all(said) is inherits


@pytest.mark.parametrize("said", ["some", "0", "-1", "3.0", "+"])
def test_other_words_are_refused(said: str) -> None:
    with pytest.raises(ValueError, match="`none` or `all`"):
        inherits_all(said)


def _record(kind: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"timestamp": "now", "ordinal": 7, "type": kind, "payload": payload, **more}


def test_what_only_its_writer_needs_is_left_out() -> None:
    records = [
        _record("token_usage_record", {}),
        _record("event_msg", {"type": "token_count"}),
        _record("event_msg", {"type": "task_started"}),
    ]
    assert copied(records) == [{"type": "event_msg", "payload": {"type": "task_started"}}]


def test_what_the_model_did_is_no_input_of_the_new_thread() -> None:
    call = _record("response_item", {"type": "function_call"}, metadata={"user_input_order": 1})
    said = _record("response_item", {"role": "user"}, metadata={"user_input_order": 0, "mcp_attribution": {}})
    copies = [list(record["metadata"]) for record in copied([call, said])]
    assert copies == [["inherited_user_message"], ["user_input_order", "inherited_user_message", "mcp_attribution"]]


def test_the_last_part_of_the_state_fills_the_gap() -> None:
    state = {"a": 1, "multi_agent_usage_hint": 2, "b": 3, "z": 4}
    (record,) = copied([_record("world_state", {"full": True, "state": state})])
    assert list(record["payload"]["state"].items()) == [("a", 1), ("z", 4), ("b", 3)]
