"""One call of a tool: what the tool gets, and its output for the model, or what went wrong, in words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import items
from pycodex.fullness import room
from pycodex.metadata import request_values
from pycodex.protocol import Emit, Item, LogLine, ReminderRecorded
from pycodex.tools.base_tool import Approve, IncompatiblePayload, ToolContext, ToolError, ToolRegistry

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.context import ContextManager, Turn
    from pycodex.crew.crew import Crew
    from pycodex.crew.team import Desk
    from pycodex.goals import Goals
    from pycodex.tools.base_tool import AskQuestions
    from pycodex.upstream.dialect import ToolsetStyle

__all__ = ["call_context", "log_unanswered", "output_of_cut", "run_call", "told_error"]


def call_context(
    loop: AgentLoop, turn: Turn, call: Item, *, answer_ended: Callable[[], Awaitable[None]]
) -> ToolContext:
    """What a tool gets with a call."""
    context = loop.context
    settings, parent = context.settings, context.thread.parent
    return ToolContext(
        call_id=call["call_id"],
        item_id=call.get("id"),
        about=lambda: request_values(context, turn),
        cwd=settings.cwd,
        env=settings.environment,
        own_env=settings.dialect.toolset.environment(settings),
        sandbox=settings.sandbox,
        emit=loop.emit,
        thread_id=context.thread.id,
        session_id=parent.session_id if parent is not None else None,
        turn_id=turn.id,
        shell=settings.shell,
        remind=lambda text: _remind(loop, turn, text),
        answer_ended=answer_ended,
        ask=_asker(loop, turn),
        plans=settings.collaboration == "plan",
        approval_policy=settings.approval_policy,
        approve=_approver(loop, turn),
        input_waits=loop.steering.until_waits,
        turn_runs=lambda: loop.steering.until_turn(),
        rules=settings.rules,
        crew=lambda: _crew(loop),
        desk=lambda: _desk(loop),
        want_window=loop.steering.want_window,
        room=lambda: room(context),
        goals=lambda: _goals(loop),
        say_beside=lambda *said: loop.steering.put_notice(items.uncalled_output(settings.dialect.ids, *said)),
        notify=lambda name, text: loop.steering.put_notice(items.notice_of(call, name, text, settings.dialect.ids)),
    )


def _remind(loop: AgentLoop, turn: Turn, text: str) -> None:
    item = loop.context.record_user(text)
    loop.emit(ReminderRecorded(turn_id=turn.id, item=item))


def _approver(loop: AgentLoop, turn: Turn) -> Approve | None:
    """Who is asked whether an action may leave the sandbox."""
    settings, person = loop.context.settings, loop.person
    style = settings.dialect.guardian
    if not settings.auto_review or style is None:
        return person
    from pycodex.guardian import Guardian

    loop.guardian = guardian = loop.guardian or Guardian(loop, style)
    return lambda call_id, action, reason: guardian.decide(turn, action, reason)


def _asker(loop: AgentLoop, turn: Turn) -> AskQuestions | None:
    """Who is asked questions; the turn is one in which somebody was."""
    if (questions := loop.questions) is None:
        return None

    async def ask(call_id: str, asked: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        turn.asked_user = True
        return await questions(call_id, asked)

    return ask


def _crew(loop: AgentLoop) -> Crew:
    """The other agents of a loop; there are none until one is asked for."""
    from pycodex.crew.crew import Crew

    crew = loop.crew if isinstance(loop.crew, Crew) else Crew(loop)
    loop.crew = crew
    return crew


def _desk(loop: AgentLoop) -> Desk:
    """The place of a loop in its team, which begins with the first that is asked for."""
    from pycodex.crew.team import Desk, Team

    desk = loop.crew if isinstance(loop.crew, Desk) else Team(loop).root
    loop.crew = desk
    return desk


def _goals(loop: AgentLoop) -> Goals:
    """The goal of a loop's thread; nothing is counted before it is asked for."""
    from pycodex.goals import Goals

    loop.goals = goals = loop.goals or Goals(loop)
    return goals


async def run_call(
    tools: ToolRegistry, call: Item, context: ToolContext, style: ToolsetStyle
) -> str | list[Item] | None:
    """The output of a call; None for one that can have none."""
    try:
        if tools.only is not None and call.get("name") not in tools.only[0]:
            raise ToolError(tools.only[1])
        return (await tools.dispatch(call, context)).content
    except ToolError as error:
        return told_error(context, error, style)
    except IncompatiblePayload as error:
        fatal = f"Fatal error: {error}"
        context.emit(LogLine(level="ERROR", target=style.log_target, message=f"error={fatal}"))
        text = f"in-flight tool future failed during drain: {fatal}"
        context.emit(LogLine(level="ERROR", target=style.fatal_log_target, message=text))
        return None


def told_error(context: ToolContext, error: ToolError, style: ToolsetStyle) -> str:
    """What the caller is told of an error, which is logged."""
    if style.log_errors:
        context.emit(LogLine(level="ERROR", target=style.log_target, message=f"error={error}"))
    for event in error.then:
        context.emit(event)
    return str(error)


def log_unanswered(context: ContextManager, emit: Emit) -> None:
    """Calls of the history without an output are told of in the log: only custom calls are (captured)."""
    for call in items.unanswered(context.history):
        if call["type"] == "custom_tool_call":
            text = f"Custom tool call output is missing for call id: {call['call_id']}"
            emit(LogLine(level="ERROR", target=context.settings.dialect.toolset.fatal_log_target, message=text))


def output_of_cut(
    tools: ToolRegistry, call: Item, task: asyncio.Task[str | list[Item] | None], seconds: float, style: ToolsetStyle
) -> str | list[Item] | None:
    """The output of a call that is cut off, unless it is done."""
    if task.done() and not task.cancelled() and task.exception() is None:
        return task.result()
    task.cancel()
    text, tool = style.aborted_by_tool.get(call.get("name", ""), style.aborted), tools.handler(call)
    return tool.cut(text.format(seconds=seconds)) if tool is not None else text.format(seconds=seconds)
