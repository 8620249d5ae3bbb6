"""Events of MCP servers; `pycodex.protocol` has them beside all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pycodex.records import dataclass

__all__ = ["McpCallEnded", "McpCallStarted", "McpServersStarted", "McpToolUsed", "ServerState"]


@dataclass(frozen=True, kw_only=True)
class ServerState:
    """A server is ready or has failed; `problem` says why."""

    name: str
    state: Literal["ready", "failed"]
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class McpServersStarted:
    """The servers of the configuration are ready or have failed, in the order in which that was known. `log`: lines of
    the log from that time."""

    servers: tuple[ServerState, ...]
    log: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class McpCallStarted:
    """A tool of a server is called. `arguments` is any JSON value; `started_at` unix seconds."""

    call_id: str
    server: str
    tool: str
    arguments: Any
    started_at: float


@dataclass(frozen=True, kw_only=True)
class McpToolUsed:
    """The server was asked: the call was allowed."""

    server: str
    tool: str
    turn_id: str


@dataclass(frozen=True, kw_only=True)
class McpCallEnded:
    """The call is answered: `result`, or the `error` in words. `duration` in seconds; `read_only`: what the tool says
    of itself; `turn_id`: whose call it was."""

    call_id: str
    server: str
    tool: str
    arguments: Any
    result: Mapping[str, Any] | None
    error: str | None
    duration: float
    turn_id: str
    started_at: float
    read_only: bool | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no result, or one that says so itself."""
        return self.result is None or bool(self.result.get("isError"))
