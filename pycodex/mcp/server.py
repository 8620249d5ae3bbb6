"""One server of the configuration: started, asked, ended. `http_server` has those at a URL."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.json_reader import ArgumentsError, Reader
from pycodex.mcp.configured import ServerConfig
from pycodex.mcp.rpc import Connection, ConnectionClosed, RpcError
from pycodex.mcp.tool_rows import is_tool
from pycodex.protocol import Emit, LogLine
from pycodex.records import dataclass
from pycodex.rust import debug_string, number, os_error

if TYPE_CHECKING:
    from pycodex.mcp.stdio import ServerProcess
    from pycodex.mcp.style import McpStyle
    from pycodex.settings import Settings

__all__ = ["RequestFailed", "Server", "ServerTool", "StartFailed", "duration", "late"]


class StartFailed(Exception):
    """The message is for the user, with the causes behind it; `told`: what people are told in place of it."""

    def __init__(self, *causes: str, told: str | None = None) -> None:
        super().__init__(": ".join(causes))
        self.causes = causes
        self.told = told


class RequestFailed(Exception):
    """A request has no answer; the message says why, with the causes behind it. `login` and `again` as in
    SendFailed."""

    def __init__(self, *causes: str, login: str | None = None, again: bool = False) -> None:
        super().__init__(": ".join(causes))
        self.causes = causes
        self.login = login
        self.again = again


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
            self.failure = self._late(self.config.startup_timeout)
            self.told = (
                f"MCP client for `{name}` timed out after {int(self.config.startup_timeout)} seconds. Add or adjust "
                f"`startup_timeout_sec` in your config.toml:\n[mcp_servers.{name}]\nstartup_timeout_sec = XX"
            )
        except StartFailed as error:
            self.failure = str(error)
            self.told = error.told or f"MCP client for `{name}` failed to start: MCP startup failed: {error}"
        if self.failure is None:
            await self._learn_tools()
        if self.failure is not None:
            await self.aclose()

    async def _learn_tools(self) -> None:
        """That has its own time (captured: mcp_http/start_slow)."""
        seconds = self.config.startup_timeout
        try:
            async with asyncio.timeout(seconds):
                self.tools = await self._list_tools()
            return
        except TimeoutError:
            self.failure = late(self._style, "tools/list", seconds)
        except StartFailed as error:
            self.failure = str(error)
        self.told = f"MCP client for `{self.config.name}` failed to start: MCP startup failed: {self.failure}"

    def _late(self, seconds: float) -> str:
        """What a start comes to that takes longer than it may."""
        nearly = f"{seconds * 1000 - 0.0005:.6f}ms"
        return self._style.handshake_timeout.format(seconds=duration(seconds), nearly=nearly)

    async def _begin(self) -> None:
        """Raises StartFailed."""
        name, pattern = self.config.name, self._style.name_pattern
        if pattern is not None and not re.fullmatch(pattern, name):
            raise StartFailed(f"Invalid MCP server name '{name}': must match pattern {pattern}")
        try:
            await self._connect()
        except (OSError, ValueError) as error:
            raise StartFailed(os_error(error)) from None
        assert self._connection is not None
        await self._handshake(self._connection, self._style.capabilities)

    async def _handshake(self, connection: Connection, capabilities: Mapping[str, Any]) -> Any:
        """Agree on how to speak; what the server says of itself. Raises StartFailed, SendFailed."""
        client = {"name": "codex-mcp-client", "title": "Codex", "version": self._settings.dialect.version}
        told = {"protocolVersion": self._style.protocol, "capabilities": capabilities, "clientInfo": client}
        try:
            found = await connection.request("initialize", told)
        except RpcError as error:
            raise self._refused(f"JSON-RPC error: {error}") from None
        except ConnectionClosed:
            raise self._refused("connection closed: initialize response") from None
        self._agreed(found)
        await connection.notify("notifications/initialized")
        self.instructions = found.get("instructions") or "" if isinstance(found, Mapping) else ""
        return found

    def _agreed(self, found: Any) -> None:
        """What the server said of itself."""

    def _refused(self, problem: str) -> StartFailed:
        return StartFailed(*(text.format(problem=problem) for text in self._style.handshake))

    async def _connect(self) -> None:
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
                page = await self._starting("tools/list", {} if cursor is None else {"cursor": cursor})
            except RpcError as error:
                raise StartFailed(f"Mcp error: {error}") from None
            except ConnectionClosed:
                raise StartFailed("Transport closed") from None
            except RequestFailed as error:
                raise StartFailed(str(error)) from None
            rows = page.get("tools") if isinstance(page, Mapping) else None
            if not isinstance(rows, list) or not all(map(self._is_tool, rows)):
                raise StartFailed("Unexpected response type")
            found += rows
            cursor = page.get("nextCursor")
            if cursor is None or not self._style.pages:
                return found

    async def _starting(self, method: str, params: Mapping[str, Any]) -> Any:
        """The result of a request that the start needs. Raises what `request` raises."""
        return await self.request(method, params)

    def _is_tool(self, row: Any) -> bool:
        return is_tool(row, execution=self._style.execution_read)

    async def request(self, method: str, params: Mapping[str, Any] | None = None, timeout: float | None = None) -> Any:
        """The result of a request. Raises RpcError, ConnectionClosed, RequestFailed, TimeoutError."""
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


def late(style: McpStyle, method: str, seconds: float) -> str:
    """What a request comes to that takes longer than it may. 0.169.0 tells the time that was left of it when it was
    sent, in whole units: `1000ms` of 1, `2s` of 2 (captured: mcp/call_errors_new, mcp_http/cut_new)."""
    left = seconds - 1e-6
    nearly = f"{left:.0f}s" if left >= 1 else f"{left * 1000:.0f}ms"
    return style.late.format(method=method, seconds=duration(seconds), nearly=nearly)


def duration(seconds: float) -> str:
    """As Rust prints a duration."""
    return f"{number(seconds)}s" if seconds >= 1 else f"{number(seconds * 1000)}ms"
