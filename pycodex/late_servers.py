"""MCP servers that came in while a turn runs: the model is told of them before its next request (captured:
mcp_http/late)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.protocol import NotesRecorded

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop

__all__ = ["tell_of_late_servers"]


def tell_of_late_servers(loop: AgentLoop, turn_id: str) -> None:
    """Say which namespaces of tools are new, if there are any."""
    servers = loop.context.settings.mcp
    if servers is not None and servers.settled > 1 and (told := loop.context.record_change("tools")):
        loop.emit(NotesRecorded(turn_id=turn_id, items=tuple(told)))
