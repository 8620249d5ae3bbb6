"""A review in a thread: a sub-agent does it, people are told what it does, the thread keeps what it found.

As codex-cli does it (captures: review/*). What the thread knew before is not told to the sub-agent, and what the
sub-agent did is not kept in the thread's history: only the review is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import review, session
from pycodex.context import Thread
from pycodex.ids import uuid7
from pycodex.model import model_beside
from pycodex.protocol import (
    AgentFailure,
    ContextRecorded,
    Event,
    FailureTold,
    ItemDone,
    LogLine,
    NotesRecorded,
    OutputRecorded,
    RateLimitsRead,
    ReminderRecorded,
    ReviewEnded,
    ReviewStarted,
    ReviewTurn,
    SampleDone,
    SampleFinished,
    SampleStarted,
    SubagentOpened,
    SubagentTold,
    ThreadStarted,
    TurnAborted,
    TurnCompleted,
    TurnFailed,
    TurnResult,
    Usage,
    WindowFilled,
)
from pycodex.records import replace
from pycodex.subagents import Parent, Subagent

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.settings import Settings

__all__ = ["Reviewer", "reviewing_settings"]

_UNTOLD = (
    ThreadStarted
    | ContextRecorded
    | NotesRecorded
    | OutputRecorded
    | ReminderRecorded
    | RateLimitsRead
    | SampleStarted
    | SampleDone
    | SampleFinished
    | WindowFilled
    | TurnAborted
)
"""What of a sub-agent is its own business."""


def reviewing_settings(settings: Settings) -> Settings:
    """The settings of the sub-agent that reviews: `review_model` if there is one, other instructions, fewer tools."""
    style = settings.dialect.review
    made = replace(
        settings,
        config=replace(settings.config, web_search="disabled"),
        subagent=Subagent(
            kind="review",
            instructions=settings.data.text("review.guidelines.md"),
            features_off=style.features_off,
        ),
        output_schema=None,
        auto_review=False,
        approvals_reviewer="user",
    )
    slug = settings.config.review_model
    if slug is None or slug == settings.model.slug:
        return made
    model, listed = settings.data.model(slug, settings.dialect.models.fallback, settings.catalog)
    return replace(made, model=model, model_listed=listed)


class Reviewer:
    """Runs one review in the thread of a loop."""

    def __init__(self, loop: AgentLoop, operation: ReviewTurn) -> None:
        self._loop = loop
        self._context = loop.context
        self._settings = loop.context.settings
        self._style = self._settings.dialect.review
        self._operation = operation
        self._target = review.normal(operation.target)
        self._turn_id = uuid7()
        self._held: SubagentTold | None = None
        """The sub-agent's last message, until it is known not to be the review itself."""
        self._failure: AgentFailure | None = None
        self._answer: str | None = None
        """What the sub-agent's last answer said, if it said something."""

    async def run(self) -> TurnResult:
        """Run the review to its end. Cancelled, it leaves a history that can be gone on with."""
        started_at = time.time()
        self._loop.emit(
            ReviewStarted(
                turn_id=self._turn_id,
                target=review.described(self._target),
                hint=review.hint(self._target, self._style),
                shown=review.hint(self._operation.target, self._style),
                at=started_at,
            )
        )
        for warning in self._operation.warnings:
            self._loop.emit(warning)
        try:
            answer = await self._ask()
        except asyncio.CancelledError:
            self._end(None)
            item = self._context.record_aborted()
            now = time.time()
            self._loop.emit(TurnAborted(turn_id=self._turn_id, item=item, started_at=started_at, completed_at=now))
            raise
        found = None if answer is None else review.parse(answer, self._settings.dialect.arguments)
        text = self._end(found)
        self._loop.emit(self._ending(started_at))
        return TurnResult(
            output_text=text,
            items=tuple(self._context.history[-2:]),
            usage=Usage(),
            failure=self._failure,
            last_agent_message=text if self._style.is_final else None,
            review=found,
        )

    def _ending(self, started_at: float) -> Event:
        times: dict[str, Any] = {"started_at": started_at, "completed_at": time.time(), "first_token_at": None}
        turn: dict[str, Any] = {"turn_id": self._turn_id, "last_agent_message": None, **times}
        if self._failure is not None:
            return TurnFailed(failure=self._failure, told=True, **turn)
        return TurnCompleted(usage=self._context.usage, **turn)

    async def _ask(self) -> str | None:
        """The answer of the sub-agent, None without one."""
        from pycodex.agent import AgentLoop
        from pycodex.api import builtin_tools

        settings = reviewing_settings(self._settings)
        opened = session.begin(settings, self._context.git, self._thread())

        def emit(event: Event) -> None:
            self._tell(event, opened.writer(event))

        # What the configuration is warned of is told once here, not twice (captured: review/warnings).
        told = opened.all_warnings()[len(settings.config.warnings) :]
        self._loop.emit(SubagentOpened(warnings=tuple(told)))
        model = model_beside(self._loop.model, settings)
        tools = builtin_tools(settings, emit)
        self._loop.tools.adopt(tools)
        child = AgentLoop(model, tools, opened.context, emit=emit)
        try:
            await child.run_turn(await review.prompt(self._target, settings))
        finally:
            self._loop.tools.part_from(tools)
            await tools.aclose()
            if model is not self._loop.model:
                await model.aclose()
            opened.writer.close()
        return self._answer

    def _thread(self) -> Thread:
        """The thread of the sub-agent."""
        parent = self._context.thread
        session_id = parent.session_id or parent.id
        began = Parent(
            thread_id=parent.id,
            session_id=session_id,
            turn_id=self._turn_id,
            root_turn_id=self._turn_id,
            kind="review",
        )
        made = Thread.new(parent.installation_id, "subagent")
        return replace(made, session_id=session_id if self._style.shares_session else None, parent=began)

    def _tell(self, event: Event, records: Sequence[Mapping[str, Any]]) -> None:
        """Pass on what happened in the thread of the sub-agent, as far as it is told."""
        if isinstance(event, LogLine):
            self._loop.emit(event)
        elif isinstance(event, TurnCompleted):
            self._answer = event.last_agent_message
        elif isinstance(event, TurnFailed):
            self._failure = event.failure
            self._loop.emit(FailureTold(failure=event.failure))
        elif isinstance(event, ItemDone) and event.item["type"] == "message":
            if self._style.tells_messages:
                if self._held is not None:
                    self._loop.emit(self._held)
                self._held = SubagentTold(event=event, records=records)
        elif not isinstance(event, _UNTOLD):
            item = getattr(event, "item", None) or {}
            for _ in range(2 if item.get("type") in self._style.tells_twice else 1):
                self._loop.emit(SubagentTold(event=event, records=records))

    def _end(self, found: review.Review | None) -> str:
        """The thread keeps what was found; what it says of that."""
        data, style = self._settings.data, self._style
        if found is None:
            words, text = data.text("review.interrupted.md"), style.no_answer
        else:
            words = data.text("review.exited.md").replace("{results}", review.results(found, style))
            text = review.told(found, style)
        ended = ReviewEnded(
            turn_id=self._turn_id,
            review=None if found is None else found.record(),
            user_item=self._context.record_user(words),
            item=self._context.record_answer(text),
            text=text,
            at=time.time(),
        )
        self._loop.emit(ended)
        return text
