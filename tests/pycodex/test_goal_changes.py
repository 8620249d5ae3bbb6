from __future__ import annotations

from pathlib import Path

import pytest

from pycodex import AgentLoop, ContextManager, ToolRegistry
from pycodex.context import Turn
from pycodex.goal_changes import change_goal
from pycodex.goals import ACTIVE, BLOCKED, COMPLETE, PAUSED, Goals
from pycodex.items import text_of
from pycodex.protocol import ClearGoal, Event, GoalChanged, SetGoal, Usage
from tests.pycodex.sessions import ScriptedModel, settings_in


def loop_in(root: Path, events: list[Event]) -> AgentLoop:
    context = ContextManager(settings_in(root, upstream="0.169.0"))
    return AgentLoop(ScriptedModel([]), ToolRegistry(), context, emit=events.append, clock=lambda: 1000.0)


def goals_of(loop: AgentLoop) -> Goals:
    assert loop.goals is not None
    return loop.goals


def test_model_is_told_what_the_user_does_with_the_goal(tmp_path: Path) -> None:
    events: list[Event] = []
    loop = loop_in(tmp_path, events)
    done = [
        change_goal(loop, each)
        for each in (
            SetGoal(objective="paint"),
            SetGoal(status="paused"),
            SetGoal(),
            ClearGoal(),
            ClearGoal(),
            SetGoal(),
        )
    ]
    assert done == [True, True, True, True, False, False]
    told = [event for event in events if isinstance(event, GoalChanged)]
    assert [event.number for event in told] == [0, 1, 2, 3]
    assert [event.goal and event.goal["status"] for event in told] == [ACTIVE, PAUSED, ACTIVE, None]
    assert [text_of(item).splitlines()[1:-1] for item in loop.context.history] == [
        ['User set the goal: "paint"', 'User set goal status: "active".'],
        ['User set goal status: "paused".'],
        ['User set goal status: "active".'],
        ["User cleared the goal."],
    ]


def test_cleared_goal_is_not_kept(tmp_path: Path) -> None:
    loop = loop_in(tmp_path, [])
    change_goal(loop, SetGoal(objective="paint"))
    kept = loop.context.settings.config.codex_home / "goals"
    assert len([*kept.iterdir()]) == 1
    change_goal(loop, ClearGoal())
    assert [*kept.iterdir()] == []


@pytest.mark.parametrize(("status", "goes_on"), [(PAUSED, True), (BLOCKED, True), (COMPLETE, False)])
def test_goal_that_is_resumed_costs_again_and_follows_no_turn(tmp_path: Path, status: str, goes_on: bool) -> None:
    loop = loop_in(tmp_path, [])
    loop.goals = Goals(loop)
    goal = loop.goals.begin("paint", None)
    loop.goals.end_turn("one")
    loop.goals.change(goal, status)
    loop.context.usage += Usage(input_tokens=7)
    assert change_goal(loop, SetGoal()) is goes_on
    assert loop.goals.go_on() is goes_on
    loop.context.usage += Usage(input_tokens=8)
    loop.goals.account()
    assert goal.tokens == (8 if goes_on else 0)
    turn = Turn(id="two", started_at=0.0)
    assert loop.goals.attribute(turn) is goes_on
    assert turn.after is None
