"""Calls that code makes: they go through the same registry as the model's own, with ids of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.call_runner import told_error
from pycodex.ids import uuid4
from pycodex.records import replace
from pycodex.tools.base_tool import Approve, IncompatiblePayload, ToolContext, ToolError, ToolRegistry
from pycodex.turnstile import Turnstile

if TYPE_CHECKING:
    from pycodex.code_mode.session import CodeSession
    from pycodex.protocol import Item
    from pycodex.upstream.dialect import ToolsetStyle

__all__ = ["NestedCalls"]

_TEXT_TOOL = re.compile(r"declare const tools: \{ \w+\(input: string\)")


class NestedCalls:
    """Runs what code calls. Tools that may not run beside others wait for their turn, among the calls of code."""

    def __init__(self, registry: ToolRegistry, style: ToolsetStyle, session: CodeSession) -> None:
        self._registry = registry
        self._style = style
        self._session = session
        self._thrown = session.style.failures_thrown
        self._texts: set[str] = set()
        self._spaced: dict[str, tuple[str, str]] = {}
        self._told: dict[str, str] = {}
        self._turnstile = Turnstile()

    def offer(self, tools: Sequence[Mapping[str, str]]) -> None:
        """What may be called from now on."""
        self._texts = {tool.get("tool", tool["name"]) for tool in tools if _TEXT_TOOL.search(tool["description"])}
        self._spaced = {tool["name"]: (tool["namespace"], tool["tool"]) for tool in tools if "namespace" in tool}
        self._told = {tool["name"]: tool["told"] for tool in tools if "told" in tool}

    async def run(self, context: ToolContext, name: str, given: str | None) -> tuple[str | None, str | None]:
        """A call with JSON, or nothing: the result as JSON, or what is thrown (captured: code_mode/nested_errors)."""
        value, error = await self._called(context, name, given)
        return (value, error) if error is None or self._thrown else (json.dumps(error), None)

    def _approver(self, context: ToolContext) -> Approve | None:
        """Asks as `context` does; until the answer no look at a cell ends."""
        if (approve := context.approve) is None:
            return None
        return lambda *asked: self._session.asked(approve(*asked))

    def _alone(self, call: Item) -> bool:
        tool = self._registry.handler(call)
        if tool is not None and tool.parallel is not None:
            return not tool.parallel
        return call["name"] not in self._style.parallel

    async def _called(self, context: ToolContext, name: str, given: str | None) -> tuple[str | None, str | None]:
        value = json.loads(given) if given is not None else None
        told = self._told.get(name, name)
        if value is None and not self._thrown:  # as if nothing had been given (captured: code_mode/old_nested)
            given = None
        identity = f"exec-{uuid4()}"
        call: dict[str, Any] = {"name": name, "call_id": identity}
        if name in self._spaced:
            space, own = self._spaced[name]
            call |= {"name": own, "namespace": space}
        if name in self._texts:
            if not isinstance(value, str):
                return None, f"tool `{told}` expects a string input"
            call |= {"type": "custom_tool_call", "input": value}
        else:
            if given is not None and not isinstance(value, dict):
                return None, f"tool `{told}` expects a JSON object for arguments"
            call |= {"type": "function_call", "arguments": given or "{}"}
        context = replace(context, call_id=identity, approve=self._approver(context))
        await context.turn_runs()  # between turns nothing is called (captured: code_mode/between_turns)
        async with self._turnstile.enter(alone=self._alone(call)):
            try:
                output = await self._registry.dispatch(call, context)
            except ToolError as error:
                return None, told_error(context, error, self._style)
            except IncompatiblePayload as error:
                return None, str(error)
        return json.dumps(output.content if output.value is None else output.value), None
