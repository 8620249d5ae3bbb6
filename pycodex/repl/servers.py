"""The MCP servers of a session: each of its threads has its own (captured: interactive/mcp), which start while the
person writes; the first turn waits for them as long as the version does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pycodex.records import replace
from pycodex.session import SessionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from pycodex.mcp.servers import McpServers
    from pycodex.protocol import Event
    from pycodex.settings import Settings

__all__ = ["ThreadServers"]


class ThreadServers:
    """`came` before each turn, `aclose` with the thread."""

    def __init__(self, servers: McpServers | None = None) -> None:
        self._servers = servers
        self._start: asyncio.Task[None] | None = None
        self._awaited = False

    @classmethod
    async def begin(cls, settings: Settings, show: Callable[[Event], None], before: Self | None = None) -> Self:
        """Start what is configured, if anything; what a person has allowed for good of those `before` stays allowed.
        Raises SessionError where one that is required does not start."""
        if not settings.config.mcp_servers:
            return cls()
        from pycodex.mcp.servers import begin_servers, servers_of
        from pycodex.protocol import McpServersStarted

        servers = servers_of(settings, show)
        if not servers.servers:
            return cls()
        if before is not None and before._servers is not None:
            servers.allowed = {tool: True for tool, for_good in before._servers.allowed.items() if for_good}
        made = cls(servers)
        made._start = asyncio.create_task(
            begin_servers(servers, settings, lambda states: show(McpServersStarted(servers=states)))
        )
        if any(server.config.required for server in servers.servers.values()):
            await made._required(settings)
        return made

    async def _required(self, settings: Settings) -> None:
        from pycodex.mcp.servers import RequiredServerFailed
        from pycodex.session import installation_id

        assert self._start is not None
        try:
            await self._start
        except RequiredServerFailed as error:
            installation_id(settings.config.codex_home, keep=settings.dialect.client.installation_file)
            raise SessionError(settings.dialect.mcp().required_refusal.format(problem=error)) from None

    def given_to(self, settings: Settings) -> Settings:
        """The settings of the thread."""
        return settings if self._servers is None else replace(settings, mcp=self._servers)

    async def came(self) -> bool:
        """Wait for them; whether that was for the first time: then there may be tools that were not there before."""
        if self._start is None or self._awaited:
            return False
        await asyncio.wait([self._start])  # who interrupts the turn does not interrupt the start
        self._awaited = True
        return True

    def kill(self) -> None:
        """End them at once: the program itself is being ended."""
        if self._servers is not None:
            self._servers.kill()

    async def aclose(self) -> None:
        """End them, also those that are still starting."""
        if self._start is not None:
            self._start.cancel()
            await asyncio.wait([self._start])
        if self._servers is not None:
            await self._servers.aclose()
