"""The tools of a team of agents: spawn_agent, send_message, followup_task, wait_agent, interrupt_agent, list_agents
(captures: agents/v2_*)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pycodex.arguments import BOOL, I64, STRING, ArgumentStyle, Field, Struct
from pycodex.crew.child import Wanted
from pycodex.crew.inheritance import inherits_all
from pycodex.crew.mail import Letter
from pycodex.request import compact
from pycodex.tools.agents import Call
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool
from pycodex.waiting import unless

if TYPE_CHECKING:
    from pycodex.crew.team import Desk

__all__ = [
    "FollowupTask",
    "InterruptAgent",
    "ListAgents",
    "SendMessage",
    "SpawnTeammate",
    "WaitForMail",
    "collaboration_tools",
]

_SHORTEST, _USUAL, _LONGEST = 10_000, 30_000, 3_600_000
"""Milliseconds for which wait_agent waits (its declaration says so)."""


def collaboration_tools(arguments: ArgumentStyle) -> list[FunctionTool]:
    """The tools of a version."""
    kinds = (FollowupTask, InterruptAgent, ListAgents, SendMessage, SpawnTeammate, WaitForMail)
    return [kind(arguments) for kind in kinds]


class _TeamTool(FunctionTool):
    namespace = "collaboration"
    fields: tuple[Field, ...] = ()

    def __init__(self, arguments: ArgumentStyle) -> None:
        super().__init__(arguments, struct=Struct(name=f"{self.name}Args", fields=self.fields, deny_unknown=True))


def _desk(context: ToolContext) -> Desk:
    assert context.desk is not None
    return context.desk()


def _said(args: Mapping[str, Any]) -> str:
    message: str = args["message"]
    if not message.strip():
        raise ToolError("Empty message can't be sent to an agent")
    return message


class SpawnTeammate(_TeamTool):
    """`spawn_agent`: begin an agent under a name, and give it a task."""

    name = "spawn_agent"
    fields = (
        Field("message", STRING, required=True),
        Field("task_name", STRING, required=True),
        Field("agent_type", STRING, optional=True),
        Field("model", STRING, optional=True),
        Field("reasoning_effort", STRING, optional=True),
        Field("fork_turns", STRING, optional=True),
        Field("fork_context", BOOL, optional=True),
    )

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        if args["fork_context"] is not None:
            raise ToolError("fork_context is not supported in MultiAgentV2; use fork_turns instead")
        try:
            inherits = inherits_all(args["fork_turns"])
        except ValueError as error:
            raise ToolError(str(error)) from None
        text, desk = _said(args), _desk(context)
        role = (args["agent_type"] or "").strip() or None
        wanted = Wanted(role=role, model=args["model"], effort=args["reasoning_effort"])
        begun = desk.begun(args["task_name"], wanted, context.turn_id, inherits=inherits)
        letter = Letter(kind="NEW_TASK", author=desk.path, recipient=begun.path, text=text, triggers=True)
        desk.write(begun, letter, context.turn_id)
        settings = begun.loop.context.settings
        await context.answer_ended()
        if begun.member is not None:  # the next call finds it at work (captured: agents/v2_at_once)
            await begun.member.at_work.wait()
        desk.tell(
            context.call_id, "started", begun, model=settings.model.slug, effort=settings.reasoning_effort or "medium"
        )
        return compact({"task_name": begun.path})


class _Writes(_TeamTool):
    fields = (Field("target", STRING, required=True), Field("message", STRING, required=True))
    kind: Literal["NEW_TASK", "MESSAGE"] = "MESSAGE"

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        text, desk = _said(args), _desk(context)
        to = desk.find(args["target"])
        if self.kind == "NEW_TASK" and to.member is None:
            raise ToolError("Follow-up tasks can't target the root agent")
        task = self.kind == "NEW_TASK"
        desk.write(
            to, Letter(kind=self.kind, author=desk.path, recipient=to.path, text=text, triggers=task), context.turn_id
        )
        await context.answer_ended()
        desk.tell(context.call_id, "interacted", to)
        return ""


class SendMessage(_Writes):
    """`send_message`: something that an agent reads as soon as it does something."""

    name = "send_message"


class FollowupTask(_Writes):
    """`followup_task`: more to do for an agent."""

    name = "followup_task"
    kind = "NEW_TASK"


class WaitForMail(_TeamTool):
    """`wait_agent`: until an agent writes, or has ended, or the user says something (captured:
    interactive/wait_agent_cut)."""

    name = "wait_agent"
    fields = (Field("timeout_ms", I64, optional=True),)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        wanted = _USUAL if args["timeout_ms"] is None else args["timeout_ms"]
        if wanted > _LONGEST:
            raise ToolError(f"timeout_ms must be at most {_LONGEST}")
        milliseconds, desk = max(wanted, _SHORTEST), _desk(context)
        call = Call(context, "wait")
        come = await unless(desk.wait(milliseconds / 1000), context.input_waits())
        await call.end({})
        said = {True: "Wait completed.", False: "Wait timed out.", None: "Wait interrupted by new input."}[come]
        if wanted < _SHORTEST:
            said += f"\n\nRequested timeout of {wanted}ms was clamped to the minimum of {_SHORTEST}ms."
        return compact({"message": said, "timed_out": come is False})


class InterruptAgent(_TeamTool):
    """`interrupt_agent`: an agent leaves what it does."""

    name = "interrupt_agent"
    fields = (Field("target", STRING, required=True),)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        desk = _desk(context)
        to = desk.find(args["target"])
        if to.member is None:
            raise ToolError("root is not a spawned agent")
        if to.away and desk.team.has_room():  # captured: agents/v2_resumed; else it is not found: agents/v2_full
            to.come_back()
        state = to.state
        await to.member.interrupt()
        await context.answer_ended()
        desk.tell(context.call_id, "interrupted", to)
        return compact({"previous_status": state.to_json()})


class ListAgents(_TeamTool):
    """`list_agents`: who is there, and what they do."""

    name = "list_agents"
    fields = (Field("path_prefix", STRING, optional=True),)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        desk, prefix = _desk(context), args["path_prefix"]
        found = desk.team.below("/root" if prefix is None else desk.path_of(prefix))
        return compact({"agents": [{"agent_name": each.path, "agent_status": each.state.to_json()} for each in found]})
