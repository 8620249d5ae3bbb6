"""One turn on one session: what `exec` and the plain prompt have in common."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, TextIO

from pycodex.events import log_line
from pycodex.protocol import (
    CommandAbandoned,
    Event,
    Interrupt,
    LogLine,
    NothingAsked,
    ReviewTurn,
    Shutdown,
    ThreadStarted,
    TurnCompleted,
    UserTurn,
    WarningRaised,
)

if TYPE_CHECKING:
    from pycodex.protocol import TurnResult
    from pycodex.review import Target
    from pycodex.session import Session
    from pycodex.settings import Settings

__all__ = ["Unprintable", "open_only", "refused_review", "run_turn", "say", "say_error", "writer"]


def say(text: str) -> None:
    """A line on stderr. Raises Unprintable."""
    writer(sys.stderr)(f"{text}\n")


def say_error(target: str, message: str) -> None:
    """A line of the log on stderr. Raises Unprintable."""
    say(log_line(LogLine(level="ERROR", target=target, message=message), time.time()))


class Unprintable(Exception):
    """What there is to print cannot be printed; the message says where and why."""


def writer(stream: TextIO) -> Callable[[str], None]:
    """Writes text to a stream as UTF-8, whatever the locale says, and at once. Raises Unprintable: where nobody reads
    any more, or the disk is full."""

    def out(text: str) -> None:
        try:
            stream.buffer.write(text.encode(errors="surrogateescape"))
            stream.buffer.flush()
        except OSError as error:
            name = stream.name.strip("<>")
            raise Unprintable(f"failed printing to {name}: {error.strerror} (os error {error.errno})") from error

    return out


def open_only(session: Session, printer: Callable[[Event], None]) -> None:
    """Begin the thread and close it again: a fork without a prompt (captured: rollout/fork)."""
    thread = session.context.thread
    started = ThreadStarted(thread_id=thread.id, resumed=thread.resumed)
    events: list[Event] = [started, *session.all_warnings(), NothingAsked()]
    for event in events:
        session.writer(event)
        printer(event)
    session.writer.close()


def refused_review(session: Session, target: Target, printer: Callable[[Event], None]) -> str | None:
    """Why there is nothing to review; then the thread has begun for people, and there is no other trace of it."""
    from pycodex import review

    style = session.context.settings.dialect.review
    if (problem := review.problem(target)) is None:
        return None
    printer(ThreadStarted(thread_id=session.context.thread.id, resumed=False))
    printer(NothingAsked(prompt=review.hint(target, style), ready=style.begins_turn))
    return style.refusal.format(problem=problem)


def _offer_kept_fresh(settings: Settings) -> AbstractAsyncContextManager[None]:
    """The models that the provider offered are asked for again meanwhile, where those that were kept are used."""
    if not settings.offer_kept:
        return contextlib.nullcontext()
    from pycodex.offered_models import refreshed

    return refreshed(settings)


async def run_turn(
    settings: Settings,
    session: Session,
    asked: UserTurn | ReviewTurn,
    printer: Callable[[Event], None],
    *,
    colors: bool = False,
) -> TurnResult | None:
    """Run what is asked as the session's next turn and close the session. None: SIGINT ended it."""
    from pycodex.agent import AgentLoop
    from pycodex.api import builtin_tools
    from pycodex.cli.signals import handle_signals
    from pycodex.model import ResponsesModelClient
    from pycodex.records import replace
    from pycodex.runtime import AgentRuntime

    notify = None
    if program := settings.config.raw.get("notify"):
        from pycodex.notify import Notifier

        notify = Notifier(program, session.context)

    ended: list[TurnCompleted] = []

    def emit(event: Event) -> None:
        session.writer(event)
        if (trouble := session.writer.trouble()) is not None:
            emit(WarningRaised(message=trouble))
        if isinstance(event, TurnCompleted):
            ended.append(event)
            if notify is not None:
                notify(event)
        if isinstance(event, LogLine):
            say(log_line(event, time.time(), colors=colors))
        printer(event)
        abandoned = settings.dialect.toolset.abandoned_log
        if isinstance(event, CommandAbandoned) and abandoned is not None:
            target, text = abandoned
            text = text.format(thread_id=session.context.thread.id)
            emit(LogLine(level="ERROR", target=target, message=text))

    client = settings.dialect.client
    wanted = settings.environment.get(client.originator_variable)
    if wanted is not None and wanted != settings.originator:
        target, text = client.originator_log
        emit(LogLine(level="ERROR", target=target, message=text.format(value=wanted)))
    if settings.dialect.skills.broken_link is not None:
        target, text = settings.dialect.skills.broken_link
        for path in settings.skills.broken_links:
            emit(LogLine(level="ERROR", target=target, message=text.format(path=path)))
    for path, problem in settings.skills.problems:
        text = f"failed to load skill {path}: {problem}"
        emit(LogLine(level="ERROR", target=settings.dialect.cli.skill_log_target, message=text))
    if settings.docs.failure is not None and settings.dialect.docs.failure_log is not None:
        from pycodex.rust import os_error

        target, text = settings.dialect.docs.failure_log
        emit(LogLine(level="ERROR", target=target, message=text.format(error=os_error(settings.docs.failure))))
    emit(ThreadStarted(thread_id=session.context.thread.id, resumed=session.context.thread.resumed))
    for text in session.damaged:
        say(f"warning: {text}")
    style = settings.dialect.review
    if isinstance(asked, ReviewTurn) and style.begins_turn:
        asked = replace(asked, warnings=tuple(session.all_warnings()))
    else:
        for warning in session.all_warnings():
            emit(warning)
    settings = session.context.settings
    tools = builtin_tools(settings, emit)
    if settings.mcp is not None:
        settings.mcp.emit = emit
        tools.adopt(settings.mcp)
    loop = AgentLoop(ResponsesModelClient(settings), tools, session.context, emit=emit)
    if session.context.thread.resumed and not isinstance(asked, ReviewTurn):
        from pycodex.goals import Goals

        Goals.take_up(loop)
    runtime = AgentRuntime(loop)

    def interrupt() -> None:
        if style.interruptible or not isinstance(asked, ReviewTurn):
            runtime.submit(Interrupt())

    handle_signals(interrupt=interrupt, kill=tools.kill)
    running = asyncio.create_task(runtime.run())
    gc.freeze()  # what is there by now stays; the collector rested since the start
    gc.enable()
    turn = runtime.submit(asked)
    try:
        async with _offer_kept_fresh(settings):
            await asyncio.wait({turn})
        if loop.goals is not None and ended:
            loop.goals.break_off(session.writer)
        return None if turn.cancelled() else turn.result()
    finally:
        runtime.submit(Shutdown())
        with contextlib.suppress(asyncio.CancelledError):
            await running
        if settings.mcp is not None:
            await settings.mcp.aclose()
        await loop.model.aclose()
        session.writer.close()
        if notify is not None:
            notify.close()
