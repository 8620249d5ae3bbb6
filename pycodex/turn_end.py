"""How a turn ends: what is told of it, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.protocol import (
    AgentFailure,
    LogLine,
    RateLimitsRead,
    SampleDone,
    TurnCompleted,
    TurnFailed,
    TurnResult,
    Usage,
    WindowFilled,
)
from pycodex.rate_limits import Limits, merged, reached_limit
from pycodex.retries import rule_for

if TYPE_CHECKING:
    from pycodex.context import ContextManager, Turn
    from pycodex.progress import Progress
    from pycodex.protocol import Emit
    from pycodex.sampling import Failure

__all__ = ["complete", "count", "fail", "note_limits"]


def note_limits(context: ContextManager, emit: Emit, limits: Limits, *, reached: bool = False) -> None:
    """What an answer or a refusal says of limits."""
    context.limits = merged(context.limits, limits)
    emit(RateLimitsRead(limits=context.limits, reached=reached))


def count(
    context: ContextManager,
    emit: Emit,
    turn: Turn,
    response_id: str,
    usage: Usage | None,
    *,
    complete: bool = True,
    apart: bool = False,
) -> None:
    """The tokens that an answer took; `apart`: they are not the thread's (captured: interactive/compact_remote)."""
    told = usage is not None
    usage = usage or Usage()
    turn.usage += usage
    if not apart:
        context.usage += usage
        context.last_usage = usage if told and complete else context.last_usage
    emit(
        SampleDone(
            turn_id=turn.id,
            response_id=response_id,
            usage=usage,
            turn=turn.usage,
            thread=context.usage,
            complete=complete,
            told=told,
            apart=apart,
        )
    )


def complete(context: ContextManager, emit: Emit, progress: Progress, now: float) -> TurnResult:
    """The turn has come to its end."""
    turn = progress.turn
    emit(
        TurnCompleted(
            turn_id=turn.id,
            last_agent_message=progress.final_message,
            usage=context.usage,
            started_at=turn.started_at,
            completed_at=now,
            first_token_at=progress.first_token_at,
        )
    )
    return _result(context, progress, None)


def fail(context: ContextManager, emit: Emit, progress: Progress, failure: Failure, now: float) -> TurnResult:
    """The turn has failed."""
    dialect = context.settings.dialect
    rule = rule_for(failure, dialect.retry)
    reason = AgentFailure(message=rule.text(failure), info=rule.info(failure))
    if rule.fills_window and (window := context.settings.context_window):
        missing = max(window - context.usage.total_tokens, 0)
        context.usage = Usage(total_tokens=window)
        last = context.last_usage = Usage(total_tokens=missing)
        emit(WindowFilled(turn_id=progress.turn.id, last=last, thread=context.usage))
    if rule.log is not None:
        emit(LogLine(level="ERROR", target=dialect.toolset.fatal_log_target, message=rule.log))
    if rule.reaches_limit:
        note_limits(context, emit, reached_limit(dict(reversed(failure.headers))), reached=True)
    emit(
        TurnFailed(
            turn_id=progress.turn.id,
            # What a broken turn had said is not its result (captured).
            last_agent_message=None,
            failure=reason,
            started_at=progress.turn.started_at,
            completed_at=now,
            first_token_at=progress.first_token_at,
        )
    )
    return _result(context, progress, reason)


def _result(context: ContextManager, progress: Progress, failure: AgentFailure | None) -> TurnResult:
    anyone = context.settings.dialect.stream.any_message_is_final and failure is None
    return TurnResult(
        output_text=progress.last_message or "",
        items=tuple(progress.items),
        usage=progress.turn.usage,
        failure=failure,
        last_agent_message=progress.last_message if anyone else progress.final_message,
    )
