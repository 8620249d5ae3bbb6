"""new_context, and get_context_remaining: how much the context window still takes (captures: tools/context_remaining,
tools/new_context)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.tools.base_tool import BaseTool, ToolContext, ToolOutput

__all__ = ["ContextRemaining", "NewContext"]


class _WindowTool(BaseTool):
    """Its arguments may be anything."""

    description = ""
    input_schema: dict[str, Any] = {}  # noqa: RUF012 - what is sent stands in the exported data

    def parse(self, arguments: str) -> Mapping[str, Any]:
        return {}


class ContextRemaining(_WindowTool):
    """`get_context_remaining`."""

    name = "get_context_remaining"

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        await context.answer_ended()  # what the answer with the call takes is counted (captured: mostly so)
        tokens = context.room()
        told = "unknown" if tokens is None else tokens
        return ToolOutput(content=f"You have {told} tokens left in this context window.", value={"tokens_left": tokens})


class NewContext(_WindowTool):
    """`new_context`: the thread goes on with the context alone."""

    name = "new_context"

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        context.want_window()
        return "A new context window will start without summarizing conversation history."
