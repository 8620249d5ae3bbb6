"""What the user does with the goal of a thread, and what the model is told of it (captures: interactive/goal_*)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.goals import COMPLETE, Goals
from pycodex.operations import ClearGoal, SetGoal
from pycodex.protocol import GoalChanged
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop

__all__ = ["change_goal"]

_NOTE = '<codex_internal_context source="user_goal">\n{words}\n</codex_internal_context>'
_PROVENANCE = {"provenance": {"type": "harness", "hook": False}}


def change_goal(loop: AgentLoop, operation: SetGoal | ClearGoal) -> bool:
    """Do it, and tell the model at once. False: there is no goal that this could be done with."""
    context = loop.context
    if context.model_before is None and not context.history:
        # Until the user says something the model is not told how they work together (captured: interactive/goal_first).
        context.settings = replace(context.settings, introduced=False)
    goals = loop.goals = loop.goals or Goals(loop)
    goal = goals.goal
    if isinstance(operation, ClearGoal):
        if goal is None:
            return False
        goals.clear()
        _tell(loop, goals, ["User cleared the goal."])
        return True
    if operation.objective is not None:
        goals.set(operation.objective)
        _tell(loop, goals, [f'User set the goal: "{operation.objective}"', 'User set goal status: "active".'])
        return True
    if goal is None or goal.status == COMPLETE:
        return False
    if operation.status == "paused":
        goals.let_rest(goal)
    else:
        goals.let_go_on(goal)
    _tell(loop, goals, [f'User set goal status: "{operation.status}".'])
    return True


def _tell(loop: AgentLoop, goals: Goals, lines: list[str]) -> None:
    context = loop.context
    item = context.record_note("user", _NOTE.format(words="\n".join(lines)), "user.goal", _PROVENANCE)
    goal = None if goals.goal is None else goals.goal.to_json(context.thread.id)
    loop.emit(GoalChanged(item=item, number=goals.next_change(), goal=goal))
