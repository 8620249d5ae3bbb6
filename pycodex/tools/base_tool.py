"""What a tool is: BaseTool, the context it runs in, its output, and the registry that dispatches calls.

To add a tool: one file in this package with a subclass of BaseTool, one row where the registry is filled.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.exec_rules import Rules
from pycodex.protocol import Emit, Item
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.approvals import ApprovalPolicy
    from pycodex.sandbox import SandboxPolicy
    from pycodex.shell import Shell

__all__ = ["BaseTool", "CallTexts", "IncompatiblePayload", "ToolContext", "ToolError", "ToolOutput", "ToolRegistry"]


class IncompatiblePayload(Exception):
    """A custom call to a function tool, or the reverse. The call gets no output of its own."""


class ToolError(Exception):
    """The call failed; the message is given to the model as the tool's output."""


@dataclass(frozen=True, kw_only=True)
class ToolOutput:
    """What the model gets: a text, or a list of content items (`{"type": "input_text", ...}`)."""

    content: str | list[Item]


@dataclass(frozen=True, kw_only=True)
class ToolContext:
    """What a tool may know and use while it runs."""

    call_id: str
    cwd: Path
    env: Mapping[str, str]
    sandbox: SandboxPolicy
    emit: Emit
    thread_id: str
    turn_id: str
    shell: Shell
    approval_policy: ApprovalPolicy = "never"
    rules: Rules = Rules()


class BaseTool(ABC):
    """A tool the model can call. `input_schema` is a JSON schema of the arguments object."""

    name: str
    description: str
    input_schema: dict[str, Any]

    @abstractmethod
    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput | str:
        """Do the work. Raise ToolError to tell the model what went wrong."""

    def parse(self, arguments: str) -> Mapping[str, Any]:
        """The arguments of a call. Raises ToolError when they are not a JSON object."""
        try:
            value = json.loads(arguments)
        except ValueError as error:
            raise ToolError(f"failed to parse function arguments: {error}") from None
        if not isinstance(value, dict):
            raise ToolError("failed to parse function arguments: expected a JSON object")
        return value

    def declaration(self) -> Item:
        """The tool as it stands in a request's `tools`."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "strict": False,
            "parameters": self.input_schema,
        }

    async def aclose(self) -> None:  # noqa: B027 - most tools hold nothing
        """Release what the tool holds (nothing by default)."""


@dataclass(frozen=True, kw_only=True)
class CallTexts:
    """Texts for calls that reach no handler; `{name}` is the tool's name."""

    unknown_function: str = "unsupported call: {name}"
    unknown_custom: str = "unsupported custom tool call: {name}"
    no_handler: str = "{name} is not available in this build of pycodex"


class ToolRegistry:
    """The handlers by name, and the declarations in the order in which they are sent.

    `declared` fixes the declarations (a dialect's own list); without it each handler declares itself. `release` is
    called once at the end: what the tools share (running commands) goes with them. `kill` does that when there is no
    time for an end.
    """

    def __init__(
        self,
        tools: Iterable[BaseTool] = (),
        *,
        declared: Sequence[Item] | None = None,
        texts: CallTexts | None = None,
        release: Callable[[], Awaitable[None]] | None = None,
        kill: Callable[[], None] | None = None,
    ) -> None:
        self.declared = declared
        self.texts = texts or CallTexts()
        self.release = release
        self._kill = kill
        self._handlers = {tool.name: tool for tool in tools}

    def declarations(self) -> list[Item]:
        """The value of `tools` in a request."""
        if self.declared is not None:
            return list(self.declared)
        return [tool.declaration() for tool in self._handlers.values()]

    async def dispatch(self, call: Item, context: ToolContext) -> ToolOutput:
        """Run the tool that `call` names. Raises ToolError (for the model) and IncompatiblePayload."""
        handler = self._handlers.get(call["name"])
        kinds = {item.get("name"): item["type"] for item in self.declared or ()}
        custom = call["type"] == "custom_tool_call"
        known = handler is not None or call["name"] in kinds
        if known and custom != (kinds.get(call["name"]) == "custom"):
            raise IncompatiblePayload(f"tool {call['name']} invoked with incompatible payload")
        if handler is None:
            unknown = self.texts.unknown_custom if custom else self.texts.unknown_function
            raise ToolError((self.texts.no_handler if call["name"] in kinds else unknown).format(name=call["name"]))
        output = await handler.run(context, handler.parse(call["arguments"]))
        return ToolOutput(content=output) if isinstance(output, str) else output

    def kill(self) -> None:
        """End what the tools run, at once and without a word: the program itself is being ended."""
        if self._kill is not None:
            self._kill()

    async def aclose(self) -> None:
        """Release what the tools hold."""
        if self.release is not None:
            await self.release()
        for tool in self._handlers.values():
            await tool.aclose()
