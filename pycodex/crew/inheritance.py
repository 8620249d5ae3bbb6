"""The history that an agent has of the one that began it, and the rollout that it begins with.

It is a copy of what that one's rollout says up to the call that began the agent. One of a team has all of it, as if the
turn had been interrupted there, and two messages of the program that say whose history it is (captured:
agents/v2_waited_for, agents/v2_inherited, agents/v2_compacted). One of the older kind has what was said alone
(agents/forked, agents/forked_compacted), or all of it, an output of the call that says who it is, and the context once
more (agents/forked_old).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import items, rollout, session
from pycodex.context import ContextManager, Thread
from pycodex.crew.copies import HINT, bare, copied
from pycodex.protocol import Item, SettingsTold
from pycodex.records import replace
from pycodex.tools.base_tool import ToolError

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["inherits_all", "opened_anew", "opened_in_team", "opened_with_all", "opened_with_said"]

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


def opened_anew(settings: Settings, parent: ContextManager, thread: Thread) -> session.Session:
    """The session of an agent that has nothing of the history of `parent`."""
    opened = session.begin(settings, parent.git, thread)
    _give_prompt(opened.context, parent)
    return opened


def opened_in_team(settings: Settings, parent: ContextManager, thread: Thread) -> session.Session:
    """The session of an agent of a team that has the history of `parent`. Raises ToolError."""
    records = copied(_one_thread(*_so_far(parent)))
    records += [_interrupted(records), *_notes(settings)]
    previous = settings.dialect.context.previous(records)
    if previous is not None:  # what the notes say is not said again
        now = settings.dialect.context.snapshot(settings, items.has_tools(parent.history))
        previous = {**previous, HINT: now.get(HINT)}
    return _with_ordinals(settings, parent, thread, records, previous)


def opened_with_said(settings: Settings, parent: ContextManager, thread: Thread) -> session.Session:
    """The session of an agent of the older kind that has what was said in the thread of `parent`. Raises ToolError."""
    records = copied(_one_thread(*_so_far(parent)), all_of_it=False)
    return _with_ordinals(settings, parent, thread, records, settings.dialect.context.previous(records))


def opened_with_all(settings: Settings, parent: ContextManager, thread: Thread, call_id: str) -> session.Session:
    """The session of an agent of the older kind that has the history of `parent` up to that call, whose output tells it
    who it is; and what it has used counts on. Raises ToolError."""
    from pycodex.upstream.records_flat import session_meta  # the module is for those versions that have this

    records = [bare(record) for record in _so_far(parent)[0]]
    told = items.output_of(_call(parent, call_id), settings.dialect.toolset.agents.forked_output, settings.dialect.ids)
    records.append({"type": "response_item", "payload": told})
    thread = replace(thread, forked_from=parent.thread.id)
    if settings.subagent is not None:  # also what another model is told is its parent's prompt (forked_model_old)
        subagent = replace(settings.subagent, instructions=parent.base_instructions)
        settings = replace(settings, subagent=subagent)
    context = _context(settings, parent, thread, records, settings.dialect.context.previous(records))
    context.usage, context.last_usage = session.usage_of(records), session.usage_of(records, "last_token_usage")
    # The context is said, and yet its first turn looks for what has changed since its parent's last one (captured:
    # agents/forked_model_old).
    _, said = context.seen_with(settings).say_anew(())
    context.history += [each.item for each in said]
    records += [{"type": "response_item", "payload": each.item} for each in said]
    return _written(context, [{"type": "session_meta", "payload": session_meta(context)}, *records])


def _call(parent: ContextManager, call_id: str) -> Item:
    return next(item for item in reversed(parent.history) if item.get("call_id") == call_id)


def _with_ordinals(
    settings: Settings,
    parent: ContextManager,
    thread: Thread,
    records: Sequence[Mapping[str, Any]],
    previous: Mapping[str, Any] | None,
) -> session.Session:
    from pycodex.upstream.thread_records import session_meta  # the module is for those versions that have this

    thread = replace(
        thread,
        **session.window_of(records, records[0]["payload"]),
        recorded_window_id=thread.context_window_id,
        inherited_at=1 + len(records),
    )
    context = _context(settings, parent, thread, records, previous)
    meta = {"type": "session_meta", "payload": session_meta(context)}
    opened = _written(context, [{"ordinal": ordinal, **record} for ordinal, record in enumerate([meta, *records])])
    opened.writer(SettingsTold())
    return opened


def _context(
    settings: Settings,
    parent: ContextManager,
    thread: Thread,
    records: Sequence[Mapping[str, Any]],
    previous: Mapping[str, Any] | None,
) -> ContextManager:
    turns = (record["payload"] for record in reversed(records) if record["type"] == "turn_context")
    context = ContextManager(
        settings,
        thread,
        history=session.history_of(records),
        previous=previous,
        model_before=next(turns, None),
        git=parent.git,
    )
    _give_prompt(context, parent)
    return context


def _give_prompt(context: ContextManager, parent: ContextManager) -> None:
    """Whatever its model, a thread begins with its parent's prompt (captured: agents/roles, forked_model_old)."""
    context.base_instructions, context.opened_with = parent.base_instructions, parent.opened_with


def _written(context: ContextManager, existing: Sequence[dict[str, Any]]) -> session.Session:
    """The session, whose rollout begins with these records."""
    settings, thread = context.settings, context.thread
    path = rollout.new_rollout_path(settings.config.codex_home, thread.id, thread.created_at)
    writer = rollout.RolloutWriter(path, settings.dialect.rollout.recorder(context, existing))
    writer.copy(existing)
    return session.Session(context=context, writer=writer)


def _so_far(parent: ContextManager) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What the rollout of a thread says, and its own first record; raises ToolError where there is none (captured:
    agents/forked_ephemeral)."""
    home, thread_id = parent.settings.config.codex_home, parent.thread.id
    path = None if parent.settings.ephemeral else rollout.find_rollout(home, thread_id)
    if path is None:
        raise ToolError(parent.settings.dialect.toolset.agents.not_kept.format(thread_id=thread_id))
    return session.whole(home, path)


def _one_thread(records: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The records as if all were of one thread (captured: agents/forked_nested)."""
    own = {"type": "session_meta", "payload": meta}
    return [own, *(record for record in records if record["type"] != "session_meta")]


def _interrupted(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The turn ends where the agent begins; its own beginning may be before a compaction (agents/v2_compacted)."""
    payloads = (record["payload"] for record in reversed(records) if record["payload"].get("type") == "task_started")
    began: Mapping[str, Any] = next(payloads, {})
    payload = {
        "type": "turn_aborted",
        **({"root_turn_id": began["root_turn_id"]} if "root_turn_id" in began else {}),
        "turn_id": began.get("turn_id"),
        "reason": "interrupted",
        **({"started_at": began["started_at"]} if "started_at" in began else {}),
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
