"""What the model calls: resources of servers (captured: mcp/resources, mcp/resource_templates, mcp/resource_read).

The three tools are codex-cli's own, but people are told of their calls as of those of a server's tools.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.arguments import STRING, ArgumentsError, ArgumentStyle, Field, Struct, Type
from pycodex.json_values import from_value
from pycodex.mcp.events import McpCallEnded, McpCallStarted
from pycodex.mcp.results import RESOURCE_KEYS, TEMPLATE_KEYS, UnexpectedResponse, contents_of, ordered
from pycodex.mcp.rpc import ConnectionClosed, RpcError
from pycodex.mcp.server import RequestFailed, late
from pycodex.request import compact
from pycodex.rust import trim
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError

if TYPE_CHECKING:
    from pycodex.mcp.server import Server
    from pycodex.mcp.servers import McpServers
    from pycodex.mcp.style import McpStyle

__all__ = ["ListResources", "ListTemplates", "ReadResource"]

_NOBODY = "codex"
"""Whose a call is told to be that names no server."""


class _ResourceTool(BaseTool):
    description = ""
    input_schema: dict[str, Any] = {}  # noqa: RUF012 - what is sent stands in the exported data
    struct: Struct
    method: str
    parallel = True

    def __init__(self, servers: McpServers, style: McpStyle, arguments: ArgumentStyle) -> None:
        self._servers = servers
        self._style = style
        self._arguments = arguments

    def parse(self, arguments: str) -> Mapping[str, Any]:
        try:
            value = _json(arguments, self._arguments) if trim(arguments) else None
            given = self._given(value, self.struct)
        except ArgumentsError as error:
            raise ToolError(f"failed to parse function arguments: {error}") from None
        return {"value": value, "given": given}

    def _given(self, value: Any, type_: Type) -> dict[str, Any]:
        found: dict[str, Any] = from_value(value, type_, self._arguments)
        return {name: trim(text) or None for name, text in found.items() if text is not None}

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        given, value = args["given"], args["value"]
        call: dict[str, Any] = {
            "call_id": context.call_id,
            "server": given.get("server") or _NOBODY,
            "tool": self.name,
            "arguments": value,
        }
        if not self._style.tells_unknown_server and call["server"] not in {_NOBODY, *self._servers.servers}:
            await self.server(call["server"])
        context.emit(McpCallStarted(**call, started_at=(at := time.time())))
        began = time.monotonic()

        def ended(result: Mapping[str, Any] | None, error: str | None) -> McpCallEnded:
            seconds = time.monotonic() - began
            outcome: dict[str, Any] = {"result": result, "error": error, "duration": seconds}
            return McpCallEnded(**call, **outcome, turn_id=context.turn_id, started_at=at)

        try:
            told = compact(await self.answer(given))
        except ToolError as error:
            raise ToolError(str(error), then=(ended(None, str(error)),)) from None
        context.emit(ended({"content": [{"type": "text", "text": told}], "isError": False}, None))
        return told

    async def answer(self, given: Mapping[str, str | None]) -> dict[str, Any]:
        """What the call brings. Raises ToolError."""
        raise NotImplementedError

    async def server(self, name: str) -> Server:
        """The server of that name, if it is there; one that is late is waited for. Raises ToolError."""
        server = await self._servers.there(name)
        if server is None:
            raise ToolError(self._style.unknown_server.format(method=self.method, server=name))
        if server.failure is not None:
            raise ToolError(f"{self.method} failed: failed to get client: MCP startup failed: {server.failure}")
        return server

    async def ask(self, server: Server, params: Mapping[str, Any], place: str = "") -> Mapping[str, Any]:
        """What a server answers. Raises ToolError."""
        failed = f"{self.method} failed: {self.method} failed for `{server.config.name}`{place}: "
        try:
            answer = await server.request(self.method, params, server.config.tool_timeout)
        except RpcError as error:
            raise ToolError(f"{failed}Mcp error: {error}") from None
        except ConnectionClosed:
            raise ToolError(f"{failed}Transport closed") from None
        except RequestFailed as error:
            raise ToolError(f"{failed}{error}") from None
        except TimeoutError:
            raise ToolError(failed + late(self._style, self.method, server.config.tool_timeout)) from None
        if not isinstance(answer, Mapping):
            raise ToolError(f"{failed}Unexpected response type")
        return answer


def _json(text: str, style: ArgumentStyle) -> Any:
    """Any JSON value. Raises ArgumentsError."""
    from pycodex.json_reader import Reader

    reader = Reader(text, style)
    value = reader.value()
    reader.end()
    return value


class _Listing(_ResourceTool):
    key: str
    keys: tuple[str, ...]

    def _given(self, value: Any, type_: Type) -> dict[str, Any]:
        # Neither nothing nor an empty list is an error here.
        return {} if value is None else super()._given(value, type_)

    async def answer(self, given: Mapping[str, str | None]) -> dict[str, Any]:
        name, cursor = given.get("server"), given.get("cursor")
        if name is not None:
            server = await self.server(name)
            page = await self.ask(server, {} if cursor is None else {"cursor": cursor})
            after = {"nextCursor": page["nextCursor"]} if page.get("nextCursor") is not None else {}
            return {"server": name, self.key: self._rows(name, page), **after}
        if cursor is not None:
            raise ToolError("cursor can only be used when a server is specified")
        return {self.key: [row for each in self._servers.servers.values() for row in await self._all(each)]}

    async def _all(self, server: Server) -> list[dict[str, Any]]:
        """All pages of a server; one that fails has nothing."""
        if server.failure is not None or self._servers.is_late(server.config.name):
            return []
        rows: list[dict[str, Any]] = []
        cursor = None
        try:
            while True:
                page = await self.ask(server, {} if cursor is None else {"cursor": cursor})
                rows += self._rows(server.config.name, page)
                if (cursor := page.get("nextCursor")) is None:
                    return rows
        except ToolError:
            return []

    def _rows(self, server: str, page: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{"server": server, **ordered(row, self.keys)} for row in page.get(self.key) or ()]


class ListResources(_Listing):
    """`list_mcp_resources`."""

    name = "list_mcp_resources"
    method = "resources/list"
    key = "resources"
    keys = RESOURCE_KEYS
    struct = Struct(
        name="ListResourcesArgs",
        fields=(Field("server", STRING, optional=True), Field("cursor", STRING, optional=True)),
    )


class ListTemplates(_Listing):
    """`list_mcp_resource_templates`."""

    name = "list_mcp_resource_templates"
    method = "resources/templates/list"
    key = "resourceTemplates"
    keys = TEMPLATE_KEYS
    struct = Struct(
        name="ListResourceTemplatesArgs",
        fields=(Field("server", STRING, optional=True), Field("cursor", STRING, optional=True)),
    )


class ReadResource(_ResourceTool):
    """`read_mcp_resource`."""

    name = "read_mcp_resource"
    method = "resources/read"
    struct = Struct(
        name="ReadResourceArgs",
        fields=(Field("server", STRING, required=True), Field("uri", STRING, required=True)),
    )

    def parse(self, arguments: str) -> Mapping[str, Any]:
        if not trim(arguments):
            raise ToolError("failed to parse function arguments: expected value")
        parsed = super().parse(arguments)
        for name in ("server", "uri"):
            if parsed["given"].get(name) is None:
                raise _missing(name)
        return parsed

    async def answer(self, given: Mapping[str, str | None]) -> dict[str, Any]:
        name, uri = given["server"] or "", given["uri"] or ""
        answer = await self.ask(await self.server(name), {"uri": uri}, f" ({uri})")
        try:
            contents = [contents_of(each) for each in answer.get("contents") or ()]
        except UnexpectedResponse:
            raise ToolError(f"{self.method} failed: Unexpected response type") from None
        return {"server": name, "uri": uri, "contents": contents}


def _missing(name: str) -> ToolError:
    return ToolError(f"{name} must be provided")
