"""A model that calls each tool of one MCP server once and then is done, whatever the server offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fake_server.faults import Gates
from fake_server.friendly import fitting, offered_tools
from fake_server.items import compact
from fake_server.script import Answer
from fake_server.tracks import Request

__all__ = ["CallsEachTool"]

_SEARCH = "tool_search"
_MANY = 100


class CallsEachTool:
    """The Source. It searches for tools where those of `server` are hidden behind a search, as 0.169.0 hides them;
    arguments are the plainest that the schema of a tool allows."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._asked = 0
        self._searched = False
        self.called: list[str] = []

    def answer(self, request: Request) -> Answer:
        self._asked += 1
        items = list(self._calls(request.body))
        if not items and not self._searched and _SEARCH in offered_tools(request.body):
            self._searched = True
            items = [self._search()]
        return Answer(step=f"calls/{self._asked}", output=tuple(items or [{"message": "Done."}]))

    def _calls(self, body: Any) -> Iterator[dict[str, Any]]:
        for tool, inside in _offered(body, f"mcp__{self._server}"):
            if tool["name"] not in self.called:
                self.called.append(tool["name"])
                number = len(self.called)
                arguments = compact(fitting({"type": "object", **tool["parameters"]}, "a"))
                call = {"id": f"fc_{number}", "call_id": f"call_{number}", "name": tool["name"], "arguments": arguments}
                yield {"item": {"type": "function_call", **call, **inside}}

    def _search(self) -> dict[str, Any]:
        asked = {"query": self._server, "limit": _MANY}
        call = {"id": "ts_1", "call_id": "search_1", "execution": "client", "status": "completed", "arguments": asked}
        return {"item": {"type": "tool_search_call", **call}}

    def claims(self, request: Request) -> bool:
        return False

    def unused(self) -> list[str]:
        return []

    def at_rest(self) -> bool:
        return self._asked > 0

    def shuts_port(self, gates: Gates) -> bool:
        return False


def _offered(body: Any, space: str) -> Iterator[tuple[Mapping[str, Any], dict[str, str]]]:
    """Each tool of the server, and where it is: flat as 0.115.0 declares them, or in a namespace as 0.169.0 does."""
    found = [item["tools"] for item in body["input"] if item.get("type") == "tool_search_output"]
    for tool in [each for tools in (body["tools"], *found) for each in tools]:
        if tool["type"] == "namespace" and tool["name"] == space:
            yield from ((each, {"namespace": space}) for each in tool["tools"])
        elif tool["type"] == "function" and tool["name"].startswith(f"{space}__"):
            yield tool, {}
