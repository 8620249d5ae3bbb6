"""A tool whose arguments are read into a struct, in the words of the dialect's JSON reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.arguments import ArgumentsError, ArgumentStyle, Struct, Type, parse_arguments, parse_value
from pycodex.tools.base_tool import BaseTool, ToolError

__all__ = ["FunctionTool"]


class FunctionTool(BaseTool):
    """`prelude`: what the arguments are read as first, so that its errors come first."""

    struct: Struct
    description = ""
    input_schema: dict[str, Any] = {}  # noqa: RUF012 - what is sent stands in the exported data

    def __init__(self, style: ArgumentStyle, *, prelude: Type | None = None, struct: Struct | None = None) -> None:
        self._style = style
        self._prelude = prelude
        if struct is not None:
            self.struct = struct

    def parse(self, arguments: str) -> Mapping[str, Any]:
        try:
            if self._prelude is not None:
                self._check_environment(parse_value(arguments, self._prelude, self._style))
            return parse_arguments(arguments, self.struct, self._style)
        except ArgumentsError as error:
            raise ToolError(f"failed to parse function arguments: {error}") from None

    @staticmethod
    def _check_environment(read: Any) -> None:
        """There is one environment, and it has no other name."""
        name = read.get("environment_id") if isinstance(read, dict) else None
        if name not in (None, "local"):
            raise ToolError(f"unknown turn environment id `{name}`")
