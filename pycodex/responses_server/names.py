"""Tools by the one name that chat/completions knows: which flat name stands for which tool of the Responses request.

Responses has namespaces (`{"namespace": "mcp__srv", "name": "echo"}`) and kinds of tools (function, custom, tool
search, local shell); chat has functions whose names fit `[a-zA-Z0-9_-]{1,64}`. A plan gives each tool a flat name, the
same for the same request, and takes it back. The namespace `functions` is the one in which tools without a namespace
live (in code mode codex-cli 0.169.0 declares its own tools there and expects calls without it).
"""

from __future__ import annotations

import re
from typing import Literal

from pycodex.ids import sha1
from pycodex.records import dataclass

__all__ = ["Kind", "NamePlan", "ToolName"]

Kind = Literal["function", "custom", "tool_search", "local_shell"]

_LONGEST = 64
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_-]")
_PLAIN = "functions"


@dataclass(frozen=True, kw_only=True)
class ToolName:
    """A tool as the Responses side names it."""

    name: str
    namespace: str | None = None
    kind: Kind = "function"


class NamePlan:
    """The names of one request. What is declared first has the better name; a history comes after the tools."""

    def __init__(self) -> None:
        self._flat: dict[ToolName, str] = {}
        self._tools: dict[str, ToolName] = {}
        self._spaces: dict[str, str] = {}

    def flat(self, tool: ToolName) -> str:
        """The chat name of a tool."""
        tool = _settled(tool)
        if tool not in self._flat:
            name = _joined(tool)
            if name in self._tools or not name or len(name) > _LONGEST:
                name = f"{name[: _LONGEST - 9]}_{_digest(tool)}"
            self._flat[tool], self._tools[name] = name, tool
        return self._flat[tool]

    def space(self, namespace: str) -> None:
        """A namespace is there: a call of a member that it has not is still a call in it."""
        if namespace and namespace != _PLAIN:
            self._spaces[_prefix(namespace)] = namespace

    def restore(self, name: str) -> ToolName:
        """The tool that a model called. One that nobody declared is a function of that name: the client says so."""
        if name in self._tools:
            return self._tools[name]
        for prefix, namespace in self._spaces.items():
            if name.startswith(prefix) and len(name) > len(prefix):
                return ToolName(name=name.removeprefix(prefix), namespace=namespace)
        return ToolName(name=name)


def _settled(tool: ToolName) -> ToolName:
    plain = not tool.namespace or tool.namespace == _PLAIN
    return ToolName(name=tool.name, kind=tool.kind) if plain and tool.namespace is not None else tool


def _prefix(namespace: str) -> str:
    cleaned = _NOT_ALLOWED.sub("_", namespace)
    return cleaned if cleaned.endswith("__") else f"{cleaned}__"


def _joined(tool: ToolName) -> str:
    name = _NOT_ALLOWED.sub("_", tool.name)
    return f"{_prefix(tool.namespace)}{name}" if tool.namespace else name


def _digest(tool: ToolName) -> str:
    return sha1(f"{tool.kind}\0{tool.namespace}\0{tool.name}".encode())[:4].hex()
