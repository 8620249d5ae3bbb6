"""The tools for other agents: spawn_agent, send_input, resume_agent, wait_agent, close_agent (captures: agents/*)."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.arguments import BOOL, I64, STRING, STRINGS, VALUE, ArgumentStyle, Field, ListOf, Struct
from pycodex.crew.child import Wanted
from pycodex.crew.events import NOT_FOUND, AgentCallEnded, AgentCallStarted, AgentState, Receiver
from pycodex.records import replace
from pycodex.request import compact
from pycodex.tools.base_tool import ToolContext, ToolError, ToolOutput
from pycodex.tools.function_tool import FunctionTool

if TYPE_CHECKING:
    from pycodex.crew.crew import Crew
    from pycodex.crew.style import CrewStyle

__all__ = ["Call", "CloseAgent", "ResumeAgent", "SendInput", "SpawnAgent", "WaitAgent", "agent_tools"]

_USUAL_EFFORT = "medium"
"""What is told of models that have no effort of their own."""

_SHORTEST, _USUAL, _LONGEST = 10_000, 30_000, 3_600_000
"""Milliseconds for which wait_agent waits (its declaration says so; the shortest is measured: agents/timeout)."""


def agent_tools(arguments: ArgumentStyle, style: CrewStyle) -> list[FunctionTool]:
    """The tools of a version."""
    return [made(arguments, style) for made in (SpawnAgent, SendInput, ResumeAgent, WaitAgent, CloseAgent)]


class _AgentTool(FunctionTool):
    fields: tuple[Field, ...] = ()
    told_as = ""
    """Its name for people."""

    def __init__(self, arguments: ArgumentStyle, style: CrewStyle) -> None:
        super().__init__(arguments, struct=Struct(name=f"{self.name}Args", fields=self._fields(style)))
        self.namespace = style.namespace
        self._crew_style = style

    def _fields(self, style: CrewStyle) -> tuple[Field, ...]:
        raise NotImplementedError


class Call:
    """One call, as it is told: how it begins, and how it ends."""

    def __init__(
        self, context: ToolContext, tool: str, receivers: Iterable[Receiver] = (), prompt: str | None = None
    ) -> None:
        self._emit, self._answer_ended = context.emit, context.answer_ended
        self._at = time.time()
        self._call = AgentCallStarted(
            call_id=context.call_id,
            tool=tool,
            sender=context.thread_id,
            receivers=tuple(receivers),
            prompt=prompt,
        )
        self._emit(self._call)

    async def end(
        self,
        states: Mapping[str, AgentState],
        *,
        receivers: Iterable[Receiver] | None = None,
        failed: bool = False,
        model: str | None = None,
        effort: str | None = None,
    ) -> None:
        """Tell of the end, which comes after that of the answer (captured: mostly so)."""
        await self._answer_ended()
        call = self._call if receivers is None else replace(self._call, receivers=tuple(receivers))
        ended = AgentCallEnded(
            call=call,
            states=states,
            failed=failed or any(state.kind in ("errored", "not_found") for state in states.values()),
            started_at=self._at,
            at=time.time(),
            model=model,
            effort=effort,
        )
        self._emit(ended)


def _told(value: dict[str, Any]) -> ToolOutput:
    """The model reads it as JSON, code gets it as it is (captured: code_mode/agents, code_mode/old_agents)."""
    return ToolOutput(content=compact(value), value=value)


def _crew(context: ToolContext) -> Crew:
    assert context.crew is not None
    return context.crew()


def _input(args: Mapping[str, Any]) -> list[str]:
    """The texts of `message` or `items`; raises ToolError (captured: agents/refused)."""
    message, items = args["message"], args["items"]
    if message is not None and items is not None:
        raise ToolError("Provide either message or items, but not both")
    if message is None and items is None:
        raise ToolError("Provide one of: message or items")
    if items is None:
        if not message.strip():
            raise ToolError("Empty message can't be sent to an agent")
        return [message]
    if not items:
        raise ToolError("Items can't be empty")
    return [str(item.get("text", "")) for item in items if isinstance(item, Mapping)]


def _checked(agent_id: str) -> str:
    """The id, in its usual form; raises ToolError."""
    try:
        return str(uuid.UUID(agent_id))
    except ValueError:
        wrong = next((place for place, char in enumerate(agent_id, 1) if char not in "0123456789abcdefABCDEF-"), None)
        if wrong is None:
            raise ToolError(
                f"invalid agent id {agent_id}: Error(ParseSimpleLength {{ len: {len(agent_id)} }})"
            ) from None
        told = f"character: '{agent_id[wrong - 1]}', index: {wrong}"
        raise ToolError(f"invalid agent id {agent_id}: Error(ParseChar {{ {told} }})") from None


_INPUT = (Field("message", STRING, optional=True), Field("items", ListOf(VALUE), optional=True))


class SpawnAgent(_AgentTool):
    """`spawn_agent`: begin an agent, and give it something to do."""

    name = "spawn_agent"

    def _fields(self, style: CrewStyle) -> tuple[Field, ...]:
        return (
            *_INPUT,
            Field("agent_type", STRING, optional=True),
            Field("model", STRING, optional=True),
            Field("reasoning_effort", style.effort, optional=True),
            Field("fork_context", BOOL, default=False),
        )

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        texts, crew = _input(args), _crew(context)
        role = (args["agent_type"] or "").strip() or None
        call = Call(context, "spawn_agent", prompt="\n".join(texts))
        # One that is refused before it begins has no end for people (captured: agents/refused, agents/forked).
        if args["fork_context"] and role is not None and self._crew_style.forked_role:
            raise ToolError(self._crew_style.forked_role)
        wanted = Wanted(role=role, model=args["model"], effort=args["reasoning_effort"])
        crew.check(wanted)
        try:
            member = crew.begun(wanted, context.call_id if args["fork_context"] else None)
        except ToolError:
            await call.end({}, failed=True, model="", effort=_USUAL_EFFORT)
            raise
        crew.give(member, texts, context.turn_id)
        settings = member.opened.context.settings
        await call.end(
            {member.id: AgentState(kind="pending_init")},
            receivers=[member.receiver],
            model=settings.model.slug,
            effort=settings.reasoning_effort or _USUAL_EFFORT,
        )
        return _told({"agent_id": member.id, "nickname": member.receiver.nickname})


class SendInput(_AgentTool):
    """`send_input`: give an agent more to do; with `interrupt` it leaves what it does."""

    name = "send_input"

    def _fields(self, style: CrewStyle) -> tuple[Field, ...]:
        return (Field(style.one, STRING, required=True), *_INPUT, Field("interrupt", BOOL, default=False))

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        agent_id = _checked(args[self._crew_style.one])
        texts, crew = _input(args), _crew(context)
        receiver, before = crew.receiver(agent_id), crew.state(agent_id)
        if args["interrupt"]:
            await crew.member(agent_id).interrupt()
        call = Call(context, "send_input", [receiver], "\n".join(texts))
        state = crew.state(agent_id) if self._crew_style.settles_interrupts else before
        try:
            submission = crew.give(crew.member(agent_id), texts, context.turn_id)
        except ToolError:
            await call.end({agent_id: state})
            raise
        await call.end({agent_id: state})
        return _told({"submission_id": submission})


class ResumeAgent(_AgentTool):
    """`resume_agent`: an agent that was closed is there again."""

    name = "resume_agent"

    def _fields(self, style: CrewStyle) -> tuple[Field, ...]:
        return (Field("id", STRING, required=True),)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        agent_id, crew = _checked(args["id"]), _crew(context)
        told = self._crew_style.tells_resumed
        call = Call(context, "resume_agent", [crew.receiver(agent_id)]) if told else None
        try:
            state = crew.resumed(agent_id)
        except ToolError:
            if call is not None:
                await call.end({agent_id: NOT_FOUND})
            raise
        if call is not None:
            await call.end({agent_id: state}, receivers=[crew.receiver(agent_id)])
        return _told({"status": state.to_json()})


class WaitAgent(_AgentTool):
    """`wait_agent`: until one of several agents has ended."""

    name = "wait_agent"

    def _fields(self, style: CrewStyle) -> tuple[Field, ...]:
        several = Field(style.several, STRINGS, required=style.several_required, default=())
        return (several, Field("timeout_ms", I64, optional=True))

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        named: Sequence[str] = args[self._crew_style.several]
        if not named:
            raise ToolError(self._crew_style.nobody)
        ids = [_checked(each) for each in named]
        crew, wanted = _crew(context), args["timeout_ms"]
        if wanted is not None and wanted <= 0:
            raise ToolError("timeout_ms must be greater than zero")
        milliseconds = min(max(_USUAL if wanted is None else wanted, _SHORTEST), _LONGEST)
        call = Call(context, "wait", [crew.receiver(each) for each in ids])
        states = await crew.wait(ids, milliseconds / 1000)
        await call.end(states, receivers=[crew.receiver(each) for each in ids if each in states])
        told = {each: state.to_json() for each, state in states.items()}
        return _told({"status": told, "timed_out": not states})


class CloseAgent(_AgentTool):
    """`close_agent`: an agent ends, with those that it has begun."""

    name = "close_agent"

    def _fields(self, style: CrewStyle) -> tuple[Field, ...]:
        return (Field(style.one, STRING, required=True),)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        agent_id, crew = _checked(args[self._crew_style.one]), _crew(context)
        receiver = crew.receiver(agent_id)
        call = Call(context, "close_agent", [receiver])
        state = crew.state(agent_id)
        try:
            await crew.closed(agent_id)
        except ToolError:
            await call.end({agent_id: state})
            raise
        await call.end({agent_id: state})
        return _told({self._crew_style.closed: state.to_json()})
