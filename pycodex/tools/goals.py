"""The tools for the goal of a thread: get_goal, create_goal, update_goal (captures: tools/goal_*)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pycodex.arguments import I64, STRING, ArgumentsError, ArgumentStyle, Enum, Field, Struct, parse_arguments
from pycodex.goals import BLOCKED, COMPLETE, PAUSED, STATUSES, Goal, Goals
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError, ToolOutput

__all__ = ["CreateGoal", "GetGoal", "UpdateGoal"]

_LONGEST = 4000


class _GoalTool(BaseTool):
    description = ""
    input_schema: dict[str, Any] = {}  # noqa: RUF012 - what is sent stands in the exported data
    struct: Struct | None = None

    def __init__(self, style: ArgumentStyle, *, report: str = "", limit: int | None = None, kept: bool = True) -> None:
        """`report`: what the model is to say of a goal that is reached; `limit`: the highest budget; `kept`: whether
        the thread is."""
        self._style = style
        self._report = report
        self._limit = limit
        self._kept = kept

    def parse(self, arguments: str) -> Mapping[str, Any]:
        if not self._kept:
            raise ToolError("Goal tools require a persistent thread.")
        if self.struct is None:  # whatever they are (captured: tools/goal_arguments)
            return {}
        try:
            return parse_arguments(arguments, self.struct, self._style)
        except ArgumentsError as error:
            raise ToolError(str(error)) from None

    def _goals(self, context: ToolContext) -> Goals:
        assert context.goals is not None
        return context.goals()

    def _told(self, context: ToolContext, goal: Goal | None, *, reached: bool = False) -> ToolOutput:
        report = self._report if reached and goal and (goal.budget is not None or int(goal.seconds)) else None
        told = {
            "goal": None if goal is None else goal.to_json(context.thread_id),
            "remainingTokens": None if goal is None else goal.remaining,
            "completionBudgetReport": report,
        }
        return ToolOutput(content=json.dumps(told, separators=(",", ":"), ensure_ascii=False), value=told)


class GetGoal(_GoalTool):
    """`get_goal`."""

    name = "get_goal"

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        return self._told(context, self._goals(context).goal)


class CreateGoal(_GoalTool):
    """`create_goal`: the objective also joins the history by itself."""

    name = "create_goal"
    struct = Struct(
        name="CreateGoalRequest",
        fields=(Field("objective", STRING, required=True), Field("token_budget", I64, optional=True)),
    )

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        goals, objective, budget = self._goals(context), args["objective"].strip(), args["token_budget"]
        if not objective:
            raise ToolError("goal objective must not be empty")
        if len(objective) > _LONGEST:
            raise ToolError(f"goal objective must be at most {_LONGEST} characters")
        if budget is not None and budget <= 0:
            raise ToolError("goal budgets must be positive when provided")
        if budget is not None and self._limit is not None and budget > self._limit:
            raise ToolError(
                f"goal token budget {budget} exceeds the maximum allowed goal token budget of {self._limit}"
            )
        if goals.goal is not None and goals.goal.status != COMPLETE:
            raise ToolError(
                "cannot create a new goal because this thread has an unfinished goal; complete the existing goal first"
            )
        await context.answer_ended()  # what the answer with the call takes is not the goal's (captured: mostly so)
        goal = goals.begin(objective, self._limit if budget is None else budget)
        context.say_beside(*goal.told)
        return self._told(context, goal)


class UpdateGoal(_GoalTool):
    """`update_goal`."""

    name = "update_goal"
    struct = Struct(name="UpdateGoalArgs", fields=(Field("status", Enum(name="", variants=STATUSES), required=True),))

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        goals, status = self._goals(context), args["status"]
        if status not in (COMPLETE, BLOCKED, PAUSED):
            raise ToolError(
                "update_goal can only mark the existing goal complete, blocked, or paused at the user's explicit "
                "request; resume, budget-limited, and usage-limited status changes are controlled by the user or system"
            )
        if (goal := goals.goal) is None:
            raise ToolError("cannot update goal because this thread has no goal")
        await context.answer_ended()
        goals.change(goal, status)
        return self._told(context, goal, reached=status == COMPLETE)
