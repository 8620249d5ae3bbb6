"""What records of the ordered kind say of MCP: calls, and which tools of servers a thread has used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycodex import protocol as p

__all__ = ["Attribution", "told_mcp_call"]

_KEY = "mcp_attribution"
_NONE: Mapping[str, Any] = {"status": "none"}
_LOST: Mapping[str, Any] = {"status": "attribution_error", "error_reason": "history_missing_checkpoint"}


class Attribution:
    """The tools of servers that the thread has used; the first output after a change says so (captured: mcp/results).

    `lost`: what was used before is not known any more.
    """

    def __init__(self, existing: Sequence[Mapping[str, Any]], *, lost: bool) -> None:
        told = [record["metadata"][_KEY] for record in existing if _KEY in (record.get("metadata") or {})]
        self._status: Mapping[str, Any] = _LOST if lost else _NONE
        self._sources: list[dict[str, Any]] = list(told[-1].get("sources", ())) if told and not lost else []
        self._changed = False

    @property
    def value(self) -> dict[str, Any]:
        """As it stands in the metadata of an item."""
        if not self._sources:
            return {_KEY: dict(self._status)}
        # What was lost stays so, whatever is used later (captured: interactive/mcp_backtrack).
        status = _LOST if self._status is _LOST else {"status": "complete"}
        return {_KEY: {**status, "sources": list(self._sources)}}

    def lose(self) -> None:
        """The thread goes on elsewhere."""
        self._status, self._sources = _LOST, []

    def use(self, event: p.McpToolUsed) -> list[dict[str, Any]]:
        """A tool is asked; that is no record by itself."""
        names = {"server_name": event.server, "tool_name": event.tool}
        if not any(names.items() <= source.items() for source in self._sources):
            self._sources.append({**names, "first_turn_id": event.turn_id})
            self._changed = True
        return []

    def after(self, item: p.Item, limit: int, *, first: bool = False) -> dict[str, Any]:
        """What the metadata of an output ends in: how long it may be, and the value, once after each change, and where
        it is the `first` item of a run."""
        if item["type"] == "tool_search_output":  # which is never cut (captured: mcp/search)
            return {}
        changed, self._changed = self._changed, False
        return {"fallback_token_limit_override": limit, **(self.value if changed or first else {})}


def told_mcp_call(event: p.McpCallEnded) -> dict[str, Any]:
    """A call of a server's tool as people are told of it."""
    whole = int(event.duration)
    return {
        "type": "McpToolCall",
        "id": event.call_id,
        "server": event.server,
        "tool": event.tool,
        "arguments": event.arguments,
        **({"readOnlyHint": event.read_only} if event.read_only is not None else {}),
        "status": "failed" if event.failed else "completed",
        **({"result": event.result} if event.result is not None else {}),
        **({"error": {"message": event.error}} if event.error is not None else {}),
        "duration": {"secs": whole, "nanos": int((event.duration - whole) * 1e9)},
    }
