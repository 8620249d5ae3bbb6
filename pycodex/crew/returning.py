"""The agents of a team whose first thread is taken up again: they are away, and come back with their next task
(captured: agents/v2_resumed)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex import rollout, session
from pycodex.crew.child import Wanted, child_settings, parent_of
from pycodex.records import replace
from pycodex.tools.base_tool import ToolError

if TYPE_CHECKING:
    from pycodex.crew.team import Desk

__all__ = ["restore"]


def restore(desk: Desk) -> None:
    """Those that the agent of `desk` has begun have desks again, and so have those that they have begun."""
    context = desk.loop.context
    home = context.settings.config.codex_home
    own = rollout.find_rollout(home, context.thread.id)
    for path, thread_id in () if own is None else _begun(own):
        found = rollout.find_rollout(home, thread_id)
        if found is None or path in desk.team.desks:
            continue
        try:
            opened = _opened(desk, path, found)
        except (ToolError, session.SessionError):  # its model, its role or its rollout is gone: so is it
            continue
        restore(desk.seat(path, opened, away=True))


def _begun(path: Path) -> Iterator[tuple[str, str]]:
    """Path and thread of each agent that the thread of a rollout has begun."""
    records, _ = rollout.read_rollout(path)
    for record in records:
        item: Mapping[str, Any] = record["payload"].get("item") or {}
        if item.get("type") == "SubAgentActivity" and item.get("kind") == "started":
            yield item["agent_path"], item["agent_thread_id"]


def _opened(desk: Desk, path: str, found: Path) -> session.Session:
    context = desk.loop.context
    records, _ = rollout.read_rollout(found)
    meta = records[0]["payload"] if records else {}
    turns = [record["payload"].get("model") for record in records if record["type"] == "turn_context"]
    model = turns[-1] if turns and turns[-1] != context.settings.model.slug else None
    settings = child_settings(
        context.settings,
        Wanted(role=meta.get("agent_role"), model=model),
        depth=path.count("/") - 1,
        nickname=meta.get("agent_nickname", ""),
        parent_id=context.thread.id,
        path=path,
    )
    opened = session.resume(settings, context.git, found)
    parent = parent_of(context, "")
    thread = opened.context.thread
    opened.context.thread = replace(thread, parent=parent, session_id=parent.session_id, forked_from=None)
    return opened
