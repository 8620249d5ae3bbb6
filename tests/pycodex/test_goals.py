from __future__ import annotations

from pathlib import Path

import pytest

from pycodex import AgentLoop, ContextManager, ToolRegistry
from pycodex.goals import ACTIVE, BUDGET_LIMITED, COMPLETE, PAUSED, Goals
from pycodex.protocol import Event, TurnAborted, TurnStarted, Usage
from tests.pycodex.sessions import ScriptedModel, settings_in


class Case:
    """Goals of a loop whose clock and usage the test sets."""

    def __init__(self, root: Path) -> None:
        self.now = 0.0
        self.context = ContextManager(settings_in(root, upstream="0.169.0"))
        self.loop = AgentLoop(ScriptedModel([]), ToolRegistry(), self.context, clock=lambda: 1000.0)
        self.goals = Goals(self.loop, lambda: self.now)

    def spend(self, tokens: int, seconds: float = 0.0, cached: int = 0) -> None:
        self.context.usage += Usage(input_tokens=tokens + cached, cached_input_tokens=cached)
        self.now += seconds
        self.goals.account()

    def told(self) -> list[str]:
        return [note.text for note in self.loop.steering.take_notes()]


def test_goal_costs_what_is_spent_after_it_began(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.spend(500, 60)
    goal = case.goals.begin("paint", None)
    case.spend(7, 0.6, cached=1000)
    case.spend(8, 0.6)
    assert goal.to_json("t") == {
        "threadId": "t",
        "objective": "paint",
        "status": ACTIVE,
        "tokensUsed": 15,
        "timeUsedSeconds": 1,
        "createdAt": 1000,
        "updatedAt": 1000,
    }
    assert goal.remaining is None


def test_model_is_told_once_that_the_budget_is_spent(tmp_path: Path) -> None:
    case = Case(tmp_path)
    goal = case.goals.begin("<paint> {used}", 100)
    case.spend(99)
    assert case.told() == []
    case.spend(2)
    case.spend(30)
    (text,) = case.told()
    assert "&lt;paint&gt; {used}\n" in text and "Tokens used: 101\n" in text and "Token budget: 100\n" in text
    assert (goal.status, goal.tokens, goal.remaining) == (BUDGET_LIMITED, 131, 0)


@pytest.mark.parametrize(("spent", "kept"), [(10, PAUSED), (200, BUDGET_LIMITED)])
def test_paused_goal_costs_nothing_more(tmp_path: Path, spent: int, kept: str) -> None:
    case = Case(tmp_path)
    goal = case.goals.begin("paint", 100)
    case.spend(spent)
    case.goals.change(goal, PAUSED)
    case.spend(1000, 9)
    assert (goal.status, goal.tokens, goal.seconds) == (kept, spent, 0.0)


@pytest.mark.parametrize(("status", "count"), [(ACTIVE, 2), (COMPLETE, 0)])
def test_turn_that_begins_for_a_goal_when_the_run_ends(tmp_path: Path, status: str, count: int) -> None:
    case = Case(tmp_path)
    case.goals.begin("paint", None).status = status
    records: list[Event] = []
    case.goals.break_off("turn-1", records.append)
    assert len(records) == count
    for event in records:
        match event:
            case TurnStarted():
                assert (event.by, event.after) == ("goal", "turn-1")
            case TurnAborted():
                assert event.root_turn_id == "turn-1"
            case _:
                pytest.fail(f"unexpected {event}")
