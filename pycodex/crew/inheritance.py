"""The history that an agent of a team has of the one that began it, and the rollout that it begins with (captured:
agents/v2_waited_for, agents/v2_inherited).

It is a copy of what that one's rollout says up to the call that began the agent, as if the turn had been interrupted
there; two messages of the program then say whose history it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import items, rollout, session
from pycodex.context import ContextManager, Thread
from pycodex.protocol import SettingsTold
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["copied", "inherits_all", "opened_with_history"]

_KEPT = ("session_meta", "response_item", "world_state", "turn_context", "compacted")
_KEPT_EVENTS = ("task_started", "task_complete", "turn_aborted")
_HINT = "multi_agent_usage_hint"
_HARNESS = {"provenance": {"type": "harness", "hook": False}}


def inherits_all(fork_turns: str | None) -> bool:
    """Whether an agent has the history of the one that begins it. Raises ValueError. A number of turns is taken, and
    means all of them."""
    said = (fork_turns or "").strip().lower()
    if said in ("", "all", "none"):
        return said != "none"
    if not said.removeprefix("+").isascii() or not said.removeprefix("+").isdigit() or int(said) == 0:
        raise ValueError("fork_turns must be `none` or `all`")
    return True


def copied(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The records of a thread as another one has them that goes on with its history."""
    kept: list[dict[str, Any]] = []
    for record in records:
        kind = record["type"]
        if kind in _KEPT or (kind == "event_msg" and record["payload"].get("type") in _KEPT_EVENTS):
            kept.append(_copy({key: value for key, value in record.items() if key not in ("timestamp", "ordinal")}))
    return kept


def _copy(record: dict[str, Any]) -> dict[str, Any]:
    if record["type"] == "world_state" and _HINT in (state := record["payload"]["state"]):
        # The last part of the state takes the place of the one that is left out.
        last = next(reversed(state))
        moved = {(last if key == _HINT else key): state[last if key == _HINT else key] for key in state if key != last}
        return {**record, "payload": {**record["payload"], "state": moved}}
    if record["type"] == "response_item" and "metadata" in record:
        metadata = dict(record["metadata"])
        if record["payload"].get("role") != "user":
            metadata.pop("user_input_order", None)
        last = {"mcp_attribution": metadata.pop("mcp_attribution")} if "mcp_attribution" in metadata else {}
        return {**record, "metadata": {**metadata, "inherited_user_message": True, **last}}
    return record


def opened_with_history(settings: Settings, parent: ContextManager, thread: Thread, turn_id: str) -> session.Session:
    """The session of an agent that has the history of `parent`, which is in that turn."""
    from pycodex.upstream.thread_records import session_meta  # the module is for those versions that have teams

    home = settings.config.codex_home
    path = None if parent.settings.ephemeral else rollout.find_rollout(home, parent.thread.id)
    records = copied(_records(parent) if path is None else session.whole(home, path)[0])
    records += [_interrupted(records, parent, turn_id), *_notes(settings)]
    thread = replace(
        thread,
        context_window_id=parent.thread.context_window_id,
        recorded_window_id=thread.context_window_id,
        inherited_at=1 + len(records),
    )
    previous = settings.dialect.context.previous(records)
    if previous is not None:  # what the notes say is not said again, nor who else the parent has begun
        now = settings.dialect.context.snapshot(settings, items.has_tools(parent.history))
        previous = {**previous, _HINT: now.get(_HINT)}
        previous["environments"] = {k: v for k, v in previous.get("environments", {}).items() if k != "subagents"}
    last = next((record["payload"] for record in reversed(records) if record["type"] == "turn_context"), None)
    context = ContextManager(
        settings,
        thread,
        history=session.history_of(records),
        previous=previous,
        model_before=last,
        git=parent.git,
    )
    meta = {"type": "session_meta", "payload": session_meta(context)}
    existing = [{"ordinal": ordinal, **record} for ordinal, record in enumerate([meta, *records])]
    recorder = settings.dialect.rollout.recorder(context, existing)
    kept = None if settings.ephemeral else rollout.new_rollout_path(home, thread.id, thread.created_at)
    writer = rollout.RolloutWriter(kept, recorder)
    writer.copy(existing)
    writer(SettingsTold())
    return session.Session(context=context, writer=writer)


def _records(parent: ContextManager) -> list[dict[str, Any]]:
    """The history of a thread that is not kept, as its rollout would have it."""
    return [{"type": "response_item", "payload": item} for item in parent.history]


def _interrupted(records: Sequence[Mapping[str, Any]], parent: ContextManager, turn_id: str) -> dict[str, Any]:
    """The turn ends where the agent begins."""
    payloads = (record["payload"] for record in reversed(records) if record["payload"].get("type") == "task_started")
    started: Mapping[str, Any] = next(payloads, {})
    above = parent.thread.parent
    payload = {
        "type": "turn_aborted",
        "root_turn_id": turn_id if above is None else above.root_turn_id,
        "turn_id": turn_id,
        "reason": "interrupted",
        **({"started_at": started["started_at"]} if "started_at" in started else {}),
    }
    return {"type": "event_msg", "payload": payload}


def _notes(settings: Settings) -> list[dict[str, Any]]:
    """What the agent is told of the history that it has, and of its role."""
    from pycodex.upstream import blocks

    role = blocks.multi_agent_role(settings) or blocks.multi_agent_hint(settings) or ""
    told = (
        ("multi_agent.usage_hint", settings.data.text("multi_agent_inherited.md")),
        ("multi_agent.role_instructions", role),
    )
    noted = []
    for kind, text in told:
        item = items.message("developer", [text], settings.dialect.ids)
        marks = {"content_item_kinds": [kind], "content_item_metadata": [dict(_HARNESS)]}
        noted.append({"type": "response_item", "payload": {**item, items.NOTE: marks}})
    return noted
