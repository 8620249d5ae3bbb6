"""The tool update_plan: the model tells its plan; people see it as a to-do list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.arguments import (
    STRING,
    ArgumentsError,
    ArgumentStyle,
    Enum,
    Field,
    ListOf,
    Struct,
    parse_arguments,
)
from pycodex.protocol import PlanUpdated
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError, ToolOutput

__all__ = ["UpdatePlan"]

_STEP = Struct(
    name="PlanItemArg",
    fields=(
        Field("step", STRING, required=True),
        Field("status", Enum(name="StepStatus", variants=("pending", "in_progress", "completed")), required=True),
    ),
    deny_unknown=True,
)

_ARGUMENTS = Struct(
    name="UpdatePlanArgs",
    fields=(
        Field("explanation", STRING, optional=True),
        Field("plan", ListOf(_STEP), required=True),
    ),
    deny_unknown=True,
)


class UpdatePlan(BaseTool):
    """`update_plan`. `style`: how the dialect's JSON reader words its complaints; `told_to_code`: whether code gets
    what the model is told."""

    name = "update_plan"

    def __init__(
        self,
        style: ArgumentStyle,
        *,
        told_to_code: bool = True,
        description: str = "",
        input_schema: dict[str, Any] | None = None,
    ) -> None:
        self.description = description
        self.input_schema = input_schema or {}
        self._style = style
        self._told_to_code = told_to_code

    def parse(self, arguments: str) -> Mapping[str, Any]:
        try:
            return parse_arguments(arguments, _ARGUMENTS, self._style)
        except ArgumentsError as error:
            raise ToolError(f"failed to parse function arguments: {error}") from None

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        steps = tuple((step["step"], step["status"]) for step in args["plan"])
        context.emit(PlanUpdated(explanation=args.get("explanation"), steps=steps))
        return ToolOutput(content="Plan updated", value=None if self._told_to_code else {})
