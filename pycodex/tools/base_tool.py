"""What a tool is: BaseTool, the context it runs in, its output, and the registry that dispatches calls.

To add a tool: one file in this package with a subclass of BaseTool, one row where the registry is filled.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pycodex.exec_rules import Rules
from pycodex.protocol import Emit, Event, Item
from pycodex.records import dataclass, field

if TYPE_CHECKING:
    from pycodex.approvals import ApprovalPolicy
    from pycodex.crew.crew import Crew
    from pycodex.crew.team import Desk
    from pycodex.goals import Goals
    from pycodex.guardian import Decision
    from pycodex.sandbox import SandboxPolicy
    from pycodex.shell import Shell

__all__ = [
    "Approve",
    "AskQuestions",
    "BaseTool",
    "CallTexts",
    "IncompatiblePayload",
    "Killable",
    "ToolContext",
    "ToolError",
    "ToolOutput",
    "ToolRegistry",
    "never",
]


Approve = Callable[[str, Mapping[str, Any], str | None], Awaitable["Decision"]]
"""From the id of a call, an action and a reason to a decision (see `pycodex.guardian`)."""

Allow = Callable[[str, Mapping[str, Any], str | None], Awaitable["Decision | None"]]
"""The same; None: it is denied."""

AskQuestions = Callable[[str, Sequence[Mapping[str, Any]]], Awaitable[Mapping[str, Any]]]
"""From a call's id and its questions to the answers, by the id of the question."""


class IncompatiblePayload(Exception):
    """A custom call to a function tool, or the reverse. The call gets no output of its own."""


class ToolError(Exception):
    """The call failed; the message is given to the model as the tool's output. `then`: events that come after the log
    line of that."""

    def __init__(self, message: str, *, then: Sequence[Event] = ()) -> None:
        super().__init__(message)
        self.then = tuple(then)


@dataclass(frozen=True, kw_only=True)
class ToolOutput:
    """What the model gets: a text, or a list of content items (`{"type": "input_text", ...}`)."""

    content: str | list[Item]
    value: Any = None
    """What code gets that calls the tool; None: the content."""


def _unheard(text: str) -> None:
    """For tools that are run without a history."""


def _unsaid(name: str, text: str) -> None:
    """For tools that are run without a history."""


def _unsaid_by(name: str, namespace: str, text: str) -> None:
    """For tools that are run without a history."""


async def _at_once() -> None:
    """For tools that are run without an answer."""


async def never() -> None:
    """For tools that are run where nobody enters anything."""
    await asyncio.Event().wait()


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
    own_env: Mapping[str, str] = field(default_factory=dict)
    """What commands are told beside `env`, whatever the configuration takes away (captured: shell/environment_own)."""
    item_id: str | None = None
    """What the model calls the item that is the call."""
    about: Callable[[], Mapping[str, Any]] = dict
    """What a request of the turn may mention (see `pycodex.metadata`)."""
    session_id: str | None = None
    """The thread that began this one, where that is another."""
    remind: Callable[[str], None] = _unheard
    """Makes the user say something to the model, in the history."""
    answer_ended: Callable[[], Awaitable[None]] = _at_once
    """Waits until the answer that made the call has ended, but not long."""
    approve: Approve | None = None
    """Asks whether an action may leave the sandbox, where there is somebody to ask."""
    ask: AskQuestions | None = None
    """Asks the person questions, where there is one."""
    plans: bool = False
    """Whether the agent is to plan, and change nothing."""
    approval_policy: ApprovalPolicy = "never"
    rules: Rules = Rules()
    crew: Callable[[], Crew] | None = None
    """The other agents."""
    desk: Callable[[], Desk] | None = None
    """The same, in a team."""
    notify: Callable[[str, str], None] = _unsaid
    """Lets the tool of that name say something to the model beside its output."""
    input_waits: Callable[[], Awaitable[None]] = never
    """Waits until something was entered that is to join the turn."""
    turn_runs: Callable[[], Awaitable[None]] = _at_once
    """Waits until the thread is in a turn."""
    room: Callable[[], int | None] = lambda: None
    """How many tokens the context still takes before it is compacted."""
    want_window: Callable[[], None] = lambda: None
    """Lets a new context window begin when the calls of the answer have ended."""
    goals: Callable[[], Goals] | None = None
    """The goal of the thread."""
    say_beside: Callable[[str, str, str], None] = _unsaid_by
    """Gives the model an output (name, namespace, text) that no call has asked for."""


