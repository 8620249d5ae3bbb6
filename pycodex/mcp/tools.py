"""What the model calls: the tools of servers (captured: mcp/call, mcp/results, mcp/arguments, mcp/call_errors)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.json_reader import ArgumentsError, Reader
from pycodex.mcp.approvals import CallRefused, allow
from pycodex.mcp.events import McpCallEnded, McpCallStarted, McpToolUsed
from pycodex.mcp.results import UnexpectedResponse, call_result
from pycodex.mcp.rpc import ConnectionClosed, RpcError
from pycodex.mcp.server import RequestFailed, ServerTool, late
from pycodex.metadata import pick
from pycodex.protocol import Item, LogLine
from pycodex.request import compact
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolOutput
from pycodex.truncation import cap_parts, history_cap

if TYPE_CHECKING:
    from pycodex.mcp.names import Origin
    from pycodex.mcp.style import McpStyle
    from pycodex.settings import Settings

__all__ = ["McpTool"]


class _Refused(Exception):
    """The call has no result; the message says why."""


class McpTool(BaseTool):
    """One tool of a server. `known`: the tools that a person has allowed in this thread."""

    def __init__(self, tool: ServerTool, style: McpStyle, settings: Settings, known: dict[Origin, bool]) -> None:
        self.name = tool.given
        self.namespace = tool.space
        self.parallel = tool.server.config.parallel
        self._tool = tool
        self._style = style
        self._settings = settings
        self._known = known
        self._arguments = settings.dialect.arguments
        self._version = settings.dialect.version

    def parse(self, arguments: str) -> Mapping[str, Any]:
        # What is wrong with them is told as a result of the call (captured: mcp/arguments).
        return {"text": arguments}

    def cut(self, text: str) -> str | list[Item]:
        return self._style.output({"content": [_text(text)]}) if self._style.cut_as_result else text

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        began = time.monotonic()
        text = args["text"]
        try:
            arguments = self._read(text)
        except ArgumentsError as error:
            target, told = self._style.bad_arguments_log
            context.emit(LogLine(level="ERROR", target=target, message=told.format(problem=error)))
            return self._told({"content": [_text(f"err: {error}")]}, began)
        server, tool = self._tool.server.config.name, self._tool.name
        context.emit(
            McpCallStarted(
                call_id=context.call_id, server=server, tool=tool, arguments=arguments, started_at=(at := time.time())
            )
        )
        called = time.monotonic()
        result, problem = None, None
        untimed = False
        try:
            await self._allowed(context)
            called = time.monotonic()
            # It counts as used once it has ended, whatever came of it (captured: mcp/parallel_on_new), but not where it
            # is cut off (captured: interactive/mcp_interrupt).
            used = McpToolUsed(server=server, tool=tool, turn_id=context.turn_id)
            try:
                result = dict(self._style.kept(await self._call(context, arguments, given=bool(text.strip()))))
            except Exception:
                context.emit(used)
                raise
            context.emit(used)
        except CallRefused as refused:
            problem, untimed = str(refused), not self._style.refused_takes_time
        except _Refused as refused:
            problem = str(refused)
        context.emit(
            McpCallEnded(
                call_id=context.call_id,
                server=server,
                tool=tool,
                arguments=arguments,
                result=result,
                error=problem,
                duration=0.0 if untimed else time.monotonic() - called,
                turn_id=context.turn_id,
                started_at=at,
                read_only=self._tool.annotations.get("readOnlyHint"),
            )
        )
        return self._told(result if result is not None else {"content": [_text(problem or "")], "isError": True}, began)

    def _read(self, text: str) -> Any:
        """The arguments, any JSON value; nothing is none. Raises ArgumentsError."""
        if not text.strip():
            return None
        reader = Reader(text, self._arguments)
        value = reader.value()
        reader.end()
        return value

    async def _allowed(self, context: ToolContext) -> None:
        """Raises CallRefused."""
        try:
            await allow(self._tool, self._style, context, self._known, self._settings.config.codex_home)
        except CallRefused as refused:
            if not refused.asked and self._style.refused_log is not None:
                target, text = self._style.refused_log
                context.emit(LogLine(level="ERROR", target=target, message=text.format(thread_id=context.thread_id)))
            raise

    async def _call(self, context: ToolContext, arguments: Any, *, given: bool) -> dict[str, Any]:
        failed = f"tool call error: tool call failed for `{self._tool.server.config.name}/{self._tool.name}`"
        failed += "\n\nCaused by:\n    "  # one cause stands alone, several are numbered
        if given and not isinstance(arguments, dict):
            raise _Refused(f"{failed}MCP tool arguments must be a JSON object, got {compact(arguments)}")
        seconds = self._tool.server.config.tool_timeout
        told: dict[str, Any] = {"name": self._tool.name, **({"arguments": arguments} if given else {})}
        if self._style.metadata is not None:
            told["_meta"] = self._about(context)
        try:
            answer = await self._tool.server.request("tools/call", told, seconds)
            return call_result(answer, empty=self._style.empty_results)
        except RpcError as error:
            raise _Refused(f"{failed}Mcp error: {error}") from None
        except ConnectionClosed:
            raise _Refused(f"{failed}Transport closed") from None
        except RequestFailed as error:
            if error.login is not None and self._style.http.login_result:
                return _wants_login(error.login)
            raise _Refused(failed + _chain(error.causes)) from None
        except UnexpectedResponse:
            raise _Refused(f"{failed}Unexpected response type") from None
        except TimeoutError:
            raise _Refused(failed + late(self._style, "tools/call", seconds)) from None

    def _about(self, context: ToolContext) -> dict[str, Any]:
        """What the server is told of the turn."""
        values = context.about()
        ids = {
            "threadId": values["thread_id"],
            "sessionId": values["session_id"],
            "windowId": values["window_id"],
            "callId": context.call_id,
            **({"itemId": context.item_id} if context.item_id is not None else {}),
        }
        return {**ids, "x-codex-turn-metadata": pick(self._style.metadata or (), {**values, "version": self._version})}

    def _told(self, result: Mapping[str, Any], began: float) -> ToolOutput:
        output = self._style.output(result)
        if self._style.images is not None and not isinstance(output, str):
            output = self._style.images(output, self._settings)
        if self._style.wall_time is not None:
            head = self._style.wall_time.format(seconds=time.monotonic() - began)
            output = f"{head}\n{output}" if isinstance(output, str) else [_part(head), *output]
        return ToolOutput(
            content=self._cut(output) if self._style.cuts else output,
            value=self._style.to_code(self._style.kept(result)),
        )

    def _cut(self, output: str | list[Item]) -> str | list[Item]:
        policy, style = self._settings.truncation_policy, self._settings.dialect.truncate
        return history_cap(output, policy, style) if isinstance(output, str) else cap_parts(output, policy, style)


def _wants_login(value: str) -> dict[str, Any]:
    """What a call comes to that the server wants a login for (captured: mcp_http/call_login_new)."""
    content = [_text("Authentication required")]
    return {"content": content, "isError": True, "_meta": {"mcp/www_authenticate": [value]}}


def _chain(causes: Sequence[str]) -> str:
    return causes[0] if len(causes) == 1 else "\n    ".join(f"{at}: {cause}" for at, cause in enumerate(causes))


def _part(text: str) -> Item:
    return {"type": "input_text", "text": text}


def _text(text: str) -> Item:
    return {"type": "text", "text": text}
