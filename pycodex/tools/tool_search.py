"""The tool tool_search: finds deferred tools and declares them from then on (captured: mcp/search)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.protocol import Item
from pycodex.ranking import ranked
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError, ToolOutput

__all__ = ["ToolSearch"]

_DEFAULT_LIMIT = 8


class ToolSearch(BaseTool):
    """`spaces`: the namespaces that are not declared; `about`: what else is said of a tool, by namespace and name."""

    name = "tool_search"
    description = ""
    input_schema: dict[str, Any] = {}  # noqa: RUF012 - what is sent stands in the exported data
    payloads = frozenset({"tool_search_call"})

    def __init__(self, spaces: Sequence[Item], about: Mapping[tuple[str, str], str]) -> None:
        self._tools = [(space, tool) for space in spaces for tool in space["tools"]]
        self._texts = [_text(space, tool, about.get((space["name"], tool["name"]))) for space, tool in self._tools]

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        query, limit = args.get("query"), args.get("limit", _DEFAULT_LIMIT)
        if not isinstance(query, str):
            problem = "missing field `query`" if query is None else "invalid type: number, expected a string"
            raise ToolError(f"failed to parse tool_search arguments: {problem}")
        if not isinstance(limit, int) or limit < 0:
            raise ToolError("failed to parse tool_search arguments: invalid number")
        if not query.strip():
            raise ToolError("query must not be empty")
        if limit == 0:
            raise ToolError("limit must be greater than zero")
        return ToolOutput(content=self._found(ranked(query, self._texts, limit)))

    def _found(self, places: Sequence[int]) -> list[Item]:
        """The tools by namespace, both in the order of how well they fit."""
        spaces: dict[str, Item] = {}
        for place in places:
            space, tool = self._tools[place]
            found = spaces.setdefault(space["name"], {**space, "tools": []})
            found["tools"].append(_deferred(tool))
        return list(spaces.values())


def _deferred(tool: Item) -> Item:
    """The declaration says that it came later, before the parameters."""
    head = {key: value for key, value in tool.items() if key != "parameters"}
    return {**head, "defer_loading": True, "parameters": tool["parameters"]}


def _text(space: Item, tool: Item, more: str | None) -> str:
    """Of codex-cli's own tools, which nothing more is said about, only names count."""
    name = tool["name"]
    fields = " ".join((tool["parameters"].get("properties") or {}).keys())
    told = () if more is None else (more, tool["description"])
    return " ".join((space["name"], name, name.replace("_", " "), fields.replace("_", " "), *told))