class BaseTool(ABC):
    """A tool the model can call. `input_schema` is a JSON schema of the arguments object."""

    name: str
    description: str
    input_schema: dict[str, Any]
    namespace: str | None = None
    """The namespace that calls name, where there is one."""
    parallel: bool | None = None
    """Whether it may run beside others; None: as the dialect says of the name."""
    payloads: frozenset[str] = frozenset({"function_call"})
    """Types of calls it takes. A custom call's text is its argument `input`."""

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

    def cut(self, text: str) -> str | list[Item]:
        """The output of a call that is cut off, of what the model is told then."""
        return text

    def declaration(self) -> Item:
        """The tool as it stands in a request's `tools`."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "strict": False,
            "parameters": self.input_schema,
        }

    def answered(self, emit: Emit, turn_id: str) -> None:  # noqa: B027 - most tools have nothing to add
        """An answer of the model is complete, and every tool it called has finished."""

    def interrupted(self) -> None:  # noqa: B027 - most tools leave nothing behind
        """The turn was interrupted, and with it the calls that ran."""

    async def aclose(self) -> None:  # noqa: B027 - most tools hold nothing
        """Release what the tool holds (nothing by default)."""


@dataclass(frozen=True, kw_only=True)
class CallTexts:
    """Texts for calls that reach no handler; `{name}` is the tool's name."""

    unknown_function: str = "unsupported call: {name}"
    unknown_custom: str = "unsupported custom tool call: {name}"
    no_handler: str = "{name} is not available in this build of pycodex"
    namespace: str = "{namespace}{name}"
    """The name of a tool in a namespace (captures: tools/unknown_namespaced)."""
    usual_namespaces: frozenset[str] = frozenset()
    """Namespaces of the tools that have none."""


_LOCAL_SHELL = "local_shell"
_SEARCH, _SEARCH_CALL = "tool_search", "tool_search_call"


def _local_shell_args(action: Mapping[str, Any]) -> dict[str, Any]:
    """The action of a `local_shell_call` as arguments of the tool; its environment does not count (captured)."""
    return {
        "command": action.get("command") or [],
        "workdir": action.get("working_directory"),
        "timeout_ms": action.get("timeout_ms"),
    }


class Killable(Protocol):
    """What can be ended at once."""

    def kill(self) -> None:
        """End it."""


async def _run(tool: BaseTool, call: Item, context: ToolContext) -> ToolOutput:
    if call["type"] not in tool.payloads:
        raise IncompatiblePayload(f"tool {call['name']} invoked with incompatible payload")
    custom = call["type"] == "custom_tool_call"
    output = await tool.run(context, {"input": call["input"]} if custom else tool.parse(call["arguments"]))
    return ToolOutput(content=output) if isinstance(output, str) else output


