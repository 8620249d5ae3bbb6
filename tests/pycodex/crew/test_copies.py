"""The records of a thread as another one has them that goes on with its history."""

from __future__ import annotations

from typing import Any

from pycodex.crew.copies import copied


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


def test_of_what_was_said_alone_answers_are_left() -> None:
    items: list[dict[str, Any]] = [
        {"type": "message", "role": "developer"},
        {"type": "message", "role": "user"},
        {"type": "reasoning"},
        {"type": "message", "role": "assistant", "phase": "commentary"},
        {"type": "message", "role": "assistant"},
        {"type": "function_call"},
        {"type": "message", "role": "assistant", "phase": "final_answer"},
    ]
    copies = copied([_record("response_item", item, metadata={}) for item in items], all_of_it=False)
    assert [(copy["payload"], copy["metadata"]) for copy in copies] == [(items[n], {}) for n in (0, 1, 6)]


def test_a_compaction_stands_for_what_was_before_it() -> None:
    compacted = {
        "replacement_history": [{"role": "user"}, {"role": "developer"}],
        "replacement_history_metadata": [{"user_input_order": 0}, {"user_input_order": 1}],
        "retained_context": {"user_messages": [1], "incomplete": False, "next_order": 3},
        "latest_token_usage_record": {"turn_id": "t"},
        "resume_metadata": {"multi_agent_version": "v1", "turn_attribution": {}},
    }
    records = [
        _record("session_meta", {"id": "a"}),
        _record("event_msg", {"type": "task_started"}),
        _record("compacted", {"message": "an earlier one"}),
        _record("response_item", {"role": "user"}),
        _record("compacted", compacted),
        _record("response_item", {"role": "user"}),
    ]
    whole, said = copied(records), copied(records, all_of_it=False)
    assert [record["type"] for record in whole] == [record["type"] for record in said]
    assert [record["type"] for record in said] == ["session_meta", "compacted", "response_item"]
    bare = {"latest_token_usage_record": None, "resume_metadata": {"multi_agent_version": "v1"}}
    history = compacted["replacement_history"]
    assert said[1]["payload"] == {
        "replacement_history": history,
        "replacement_history_metadata": [{"user_input_order": 0}, {}],
        **bare,
    }
    assert whole[1]["payload"] == {
        "replacement_history": history,
        "replacement_history_metadata": [
            {"user_input_order": 0, "inherited_user_message": True},
            {"inherited_user_message": True},
        ],
        "retained_context": {"user_messages": [], "incomplete": False, "next_order": 0},
        **bare,
    }
