"""The goal of a thread: what is kept of it, what it has cost, and what the model is told when that is too much
(captures: tools/goal_*)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from pycodex import items
from pycodex.context import Turn
from pycodex.goal_store import GoalStore
from pycodex.ids import uuid7
from pycodex.protocol import OutputRecorded, TurnAborted, TurnStarted
from pycodex.records import dataclass, names
from pycodex.steering import Note, tell_note
from pycodex.subagents import root_of
from pycodex.truncation import TruncationPolicy, truncate_middle

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.protocol import Event, Usage

__all__ = ["ACTIVE", "BLOCKED", "BUDGET_LIMITED", "COMPLETE", "PAUSED", "STATUSES", "Goal", "Goals"]

ACTIVE, PAUSED, BLOCKED, COMPLETE = "active", "paused", "blocked", "complete"
BUDGET_LIMITED = "budgetLimited"
STATUSES = (ACTIVE, PAUSED, BLOCKED, "usageLimited", BUDGET_LIMITED, COMPLETE)

_TOLD = TruncationPolicy(kind="tokens", limit=1000)
"""How much of an objective is told by itself."""
_KIND = "goal.internal_context"
_PROVENANCE = {"provenance": {"type": "harness", "hook": False}}


@dataclass(kw_only=True)
class Goal:
    """One goal; times are unix seconds."""

    objective: str
    budget: int | None
    created_at: float
    updated_at: float
    status: str = ACTIVE
    tokens: int = 0
    seconds: float = 0.0
    rests: bool = False
    """Whether what is done does not count for it any more."""
    follows: bool = False
    """Whether its turns go on from the one in which the model began it: not those of an earlier run's goal."""

    @property
    def remaining(self) -> int | None:
        """The tokens that are left of its budget."""
        return None if self.budget is None else max(self.budget - self.tokens, 0)

    @property
    def told(self) -> tuple[str, str, str]:
        """Name, namespace and text of the output by which the model is told of it."""
        return "goal_objective", "agent", truncate_middle(self.objective, _TOLD)

    def to_json(self, thread_id: str) -> dict[str, Any]:
        """As the tools give it to the model."""
        return {
            "threadId": thread_id,
            "objective": self.objective,
            "status": self.status,
            **({} if self.budget is None else {"tokenBudget": self.budget}),
            "tokensUsed": self.tokens,
            "timeUsedSeconds": int(self.seconds),
            "createdAt": int(self.created_at),
            "updatedAt": int(self.updated_at),
        }


