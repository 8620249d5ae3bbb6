"""The MCP servers of a run, started before its thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.protocol import McpServersStarted
    from pycodex.settings import Settings

__all__ = ["with_servers"]


async def with_servers(settings: Settings, told: Callable[[McpServersStarted], None]) -> Settings:
    """The settings with the servers that are configured and started. Raises Refused where one that is required did
    not start."""
    from pycodex.cli.exec_options import Refused
    from pycodex.cli.turn import say
    from pycodex.events import log_line
    from pycodex.mcp.configured import configured_servers
    from pycodex.mcp.servers import RequiredServerFailed, start_servers
    from pycodex.protocol import Event, LogLine, McpServersStarted
    from pycodex.session import installation_id

    if not configured_servers(settings):
        return settings
    style = settings.dialect.mcp()

    lines: list[str] = []
    write: Callable[[str], None] = lines.append  # until what is told of the start can have them

    def log(event: Event) -> None:
        if isinstance(event, LogLine):
            write(log_line(event, time.time()))

    try:
        servers = await start_servers(
            settings, log, lambda states: told(McpServersStarted(servers=states, log=tuple(lines)))
        )
        write = say
    except RequiredServerFailed as error:
        client = settings.dialect.client
        installation_id(settings.config.codex_home, keep=client.installation_file)
        target, text = style.required_log
        log(LogLine(level="ERROR", target=target, message=text.format(problem=error)))
        for line in lines:
            say(line)
        raise Refused(style.required_refusal.format(problem=error)) from None
    return replace(settings, mcp=servers) if servers.servers else settings
