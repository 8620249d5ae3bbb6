"""The tools that servers bring: their own, and those for their resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.mcp.resources import ListResources, ListTemplates, ReadResource
from pycodex.mcp.tools import McpTool

if TYPE_CHECKING:
    from pycodex.mcp.servers import McpServers
    from pycodex.settings import Settings
    from pycodex.tools.base_tool import BaseTool

__all__ = ["mcp_tools", "no_servers"]


def no_servers(settings: Settings) -> McpServers:
    """What the tools for resources look at where there are none (captured: code_mode/own_tools)."""
    from pycodex.mcp.servers import McpServers

    return McpServers((), lambda event: None, settings.dialect.mcp())


def mcp_tools(servers: McpServers, settings: Settings) -> list[BaseTool]:
    """In the order of their names."""
    style = settings.dialect.mcp()
    resources = [
        kind(servers, style, settings.dialect.arguments) for kind in (ListResources, ListTemplates, ReadResource)
    ]
    return [*(McpTool(tool, style, settings, servers.allowed) for tool in servers.tools), *resources]