class Goals:
    """The goal of the loop's thread, if it has one. What it costs is counted when a call of a tool has ended."""

    def __init__(self, loop: AgentLoop, clock: Callable[[], float] = time.monotonic) -> None:
        self._loop = loop
        self._clock = clock
        settings, thread = loop.context.settings, loop.context.thread
        self._store = GoalStore(settings.config.codex_home, thread.id) if settings.ephemeral is False else None
        self.goal: Goal | None = self._kept() if thread.resumed else None
        self._counted = self._spent()
        self.goes_on = False
        """Whether the turn that begins is the goal's."""
        self._changes = int(thread.resumed)
        self._before: str | None = None
        """The turn that has ended last."""
        self._told = False
        """Whether the model knows the objective: what the user says since makes it be told again (captured:
        interactive/goal_steered)."""

    @classmethod
    def take_up(cls, loop: AgentLoop) -> None:
        """The loop's thread is resumed to be gone on with: so is a goal that does not rest."""
        if loop.context.thread.resumed and "goals" in loop.context.settings.features:
            loop.goals = cls(loop)
            loop.goals.go_on()

    def go_on(self) -> bool:
        """Whether there is a goal to go on with, in the turn that begins then."""
        self.goes_on = self.goal is not None and self.goal.status == ACTIVE
        return self.goes_on

    def attribute(self, turn: Turn) -> bool:
        """Whether the turn that begins is the goal's: then it is told what it goes on from."""
        if (goal := self.goal) is None or not self.goes_on:
            return False
        turn.trigger = "goal"
        if goal.follows and self._before is not None:
            turn.after = self._before
            self._loop.context.roots[turn.id] = root_of(self._loop.context, self._before)
        return True

    def next_change(self) -> int:
        """The number of what the user does now; the resuming of a thread counts, too."""
        self._changes += 1
        return self._changes - 1

    def hear(self) -> None:
        """The user says something."""
        self._told = False

    def _kept(self) -> Goal | None:
        """The goal of an earlier run."""
        kept = self._store.load() if self._store is not None else None
        try:
            return None if kept is None else Goal(**kept)
        except TypeError:  # not of this form
            return None

    def _keep(self) -> None:
        if self._store is not None and (goal := self.goal) is not None:
            self._store.save({name: getattr(goal, name) for name in names(Goal) if name != "follows"})

    def open_turn(self, turn_id: str) -> None:
        """The turn begins with the goal, before what the user says (captured: tools/goal_resumed)."""
        if (goal := self.goal) is None or not self.goes_on:
            return
        self.goes_on = False
        loop, dialect = self._loop, self._loop.context.settings.dialect
        if not self._told:
            item = items.uncalled_output(dialect.ids, *goal.told)
            loop.context.record(item)
            loop.emit(OutputRecorded(turn_id=turn_id, item=item, at=loop.now()))
            self._told = True
        tell_note(loop, turn_id, Note(text=self._continuing(goal), kind=_KIND, provenance=_PROVENANCE))

    def _continuing(self, goal: Goal) -> str:
        budget = goal.remaining is not None
        told = {
            "used": goal.tokens,
            "budget": goal.budget if budget else "none",
            "remaining": goal.remaining if budget else "unbounded",
        }
        return self._filled("goal_continues.md", told)

    def _filled(self, name: str, told: Mapping[str, object]) -> str:
        text = self._loop.context.settings.data.text(name)
        for place, value in told.items():
            text = text.replace(f"{{{place}}}", str(value))
        return text

    def begin(self, objective: str, budget: int | None) -> Goal:
        """A new goal in place of the one before; what was spent until now is not its own."""
        self._counted = self._spent()
        now = self._loop.now()
        self.goal = Goal(objective=objective, budget=budget, created_at=now, updated_at=now, follows=True)
        self._told = True
        self._keep()
        return self.goal

    def let_rest(self, goal: Goal) -> None:
        """The user pauses the goal."""
        self.change(goal, PAUSED)

    def let_go_on(self, goal: Goal) -> None:
        """The user resumes it: its turns go on from no other one (captured: interactive/goal_commands)."""
        self._counted = self._spent()
        goal.status, goal.rests, goal.follows = ACTIVE, False, False
        goal.updated_at = self._loop.now()
        self._keep()

    def set(self, objective: str) -> Goal:
        """The user gives the thread a goal."""
        goal = self.begin(objective, None)
        goal.follows = self._told = False
        return goal

    def clear(self) -> None:
        """The user gives the goal up."""
        self.goal = None
        if self._store is not None:
            self._store.clear()

    def change(self, goal: Goal, status: str) -> None:
        """Another status, after what was spent was counted. One whose budget is spent is not paused, but costs
        nothing more, as if it were (captured: tools/goal_budget)."""
        self.account()
        if not (status == PAUSED and goal.status == BUDGET_LIMITED):
            goal.status = status
        goal.rests = True
        goal.updated_at = self._loop.now()
        self._keep()

    def end_turn(self, turn_id: str, *, failed: bool = False) -> None:
        """A turn has come to its end: what it cost is counted. A goal whose turn has failed is blocked (captured:
        interactive/goal_failed)."""
        self._before = turn_id
        self.account(ended=True)
        if failed and self.goal is not None and self.goal.status == ACTIVE:
            self.change(self.goal, BLOCKED)
        self._keep()

    def account(self, *, ended: bool = False) -> None:
        """Count what was spent; unless the turn has `ended`, the model is told once, before its next answer, that there
        is nothing left."""
        before, self._counted = self._counted, self._spent()
        if (goal := self.goal) is None or goal.rests:
            return
        goal.tokens += max(self._counted[0] - before[0], 0)
        goal.seconds += self._counted[1] - before[1]
        if goal.status == ACTIVE and goal.budget is not None and goal.tokens >= goal.budget:
            goal.status = BUDGET_LIMITED
            if ended:
                return
            self._loop.steering.put_note(Note(text=self._spent_text(goal), kind=_KIND, provenance=_PROVENANCE))

    def break_off(self, record: Callable[[Event], object]) -> None:
        """A run ends while the goal is still there: another turn for it has begun, and is left at once, as its rollout
        says (captured: tools/goal_left)."""
        if not self.go_on():
            return
        loop, turn = self._loop, Turn(id=uuid7(), started_at=self._loop.now())
        self.attribute(turn)
        record(TurnStarted(turn_id=turn.id, prompt="", started_at=turn.started_at, by="goal", after=turn.after))
        item = loop.context.record_aborted()
        record(TurnAborted(turn_id=turn.id, item=item, started_at=turn.started_at, completed_at=loop.now()))

    def _spent(self) -> tuple[int, float]:
        return _tokens(self._loop.context.usage), self._clock()

    def _spent_text(self, goal: Goal) -> str:
        objective = escape(goal.objective, quote=False)
        told = {"seconds": int(goal.seconds), "used": goal.tokens, "budget": goal.budget, "objective": objective}
        return self._filled("goal_budget_spent.md", told)  # the objective last: what stands in it is no place


def _tokens(usage: Usage) -> int:
    """What counts: without what the provider had read before (measured: 1000 of which 300 cached, and 70 make 770)."""
    return max(usage.input_tokens - usage.cached_input_tokens, 0) + usage.output_tokens
