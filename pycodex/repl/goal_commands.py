"""`/goal`: the goal of the thread, as its user sees and changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.goals import BLOCKED, COMPLETE, PAUSED
from pycodex.operations import ClearGoal, SetGoal
from pycodex.repl.picker import Picker

if TYPE_CHECKING:
    from pycodex.repl.screen import Screen

__all__ = ["ask_to_resume_goal", "run_goal_command"]

_USAGE = "Usage: /goal [OBJECTIVE|clear|pause|resume]"
_NONE = "The thread has no goal."


def run_goal_command(screen: Screen, rest: str) -> None:
    """Without a word it shows the goal."""
    conversation = screen.conversation
    goal = conversation.goal
    if "goals" not in conversation.settings.features:
        screen.print("There are no goals: the feature `goals` is off, or this version has none.")
        return
    conversation.entered(f"/goal {rest}".rstrip())
    if rest in ("clear", "pause", "resume") and (goal is None or (goal.status == COMPLETE and rest != "clear")):
        screen.print(_NONE)
    elif rest == "clear":
        conversation.change_goal(ClearGoal())
        screen.print("Goal cleared")
    elif rest in ("pause", "resume"):
        conversation.change_goal(SetGoal(status="paused" if rest == "pause" else "active"))
        screen.print("Goal paused (/goal resume goes on)" if rest == "pause" else "Goal active")
    elif rest:
        _set(screen, rest)
    elif goal is None:
        screen.print(f"{_USAGE}\n{_NONE}")
    else:
        budget = "" if goal.budget is None else f" of {goal.budget:,}"
        screen.print(f"Goal {goal.status}: {goal.objective}\n  {goal.tokens:,}{budget} tokens, {int(goal.seconds)} s")


def _set(screen: Screen, objective: str) -> None:
    conversation = screen.conversation

    def replace() -> None:
        if conversation.goal is not None and conversation.goal.status != COMPLETE:
            conversation.change_goal(ClearGoal())
        conversation.change_goal(SetGoal(objective=objective))
        screen.print(f"Goal active: {objective}")

    goal = conversation.goal
    if goal is None or goal.status == COMPLETE:
        replace()
        return
    rows = [("Replace goal", objective), ("Keep goal", goal.objective)]
    screen.picker = Picker("Replace the goal?", rows, lambda index: replace() if index == 0 else None)


def ask_to_resume_goal(screen: Screen) -> None:
    """A goal that rests where its thread is resumed goes on if its user wants (captured: interactive/goal_asked)."""
    conversation = screen.conversation
    goal = conversation.goal
    if goal is None or goal.status not in (PAUSED, BLOCKED):
        return
    rows = [
        ("Resume goal", "it goes on when there is nothing else to do"),
        ("Leave paused", "/goal resume goes on later"),
    ]

    def take(index: int) -> None:
        if index == 0:
            conversation.change_goal(SetGoal())

    screen.picker = Picker(f"Resume paused goal? {goal.objective}", rows, take)
