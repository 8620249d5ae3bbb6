"""The servers of the configuration: started together, asked for their tools, ended together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.json_reader import ArgumentsError, Reader
from pycodex.mcp.configured import ServerConfig, configured_servers
from pycodex.mcp.events import ServerState
from pycodex.mcp.names import Name, Origin
from pycodex.mcp.rpc import Connection, ConnectionClosed, RpcError
from pycodex.mcp.schemas import BadSchema
from pycodex.protocol import Emit, Item, LogLine
from pycodex.records import dataclass
from pycodex.rust import debug_string, number, os_error

if TYPE_CHECKING:
    from pycodex.mcp.stdio import ServerProcess
    from pycodex.settings import Settings

__all__ = ["McpServers", "RequiredServerFailed", "Server", "ServerTool", "duration", "start_servers"]


class RequiredServerFailed(Exception):
    """A server that the configuration requires has not started; the message says which and why."""


class _StartFailed(Exception):
    """The message is for the user; `told`: what people are told in place of it."""

    def __init__(self, problem: str, told: str | None = None) -> None:
        super().__init__(problem)
        self.told = told


@dataclass(frozen=True, kw_only=True)
class ServerTool:
    """A tool of a server, and what the model calls it."""

    server: Server
    name: str
    space: str | None
    given: str
    definition: Mapping[str, Any]

    @property
    def annotations(self) -> Mapping[str, Any]:
        """What the tool says of its effects."""
        return self.definition.get("annotations") or {}


class Server:
    """One server. `failure`: why it is not there; `told`: the same for people."""

    def __init__(self, config: ServerConfig, settings: Settings, emit: Emit) -> None:
        self.config = config
        self.failure: str | None = None
        self.told = ""
        self.instructions = ""
        self.tools: list[Mapping[str, Any]] = []
        self._settings = settings
        self._style = settings.dialect.mcp()
        self._emit = emit
        self._process: ServerProcess | None = None
        self._connection: Connection | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and learn its tools; what goes wrong is kept in `failure`."""
        name = self.config.name
        try:
            async with asyncio.timeout(self.config.startup_timeout):
                await self._begin()
        except TimeoutError:
            seconds = self.config.startup_timeout
            nearly = f"{seconds * 1000 - 0.0005:.6f}ms"
            self.failure = self._style.handshake_timeout.format(seconds=duration(seconds), nearly=nearly)
            self.told = (
                f"MCP client for `{name}` timed out after {int(seconds)} seconds. Add or adjust `startup_timeout_sec` "
                f"in your config.toml:\n[mcp_servers.{name}]\nstartup_timeout_sec = XX"
            )
        except _StartFailed as error:
            self.failure = str(error)
            self.told = f"MCP client for `{name}` failed to start: MCP startup failed: {error}"
        if self.failure is not None:
            await self.aclose()

    async def _begin(self) -> None:
        try:
            await self._connect()
        except (OSError, ValueError) as error:
            raise _StartFailed(os_error(error)) from None
        client = {"name": "codex-mcp-client", "title": "Codex", "version": self._settings.dialect.version}
        told = {"protocolVersion": self._style.protocol, "capabilities": self._style.capabilities, "clientInfo": client}
        try:
            found = await self.request("initialize", told)
        except RpcError as error:
            raise self._refused(f"JSON-RPC error: {error}") from None
        except ConnectionClosed:
            raise self._refused("connection closed: initialize response") from None
        assert self._connection is not None
        await self._connection.notify("notifications/initialized")
        self.instructions = found.get("instructions") or "" if isinstance(found, Mapping) else ""
        self.tools = await self._list_tools()

    def _refused(self, problem: str) -> _StartFailed:
        return _StartFailed(self._style.handshake.format(problem=problem))

    async def _connect(self) -> None:
        if self.config.url is not None:
            raise _StartFailed("servers at a URL are not available in this build of pycodex; give it a `command`")
        from pycodex.mcp.stdio import ServerProcess, server_environment

        config, own = self.config, self._settings.environment
        env = server_environment(own, config.env_vars, config.env)
        cwd = self._settings.cwd if config.cwd is None else Path(config.cwd)
        process = self._process = await ServerProcess.start([config.command or "", *config.args], cwd, env)
        connection = self._connection = Connection(process.send, self._note, self._style.cancel_reason)
        self._reading = asyncio.create_task(self._read(process, connection))

    async def _read(self, process: ServerProcess, connection: Connection) -> None:
        try:
            await process.read(connection.received, self._bad_line)
        finally:
            connection.close()

    def _bad_line(self, line: str) -> bool:
        if self._style.bad_line_log is None:
            return False
        target, text = self._style.bad_line_log
        try:
            Reader(line, self._settings.dialect.arguments).value()
        except ArgumentsError as error:
            self._emit(LogLine(level="ERROR", target=target, message=text.format(problem=error)))
        return True

    def _note(self, params: Mapping[str, Any]) -> None:
        """Notes are for the log, which has only errors (captured: mcp/notifications)."""
        from pycodex.request import compact

        level = str(params.get("level", ""))
        if level in ("error", "critical", "alert", "emergency"):
            logger = params.get("logger")
            told = "None" if logger is None else f"Some({debug_string(str(logger))})"
            text = (
                f"MCP server log message (level: {level.title()}, logger: {told}, data: {compact(params.get('data'))})"
            )
            self._emit(LogLine(level="ERROR", target=self._style.log_target, message=text))

    async def _list_tools(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        cursor = None
        while True:
            try:
                page = await self.request("tools/list", {} if cursor is None else {"cursor": cursor})
            except RpcError as error:
                raise _StartFailed(f"Mcp error: {error}") from None
            except ConnectionClosed:
                raise _StartFailed("Transport closed") from None
            rows = page.get("tools") if isinstance(page, Mapping) else None
            if not isinstance(rows, list) or not all(_is_tool(row) for row in rows):
                raise _StartFailed("Unexpected response type")
            found += rows
            cursor = page.get("nextCursor")
            if cursor is None or not self._style.pages:
                return found

    async def request(self, method: str, params: Mapping[str, Any] | None = None, timeout: float | None = None) -> Any:
        """The result of a request. Raises RpcError, ConnectionClosed, TimeoutError."""
        if self._connection is None:
            raise ConnectionClosed
        return await self._connection.request(method, params, timeout)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()

    async def aclose(self) -> None:
        """End it."""
        if self._process is not None:
            await self._process.aclose()
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading


def _is_tool(row: Any) -> bool:
    return isinstance(row, Mapping) and isinstance(row.get("name"), str) and isinstance(row.get("inputSchema"), Mapping)


def duration(seconds: float) -> str:
    """As Rust prints a duration."""
    return f"{number(seconds)}s" if seconds >= 1 else f"{number(seconds * 1000)}ms"


class McpServers:
    """All servers, by name, and the tools that the model may call."""

    def __init__(self, servers: Sequence[Server], emit: Emit, style: Any) -> None:
        self.servers = {server.config.name: server for server in servers}
        self._style = style
        self._spaces: dict[str, Server] = {}
        self.tools: list[ServerTool] = []
        self._declared: dict[Origin, Item] = {}
        self._problems: list[LogLine] = []
        self.emit = emit

    def settle(self) -> None:
        """Name the tools of the servers that are there."""
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
        described = self._spaces[space].instructions or self._style.described.format(name=space)
        return {
            "type": "namespace",
            "name": space,
            "description": described,
            "tools": [self.declaration(tool) for tool in tools],
        }

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
        for server in self.servers.values():
            server.kill()

    async def aclose(self) -> None:
        """End them."""
        await asyncio.gather(*(server.aclose() for server in self.servers.values()))


async def start_servers(settings: Settings, emit: Emit, told: Callable[[tuple[ServerState, ...]], None]) -> McpServers:
    """Start what is configured; `told` hears how that went. Raises RequiredServerFailed."""
    style = settings.dialect.mcp()
    servers = [Server(config, settings, emit) for config in configured_servers(settings)]
    states: list[ServerState] = []

    async def start(server: Server) -> None:
        await server.start()
        name = server.config.name
        state = ServerState(name=name, state="ready" if server.failure is None else "failed", problem=server.told)
        states.append(state)

    await asyncio.gather(*(start(server) for server in servers))
    failed = [each for each in servers if each.failure is not None and each.config.required]
    found = McpServers(servers, emit, style)
    if failed:
        await found.aclose()
        problems = "; ".join(f"{each.config.name}: {each.failure}" for each in failed)
        raise RequiredServerFailed(f"required MCP servers failed to initialize: {problems}")
    found.settle()
    told(tuple(states))
    return found
