"""The records of a thread as another one has them that goes on with its history (captured: agents/v2_inherited,
agents/forked)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["HINT", "bare", "copied"]

HINT = "multi_agent_usage_hint"
"""The part of the state that says what an agent of a team is told of it."""
_KEPT = ("session_meta", "response_item", "world_state", "turn_context", "compacted")
_KEPT_EVENTS = ("task_started", "task_complete", "turn_aborted")
_SAID_BY = ("developer", "user")


def copied(records: Sequence[Mapping[str, Any]], *, all_of_it: bool = True) -> list[dict[str, Any]]:
    """The records with all that is in the history, or with what was said in it. What stands before a compaction is left
    out, but for the first record."""
    metas = [record for record in records if record["type"] == "session_meta"]
    start = max((place for place, record in enumerate(records) if record["type"] == "compacted"), default=0)
    kept = [
        *metas[:1],
        *(record for record in records[start:] if record["type"] != "session_meta" and _is_kept(record)),
    ]
    if not all_of_it:
        kept = [record for record in kept if record["type"] != "response_item" or _is_said(record["payload"])]
    return [_copy(bare(record), all_of_it=all_of_it) for record in kept]


def bare(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without its place in its file."""
    return {key: value for key, value in record.items() if key not in ("timestamp", "ordinal")}


def _is_kept(record: Mapping[str, Any]) -> bool:
    kind = record["type"]
    return kind in _KEPT or (kind == "event_msg" and record["payload"].get("type") in _KEPT_EVENTS)


def _is_said(item: Mapping[str, Any]) -> bool:
    """Whether it is a message to the model, or an answer of it; what it says on the way is not."""
    return item.get("role") in _SAID_BY or item.get("phase") == "final_answer"


def _copy(record: dict[str, Any], *, all_of_it: bool) -> dict[str, Any]:
    payload = record["payload"]
    if record["type"] == "world_state":
        return {**record, "payload": {**payload, "state": _state(payload["state"])}}
    if record["type"] == "compacted":
        return {**record, "payload": _compacted(payload, all_of_it=all_of_it)}
    if record["type"] == "response_item" and "metadata" in record:
        return {**record, "metadata": _metadata(record["metadata"], payload, marked=all_of_it)}
    return record


def _state(state: dict[str, Any]) -> dict[str, Any]:
    if HINT not in state:
        return state
    # The last part of the state takes the place of the one that is left out.
    last = next(reversed(state))
    return {(last if key == HINT else key): state[last if key == HINT else key] for key in state if key != last}


def _metadata(metadata: Mapping[str, Any], item: Mapping[str, Any], *, marked: bool) -> dict[str, Any]:
    """What is noted of an item: it is no input of the new thread, unless the user said it."""
    kept = {key: value for key, value in metadata.items() if key != "user_input_order" or item.get("role") == "user"}
    last = {"mcp_attribution": kept.pop("mcp_attribution")} if "mcp_attribution" in kept else {}
    return {**kept, **({"inherited_user_message": True} if marked else {}), **last}


def _compacted(payload: Mapping[str, Any], *, all_of_it: bool) -> dict[str, Any]:
    """A compaction, without what it says of the turn that it was in (captured: agents/v2_compacted)."""
    copy = dict(payload)
    if "latest_token_usage_record" in copy:
        copy["latest_token_usage_record"] = None
    if "resume_metadata" in copy:
        resumed = copy["resume_metadata"]
        copy["resume_metadata"] = {key: value for key, value in resumed.items() if key != "turn_attribution"}
    if not all_of_it:
        copy.pop("retained_context", None)
    elif "retained_context" in copy:
        emptied = {key: [] if isinstance(value, list) else value for key, value in copy["retained_context"].items()}
        copy["retained_context"] = {**emptied, "next_order": 0}
    if "replacement_history_metadata" in copy:
        pairs = zip(copy["replacement_history_metadata"], copy["replacement_history"], strict=True)
        copy["replacement_history_metadata"] = [_metadata(noted, item, marked=all_of_it) for noted, item in pairs]
    return copy
