"""Rollout records of the ordered kind about a turn: how it begins and ends, and what it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.subagents import root_of
from pycodex.upstream.contexts import HARNESS

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.upstream.item_records import ItemLedger

__all__ = ["aborted", "completed", "session", "started", "told"]


def told(kind: str, **fields: Any) -> dict[str, Any]:
    """A record of what people are told."""
    return {"type": "event_msg", "payload": {"type": kind, **fields}}


def session(context: ContextManager) -> str:
    """The thread that everything began with."""
    thread = context.thread
    return thread.id if thread.parent is None else thread.parent.session_id


def started(context: ContextManager, event: p.TurnStarted) -> dict[str, Any]:
    """The turn begins."""
    parent, settings = context.thread.parent, context.settings
    prompted = "exec" if settings.mode == "exec" else "user"
    own = {"goal": "goal", "shell": None}.get(event.by, prompted)
    first = root_of(context, event.turn_id)
    attributed = {
        "turn_id": event.turn_id,
        "turn_trigger": own if parent is None else parent.trigger,
        "parent_turn_id": event.after if parent is None else parent.turn_id,
        "initiating_agent_path": None if parent is None else parent.path,
        "root_turn_id": first,
    }
    return told(
        "task_started",
        **({} if event.by == "compact" else {"turn_attribution": attributed}),
        turn_id=event.turn_id,
        root_turn_id=first,
        started_at=int(event.started_at),
        model_context_window=settings.context_window,
        collaboration_mode_kind=settings.collaboration,
    )


def completed(context: ContextManager, event: p.TurnCompleted | p.TurnFailed) -> dict[str, Any]:
    """The turn came to its end."""
    fields: dict[str, Any] = {
        "root_turn_id": root_of(context, event.turn_id),
        "turn_id": event.turn_id,
        "last_agent_message": event.last_agent_message,
    }
    if isinstance(event, p.TurnFailed):
        fields["error"] = {"message": event.failure.message, "codex_error_info": event.failure.info}
    fields |= _times(event.started_at, event.completed_at)
    if event.first_token_at is not None:
        fields["time_to_first_token_ms"] = int((event.first_token_at - event.started_at) * 1000)
    return told("task_complete", **fields)


def aborted(context: ContextManager, ledger: ItemLedger, event: p.TurnAborted) -> list[dict[str, Any]]:
    """The turn was interrupted, and the model is told so."""
    kinds, provenances, at = ["generic.turn_aborted"], [dict(HARNESS)], event.completed_at
    said = ledger.record(event.item, event.turn_id, created=True, kinds=kinds, provenances=provenances, at=at)
    ended = told(
        "turn_aborted",
        root_turn_id=root_of(context, event.turn_id),
        turn_id=event.turn_id,
        reason="interrupted",
        **_times(event.started_at, event.completed_at),
    )
    return [said, ended]


def _times(started_at: float, completed_at: float) -> dict[str, int]:
    return {
        "started_at": int(started_at),
        "completed_at": int(completed_at),
        "duration_ms": int((completed_at - started_at) * 1000),
    }
