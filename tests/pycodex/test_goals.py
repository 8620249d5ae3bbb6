from __future__ import annotations

from pathlib import Path

import pytest

from pycodex import AgentLoop, ContextManager, ToolRegistry
from pycodex.context import Turn
from pycodex.goals import ACTIVE, BLOCKED, BUDGET_LIMITED, COMPLETE, PAUSED, Goals
from pycodex.items import text_of
from pycodex.protocol import Event, Item, TurnAborted, TurnStarted, Usage
from pycodex.records import replace
from pycodex.subagents import root_of
from tests.pycodex.sessions import ScriptedModel, says, settings_in


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
    case.goals.end_turn("turn-1")
    records: list[Event] = []
    case.goals.break_off(records.append)
    assert len(records) == count
    for event in records:
        match event:
            case TurnStarted():
                assert (event.by, event.after) == ("goal", "turn-1")
            case TurnAborted():
                assert root_of(case.context, event.turn_id) == "turn-1"
            case _:
                pytest.fail(f"unexpected {event}")


def test_turn_of_a_goal_knows_the_users_turn_that_all_began_with(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.goals.begin("paint", None)
    for before, turn_id in [("one", "two"), ("two", "three")]:
        case.goals.end_turn(before)
        turn = Turn(id=turn_id, started_at=0.0)
        assert case.goals.go_on() and case.goals.attribute(turn)
        assert (turn.trigger, turn.after, root_of(case.context, turn_id)) == ("goal", before, "one")


def test_budget_that_is_spent_when_a_turn_ends_is_not_told(tmp_path: Path) -> None:
    case = Case(tmp_path)
    goal = case.goals.begin("paint", 10)
    case.context.usage += Usage(input_tokens=10)
    case.goals.end_turn("one")
    assert (goal.status, case.told(), case.goals.go_on()) == (BUDGET_LIMITED, [], False)


def test_goal_whose_turn_fails_is_blocked(tmp_path: Path) -> None:
    case = Case(tmp_path)
    goal = case.goals.begin("paint", None)
    case.goals.end_turn("one", failed=True)
    assert (goal.status, case.goals.go_on()) == (BLOCKED, False)


def resumed(root: Path, thread_id: str, answers: list[list[Item]] | None = None) -> tuple[AgentLoop, list[Event]]:
    """A loop in another process, which goes on with a thread."""
    context = ContextManager(settings_in(root, upstream="0.169.0"))
    context.thread = replace(context.thread, id=thread_id, resumed=True)
    events: list[Event] = []
    return AgentLoop(ScriptedModel(answers or []), ToolRegistry(), context, emit=events.append), events


@pytest.mark.parametrize(("status", "goes_on"), [(ACTIVE, True), (PAUSED, False), (COMPLETE, False)])
def test_goal_is_there_where_its_thread_is_resumed(tmp_path: Path, status: str, goes_on: bool) -> None:
    case = Case(tmp_path)
    goal = case.goals.begin("paint", 100)
    case.spend(7)
    case.goals.change(goal, status)
    loop, _ = resumed(tmp_path, case.context.thread.id)
    Goals.take_up(loop)
    assert loop.goals is not None and loop.goals.goal is not None
    assert loop.goals.goal.to_json("t") == goal.to_json("t")
    assert loop.goals.goes_on is goes_on
    other, _ = resumed(tmp_path, "another")
    assert Goals(other).goal is None


async def test_turn_after_that_is_the_goals(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.goals.begin("paint", None)
    loop, events = resumed(tmp_path, case.context.thread.id, [[says("a")], [says("b")]])
    Goals.take_up(loop)
    await loop.run_turn("more")
    await loop.run_turn("and more")
    assert [event.by for event in events if isinstance(event, TurnStarted)] == ["goal", "prompt"]
    place = next(n for n, item in enumerate(loop.context.history) if item["type"] == "function_call_output")
    told, words, said = loop.context.history[place : place + 3]
    assert (told["name"], told["output"]) == ("goal_objective", "paint")
    assert "Token budget: none\n- Tokens remaining: unbounded" in text_of(words)
    assert text_of(said) == "more"


def test_threads_that_are_not_kept_keep_no_goal(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, upstream="0.169.0", ephemeral=True)
    Goals(AgentLoop(ScriptedModel([]), ToolRegistry(), ContextManager(settings))).begin("paint", None)
    assert not (settings.config.codex_home / "goals").exists()
