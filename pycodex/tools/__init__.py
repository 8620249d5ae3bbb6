"""The tools the model can call: one file each, on the contract in base_tool."""

from pycodex.tools.base_tool import (
    BaseTool,
    CallTexts,
    IncompatiblePayload,
    ToolContext,
    ToolError,
    ToolOutput,
    ToolRegistry,
)

__all__ = [
    "BaseTool",
    "CallTexts",
    "IncompatiblePayload",
    "ToolContext",
    "ToolError",
    "ToolOutput",
    "ToolRegistry",
]
