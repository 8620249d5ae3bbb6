"""Rollout records of the ordered kind about what the user does with the goal of a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.upstream.turn_records import told

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.upstream.item_records import ItemLedger

__all__ = ["changed_goal"]

_TURN = "auto-compact-{number}"
_UNSAID = ("history_sequence", "sampled_through_sequence")


def changed_goal(context: ContextManager, ledger: ItemLedger, event: p.GoalChanged) -> list[dict[str, Any]]:
    """What the model is told, in no turn, and the goal (captured: interactive/goal_commands)."""
    note = ledger.record(
        event.item.item,
        _TURN.format(number=event.number),
        created=True,
        kinds=[part.kind for part in event.item.parts],
        provenances=[dict(part.provenance) for part in event.item.parts],
        ordered=True,
    )
    note["metadata"] = {name: value for name, value in note["metadata"].items() if name not in _UNSAID}
    if event.goal is None:
        return [note]
    return [note, told("thread_goal_updated", threadId=context.thread.id, goal=dict(event.goal))]
