"""`[mcp_servers.NAME]` of config.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass, field

if TYPE_CHECKING:
    from pycodex.mcp.style import McpStyle
    from pycodex.settings import Settings

__all__ = ["ServerConfig", "configured_servers"]


@dataclass(frozen=True, kw_only=True)
class ServerConfig:
    """One server: a `command`, or a `url`. Times in seconds."""

    name: str
    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    env_vars: tuple[str, ...] = ()
    cwd: str | None = None
    url: str | None = None
    bearer_variable: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    header_variables: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    required: bool = False
    startup_timeout: float
    tool_timeout: float
    only: tuple[str, ...] | None = None
    """The tools that are there; None: all."""
    without: tuple[str, ...] = ()
    modes: Mapping[str, str] = field(default_factory=dict)
    """Of tools: whether a call has to be allowed, `auto`, `prompt` or `approve`."""
    other_mode: str = "auto"
    parallel: bool = False
    """Whether calls may run beside each other."""

    def has(self, tool: str) -> bool:
        """Whether a tool of the server's is there (captured: mcp/filters)."""
        return (self.only is None or tool in self.only) and tool not in self.without

    def mode(self, tool: str) -> str:
        """Whether a call of the tool has to be allowed (captured: mcp/approval_modes)."""
        return self.modes.get(tool, self.other_mode)


def configured_servers(settings: Settings) -> list[ServerConfig]:
    """The servers, by name; those that are switched off, too."""
    style, servers = settings.dialect.mcp(), settings.config.mcp_servers
    tables = sorted((name, table) for name, table in servers.items() if isinstance(table, Mapping))
    return [_server(name, table, style) for name, table in tables]


def _server(name: str, table: Mapping[str, Any], style: McpStyle) -> ServerConfig:
    milliseconds = table.get("startup_timeout_ms")
    startup = milliseconds / 1000 if milliseconds is not None else style.startup_timeout
    only = table.get("enabled_tools")
    return ServerConfig(
        name=name,
        command=table.get("command"),
        args=tuple(table.get("args") or ()),
        env=table.get("env") or {},
        env_vars=tuple(_variable(each) for each in table.get("env_vars") or ()),
        cwd=table.get("cwd"),
        url=table.get("url"),
        bearer_variable=table.get("bearer_token_env_var"),
        headers=table.get("http_headers") or {},
        header_variables=table.get("env_http_headers") or {},
        enabled=bool(table.get("enabled", True)),
        required=bool(table.get("required")),
        startup_timeout=float(table.get("startup_timeout_sec", startup)),
        tool_timeout=float(table.get("tool_timeout_sec", style.tool_timeout)),
        only=None if only is None else tuple(only),
        without=tuple(table.get("disabled_tools") or ()),
        modes=_modes(table.get("tools")) if style.approval_modes else {},
        other_mode=(table.get("default_tools_approval_mode") or "auto") if style.approval_modes else "auto",
        parallel=style.parallel_key and bool(table.get("supports_parallel_tool_calls")),
    )


def _modes(tools: Any) -> dict[str, str]:
    rows = tools.items() if isinstance(tools, Mapping) else ()
    return {name: str(row["approval_mode"]) for name, row in rows if row.get("approval_mode")}


def _variable(each: Any) -> str:
    """A name, or a table with one."""
    return str(each["name"]) if isinstance(each, Mapping) else str(each)
