"""pycodex: a small Codex agent that speaks as codex-cli does.

    from pycodex import AgentLoop, ContextManager, ResponsesModelClient, ToolRegistry

    model = ResponsesModelClient.from_codex_config()
    loop = AgentLoop(model, ToolRegistry(), ContextManager.from_codex_config())
    result = await loop.run_turn("hello")

Importing the package is light: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.api import builtin_tools, open_settings
    from pycodex.context import ContextManager
    from pycodex.keeping import Keeper
    from pycodex.model import ModelClient, ModelRequest, ResponsesModelClient
    from pycodex.protocol import TurnResult, Usage
    from pycodex.runtime import AgentRuntime
    from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError, ToolOutput, ToolRegistry

__all__ = [
    "AgentLoop",
    "AgentRuntime",
    "BaseTool",
    "ContextManager",
    "Keeper",
    "ModelClient",
    "ModelRequest",
    "ResponsesModelClient",
    "ToolContext",
    "ToolError",
    "ToolOutput",
    "ToolRegistry",
    "TurnResult",
    "Usage",
    "__version__",
    "builtin_tools",
    "open_settings",
]

__version__ = "0.1.0"

_HOME = {
    "AgentLoop": "agent",
    "AgentRuntime": "runtime",
    "BaseTool": "tools.base_tool",
    "ContextManager": "context",
    "Keeper": "keeping",
    "ModelClient": "model",
    "ModelRequest": "model",
    "ResponsesModelClient": "model",
    "ToolContext": "tools.base_tool",
    "ToolError": "tools.base_tool",
    "ToolOutput": "tools.base_tool",
    "ToolRegistry": "tools.base_tool",
    "TurnResult": "protocol",
    "Usage": "protocol",
    "builtin_tools": "api",
    "open_settings": "api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'pycodex' has no attribute {name!r}")
    value = getattr(import_module(f"pycodex.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