class ToolRegistry:
    """The handlers by name, and the declarations in the order in which they are sent.

    `declared` fixes the declarations (a dialect's own list); without it each handler declares itself. `release` is
    called once at the end: what the tools share (running commands) goes with them. `kill` does that when there is no
    time for an end. `running` is what goes on where other tools take the place of these.
    `asked` is called when the declarations are asked for, once a turn and once a request.
    """

    def __init__(
        self,
        tools: Collection[BaseTool] = (),
        *,
        declared: Sequence[Item] | None = None,
        known: Collection[str] = (),
        texts: CallTexts | None = None,
        release: Callable[[], Awaitable[None]] | None = None,
        kill: Callable[[], None] | None = None,
        running: Any = None,
        asked: Callable[[], None] | None = None,
    ) -> None:
        self.declared = declared
        self._known = known
        self.texts = texts or CallTexts()
        self.release = release
        self.running = running
        self._asked = asked
        self._kill = kill
        own = list(tools)
        self._handlers = {tool.name: tool for tool in own if tool.namespace is None}
        self._spaces: dict[tuple[Any, Any], BaseTool] = {(each.namespace, each.name): each for each in own}
        self._adopted: list[Killable] = []
        self.only: tuple[Collection[str], str] | None = None
        """The tools that the model itself may call, and what it is told where it calls another."""

    def add(self, tools: Sequence[BaseTool]) -> None:
        """Tools that call the others."""
        self._handlers |= {tool.name: tool for tool in tools}

    def renew(self, tools: Sequence[BaseTool], declared: Sequence[Item], known: Collection[str]) -> None:
        """Tools that come in later, or again, and what is declared and known from then on."""
        self._handlers |= {tool.name: tool for tool in tools if tool.namespace is None}
        self._spaces |= {(each.namespace, each.name): each for each in tools}
        self.declared, self._known = declared, known

    def declarations(self) -> list[Item]:
        """The value of `tools` in a request."""
        if self._asked is not None:
            self._asked()
        return self._declarations()

    def _declarations(self) -> list[Item]:
        if self.declared is not None:
            return list(self.declared)
        return [tool.declaration() for tool in self._handlers.values()]

    @property
    def _all(self) -> list[BaseTool]:
        return list(dict.fromkeys([*self._handlers.values(), *self._spaces.values()]))  # most are in both

    def offers(self, name: str) -> bool:
        """Whether a tool of that name stands in the requests, or is one that code may use."""
        return name in self._known or any(item.get("name") == name for item in self._declarations())

    def handler(self, call: Item) -> BaseTool | None:
        """The tool that a call names, if there is one."""
        return self._spaces.get((call.get("namespace"), call.get("name")))

    def takes(self, call: Item) -> bool:
        """Whether it is a call to be answered: a `local_shell_call` is one only where there is a tool for it."""
        if call["type"] == _SEARCH_CALL:
            return call.get("execution") == "client" and bool(call.get("call_id"))
        return call["type"] != "local_shell_call" or (_LOCAL_SHELL in self._handlers and bool(call.get("call_id")))

    async def dispatch(self, call: Item, context: ToolContext) -> ToolOutput:
        """Run the tool that `call` names. Raises ToolError (for the model) and IncompatiblePayload."""
        if call["type"] == "local_shell_call":
            done = await self._handlers[_LOCAL_SHELL].run(context, _local_shell_args(call["action"]))
            return ToolOutput(content=done) if isinstance(done, str) else done
        if call["type"] == _SEARCH_CALL:
            if (search := self._handlers.get(_SEARCH)) is None:
                raise ToolError(self.texts.no_handler.format(name=_SEARCH))
            found = await search.run(context, call.get("arguments") or {})
            return ToolOutput(content=found) if isinstance(found, str) else found
        handler = self._handlers.get(call["name"])
        if (space := call.get("namespace")) is not None and space not in self.texts.usual_namespaces:
            handler = self._spaces.get((space, call["name"]))
            if handler is None:
                raise ToolError(self._not_there(space, call["name"]))
        kinds = {item.get("name"): item["type"] for item in self.declared or () if item["type"] != "namespace"}
        custom = call["type"] == "custom_tool_call"
        if handler is not None:
            fits = call["type"] in handler.payloads
        else:
            fits = call["name"] not in kinds or custom == (kinds[call["name"]] == "custom")
        if not fits:
            raise IncompatiblePayload(f"tool {call['name']} invoked with incompatible payload")
        if handler is None:
            unknown = self.texts.unknown_custom if custom else self.texts.unknown_function
            there = call["name"] in kinds or call["name"] in self._known
            raise ToolError((self.texts.no_handler if there else unknown).format(name=call["name"]))
        return await _run(handler, call, context)

    def _not_there(self, space: str, name: str) -> str:
        """No tool of a namespace has a handler."""
        members = [
            item["tools"] for item in self.declared or () if (item["type"], item.get("name")) == ("namespace", space)
        ]
        declared = any(tool.get("name") == name for tools in members for tool in tools)
        text = self.texts.no_handler if declared else self.texts.unknown_function
        return text.format(name=self.texts.namespace.format(namespace=space, name=name))

    def answered(self, emit: Emit, turn_id: str) -> None:
        """Tell the tools that an answer of the model and its calls are done."""
        for tool in self._all:
            tool.answered(emit, turn_id)

    def interrupted(self) -> None:
        """Tell the tools that the turn was interrupted."""
        for tool in self._all:
            tool.interrupted()

    def kill(self) -> None:
        """End what the tools run, at once and without a word: the program itself is being ended."""
        if self._kill is not None:
            self._kill()
        for each in self._adopted:
            each.kill()

    def adopt(self, others: Killable) -> None:
        """The tools of a sub-agent, or a command of the user: killed with these, until they part."""
        self._adopted.append(others)

    def part_from(self, others: Killable) -> None:
        """The sub-agent, or the command, is done."""
        self._adopted.remove(others)

    async def aclose(self) -> None:
        """Release what the tools hold."""
        if self.release is not None:
            await self.release()
        for tool in self._all:
            await tool.aclose()
