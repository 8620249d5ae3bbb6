"""The servers of the configuration: started together, asked for their tools, ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.mcp.configured import ServerConfig, configured_servers
from pycodex.mcp.events import ServerState
from pycodex.mcp.names import Name, Origin
from pycodex.mcp.schemas import BadSchema
from pycodex.mcp.server import Server, ServerTool
from pycodex.protocol import Emit, Item, LogLine
from pycodex.rust import debug_string

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["McpServers", "RequiredServerFailed", "begin_servers", "servers_of", "start_servers"]


class RequiredServerFailed(Exception):
    """A server that the configuration requires has not started; the message says which and why."""


class McpServers:
    """All servers, by name, and the tools that the model may call."""

    def __init__(self, servers: Sequence[Server], emit: Emit, style: Any) -> None:
        self.servers = {server.config.name: server for server in servers}
        self._style = style
        self._spaces: dict[str, Server] = {}
        self.tools: list[ServerTool] = []
        self._declared: dict[Origin, Item] = {}
        self._problems: list[LogLine] = []
        self._starts: dict[str, asyncio.Task[None]] = {}
        self.emit = emit
        self.allowed: dict[Origin, bool] = {}
        """The tools that a person has allowed for as long as these servers run, and whether for good."""
        self.settled = 0
        """How often the tools were named: each time that servers came in."""

    async def start(self, started: Callable[[Server], None], patience: float | None) -> None:
        """Start them together; `started` hears of each. Who is late, and not required, comes in later (captured:
        mcp_http/late)."""

        async def start(server: Server) -> None:
            await server.start()
            started(server)
            if self.settled:
                self.settle()

        self._starts = {name: asyncio.create_task(start(server)) for name, server in self.servers.items()}
        needed = [task for name, task in self._starts.items() if self.servers[name].config.required]
        for tasks, seconds in ((needed, None), (self._starts.values(), patience)):
            if tasks:
                done, _ = await asyncio.wait(tasks, timeout=seconds)
                for task in done:
                    task.result()
        self.settle()

    async def there(self, name: str) -> Server | None:
        """A server, once it has started or failed to."""
        if (task := self._starts.get(name)) is not None:
            await asyncio.wait([task])
        return self.servers.get(name)

    def is_late(self, name: str) -> bool:
        """Whether a server has neither started nor failed to."""
        return name in self._starts and not self._starts[name].done()

    def settle(self) -> None:
        """Name the tools of the servers that are there."""
        self.settled += 1
        self.tools, self._spaces, self._declared, self._problems = [], {}, {}, []
        found: dict[Origin, Mapping[str, Any]] = {}
        for server in self.servers.values():
            if server.failure is None:
                tools = [tool for tool in server.tools if server.config.has(tool["name"])]
                found.update({(server.config.name, tool["name"]): tool for tool in tools})
        names: Mapping[Origin, Name] = self._style.names(list(found))
        for origin, (space, given) in sorted(names.items(), key=lambda row: (row[1][0] or "", row[1][1])):
            self._settle_tool(origin, found[origin], space, given)

    def _settle_tool(self, origin: Origin, tool: Mapping[str, Any], space: str | None, given: str) -> None:
        server = self.servers[origin[0]]
        try:
            parameters = self._style.schema(tool["inputSchema"])
        except BadSchema as error:
            if self._style.bad_schema_log is not None:
                target, text = self._style.bad_schema_log
                told = text.format(name=given, problem=debug_string(str(error)))
                self._problems.append(LogLine(level="ERROR", target=target, message=told))
            return
        self.tools.append(ServerTool(server=server, name=tool["name"], space=space, given=given, definition=tool))
        self._declared[origin] = {
            "type": "function",
            "name": given,
            "description": tool.get("description") or "",
            "strict": False,
            "parameters": parameters,
        }
        if space is not None:
            self._spaces[space] = server

    def declarations(self) -> list[Item]:
        """The tools as they stand among those of a request: one by one, or by namespace."""
        if not self._spaces:
            return [self.declaration(tool) for tool in self.tools]
        return [self.namespace(space, [t for t in self.tools if t.space == space]) for space in self._spaces]

    def complain(self) -> None:
        """Tell of tools that cannot be declared (captured: mcp/schemas)."""
        for line in self._problems:
            self.emit(line)

    def declaration(self, tool: ServerTool) -> Item:
        """A tool as it is declared."""
        return self._declared[tool.server.config.name, tool.name]

    def namespace(self, space: str, tools: Sequence[ServerTool]) -> Item:
        """A namespace with some of its tools."""
        described = self._spaces[space].instructions.strip() or self._style.described.format(name=space)
        return {
            "type": "namespace",
            "name": space,
            "description": described,
            "tools": [self.declaration(tool) for tool in tools],
        }

    def instructions(self) -> dict[str, str]:
        """What servers say of their namespaces."""
        return {space: server.instructions.strip() for space, server in self._spaces.items()}

    def words(self) -> dict[tuple[str, str], str]:
        """What else is said of a tool: its server, and its titles."""
        return {
            (tool.space or "", tool.given): " ".join(
                [tool.server.config.name, tool.definition.get("title") or "", tool.annotations.get("title") or ""]
            )
            for tool in self.tools
        }

    def summaries(self) -> dict[str, str]:
        """The namespaces, and what is said of each in a line (captured: mcp/instructions)."""
        return {
            space: next(iter(server.instructions.strip().splitlines()), "") for space, server in self._spaces.items()
        }

    def kill(self) -> None:
        """End them at once: the program itself is being ended."""
        self._give_up()
        for server in self.servers.values():
            server.kill()

    async def aclose(self) -> None:
        """End them."""
        self._give_up()
        await asyncio.gather(*self._starts.values(), return_exceptions=True)
        await asyncio.gather(*(server.aclose() for server in self.servers.values()))

    def _give_up(self) -> None:
        """Wait for nobody who is late."""
        for task in self._starts.values():
            task.cancel()


def _server(config: ServerConfig, settings: Settings, emit: Emit) -> Server:
    if config.url is None:
        return Server(config, settings, emit)
    from pycodex.mcp.http_server import HttpServer

    return HttpServer(config, settings, emit, config.url)


def servers_of(settings: Settings, emit: Emit) -> McpServers:
    """What is configured and not switched off; none is started yet."""
    configured = configured_servers(settings)
    servers = [_server(config, settings, emit) for config in configured if config.enabled]
    return McpServers(servers, emit, settings.dialect.mcp())


async def start_servers(settings: Settings, emit: Emit, told: Callable[[tuple[ServerState, ...]], None]) -> McpServers:
    """Start what is configured and not switched off; `told` hears how that went, if there is anything. Raises
    RequiredServerFailed."""
    found = servers_of(settings, emit)
    await begin_servers(found, settings, told)
    return found


async def begin_servers(found: McpServers, settings: Settings, told: Callable[[tuple[ServerState, ...]], None]) -> None:
    """Start them, as `start_servers` does. Raises RequiredServerFailed."""
    style = settings.dialect.mcp()
    servers = list(found.servers.values())
    states: list[ServerState] = []

    def started(server: Server) -> None:
        state = ServerState(
            name=server.config.name, state="ready" if server.failure is None else "failed", problem=server.told
        )
        states.append(state)

    configured = configured_servers(settings)
    if style.http.discovers and any(config.url for config in configured):
        from pycodex.mcp.discovery import ask_for_logins

        await ask_for_logins(configured, settings)
    # What code may call is told to it once, so far: there all are waited for.
    code = settings.model.get("tool_mode") == "code_mode_only"
    await found.start(started, None if code else style.patience)
    failed = [each for each in servers if each.failure is not None and each.config.required]
    if failed:
        await found.aclose()
        problems = "; ".join(f"{each.config.name}: {each.failure}" for each in failed)
        raise RequiredServerFailed(f"required MCP servers failed to initialize: {problems}")
    if servers:
        told(tuple(states))
