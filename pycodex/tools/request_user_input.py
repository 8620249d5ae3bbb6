"""The tool request_user_input: asks the person questions. Without a person (exec, Default mode) it is unavailable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError

__all__ = ["RequestUserInput"]


class RequestUserInput(BaseTool):
    """`request_user_input`, in the mode named `mode`."""

    name = "request_user_input"

    def __init__(
        self, mode: str = "Default", *, description: str = "", input_schema: dict[str, Any] | None = None
    ) -> None:
        self.description = description
        self.input_schema = input_schema or {}
        self._mode = mode

    def parse(self, arguments: str) -> Mapping[str, Any]:
        # The mode is looked at before the arguments are (captured: any arguments get the same answer).
        return {}

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        raise ToolError(f"request_user_input is unavailable in {self._mode} mode")
