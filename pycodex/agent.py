"""AgentLoop: one turn. Sample the model, run the tools it calls, feed their outputs back, until it asks for nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.call_runner import output_of_cut, run_call
from pycodex.context import ContextManager, Turn
from pycodex.ids import uuid7
from pycodex.items import CALLS, text_of, unanswered
from pycodex.model import ModelClient, ModelRequest
from pycodex.progress import Progress, Sample, answer_ended
from pycodex.protocol import (
    ContextRecorded,
    Emit,
    Item,
    ItemBegan,
    ItemDone,
    LogLine,
    NotesRecorded,
    OutputRecorded,
    ReminderRecorded,
    ReviewTurn,
    SampleDone,
    SampleFinished,
    SampleStarted,
    SectionBegan,
    TextStreamed,
    TurnAborted,
    TurnResult,
    TurnStarted,
    Usage,
    UserMessageRecorded,
)
from pycodex.rate_limits import read_limits
from pycodex.records import replace
from pycodex.retries import Retries, rule_for
from pycodex.sampling import (
    Completed,
    Failure,
    FirstToken,
    Logged,
    Opened,
    OutputItem,
    OutputItemAdded,
    SummaryPart,
    TextDelta,
)
from pycodex.steering import Steering, note_command
from pycodex.tools.base_tool import Approve, AskPerson, AskQuestions, ToolContext, ToolRegistry
from pycodex.turn_end import complete, fail, note_limits
from pycodex.turnstile import Turnstile

if TYPE_CHECKING:
    from pycodex.guardian import Guardian

__all__ = ["AgentLoop"]


class AgentLoop:
    """Runs turns on one thread. Events go to `emit`; a failure of the model is a result, never an exception."""

    def __init__(
        self,
        model: ModelClient,
        tools: ToolRegistry,
        context_manager: ContextManager,
        *,
        emit: Emit | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.model = model
        self.tools = tools
        self.context = context_manager
        self._emit: Emit = emit or (lambda event: None)
        self._clock = clock
        self._dialect = context_manager.settings.dialect
        self._plain = False
        self._turnstile = Turnstile()
        self._guardian: Guardian | None = None
        self.steering = Steering()
        """What is entered while a turn runs."""
        self.person: AskPerson | None = None
        """Who is asked whether an action may leave the sandbox."""
        self.questions: AskQuestions | None = None
        """Who answers the model's questions."""

    @property
    def emit(self) -> Emit:
        """Where events go."""
        return self._emit

    async def run_review(self, operation: ReviewTurn) -> TurnResult:
        """Let a sub-agent review something; the history keeps what it found. See `pycodex.reviewer`."""
        from pycodex.reviewer import Reviewer

        return await Reviewer(self, operation).run()

    async def run_turn(
        self,
        text: str,
        images: Sequence[str] = (),
        *,
        parts: Sequence[str] = (),
        sources: Sequence[Mapping[str, Any]] = (),
    ) -> TurnResult:
        """Run a turn on the user's text (and images, by path), to its end. `parts`: the text in several, `sources`: of
        what it is made.

        Cancelled, it leaves a history that can be gone on with.
        """
        if self._guardian is not None:
            self._guardian.begin_turn()
        progress = self._begin(text, images, parts, sources)
        try:
            while True:
                sample = await self._sample(progress)
                if sample.failure is not None:
                    return fail(self.context, self._emit, progress, sample.failure, self._clock())
                await self._record_outputs(progress, sample)
                if self._guardian is not None and self._guardian.tripped:
                    raise asyncio.CancelledError
                if not self._join(progress) and not self._needs_follow_up(sample):
                    progress.final_message = sample.message
                    return complete(self.context, self._emit, progress, self._clock())
        except asyncio.CancelledError:
            self._abort(progress)
            raise

    def _begin(
        self, text: str, images: Sequence[str], parts: Sequence[str], sources: Sequence[Mapping[str, Any]]
    ) -> Progress:
        turn = Turn(id=uuid7(), started_at=self._clock())
        self._emit(TurnStarted(turn_id=turn.id, prompt=text, started_at=turn.started_at))
        context, initial = self.context.open_turn(self.tools.declarations())
        self._emit(ContextRecorded(turn_id=turn.id, items=tuple(context), initial=initial))
        item = self._hear(turn, text, images, parts, sources)
        return Progress(turn=turn, items=[item])

    def _hear(
        self,
        turn: Turn,
        text: str,
        images: Sequence[str] = (),
        parts: Sequence[str] = (),
        sources: Sequence[Mapping[str, Any]] = (),
        *,
        joined: bool = False,
    ) -> Item:
        """What the user says joins the history, and the skills that it names."""
        item = self.context.record_user(text, images, parts)
        self._emit(
            UserMessageRecorded(
                turn_id=turn.id,
                item=item,
                text=text,
                images=tuple(images),
                at=self._clock(),
                parts=tuple(parts),
                sources=tuple(sources),
                skills=self.context.named_skills(text),
                joined=joined,
            )
        )
        # What joins a turn names no skill (captured: interactive/steer_skill).
        if not joined and (named := self.context.record_skills(text)):
            self._emit(NotesRecorded(turn_id=turn.id, items=tuple(named)))
        return item

    def _join(self, progress: Progress) -> bool:
        """What was entered meanwhile joins the turn; whether there was anything."""
        self.steering.tell_prefixes(self, progress.turn.id)
        notes, texts = self.steering.take_notes(), self.steering.take()
        for note in notes:
            note_command(self, progress.turn.id, note)
        progress.items += [self._hear(progress.turn, text, joined=True) for text in texts]
        return bool(texts or notes)

    async def _sample(self, progress: Progress) -> Sample:
        """One answer of the model, asked for again as often as the dialect and the provider allow."""
        style = self._dialect.retry
        limit = min(self.context.settings.config.provider.stream_max_retries, style.stream_limit)
        retries = Retries(style=style, given_up=self._dialect.websocket.given_up, limit=limit)
        request = self._request(progress.turn)
        while True:
            sample = await self._attempt(progress, request)
            if sample.failure is None:
                return sample
            await self._settle_broken(progress, sample)
            rule = rule_for(sample.failure, style)
            if rule.guidance is not None:  # kept also when nothing is asked again (captured)
                note = self.context.record_guidance(rule.guidance)
                self._emit(NotesRecorded(turn_id=progress.turn.id, items=(note,)))
            retry = retries.after(sample.failure)
            if retry is None:
                return sample
            if retry.event is not None:
                self._emit(retry.event)
            await asyncio.sleep(retry.delay)
            self._plain = self._plain or retry.plain
            if self._dialect.stream.keep_finished_items:
                request = self._request(progress.turn)
            request = replace(request, plain=self._plain)

    def _request(self, turn: Turn) -> ModelRequest:
        for call in unanswered(self.context.history):
            # Only custom calls are logged (captured).
            if call["type"] == "custom_tool_call":
                text = f"Custom tool call output is missing for call id: {call['call_id']}"
                target = self._dialect.toolset.fatal_log_target
                self._emit(LogLine(level="ERROR", target=target, message=text))
        return ModelRequest(
            context=self.context,
            turn=turn,
            tools=tuple(self.tools.declarations()),
            input=tuple(self.context.request_input()),
            plain=self._plain,
        )

    async def _attempt(self, progress: Progress, request: ModelRequest) -> Sample:
        sample = progress.sample = Sample()
        reading = self._read(progress, sample, request)
        if self._dialect.stream.input_cuts_answer in self.context.settings.features:
            await self.steering.until_come(reading)
            sample.cut = not sample.ended.is_set()
        else:
            await reading
        if sample.completed is None and sample.failure is None and not sample.cut:
            sample.failure = Failure(kind="closed", detail="stream closed before response.completed")
        return sample

    async def _read(self, progress: Progress, sample: Sample, request: ModelRequest) -> None:
        async for event in self.model.stream(request):
            match event:
                case Opened():
                    state = dict(event.headers).get("x-codex-turn-state")
                    progress.turn.state = progress.turn.state or state
                    sample.opened = not event.websocket
                    for limits in () if event.websocket else read_limits(dict(reversed(event.headers))):
                        note_limits(self.context, self._emit, limits)  # a WebSocket's head says none (captured)
                    self._emit(SampleStarted(turn_id=progress.turn.id))
                case Logged():
                    self._emit(LogLine(level="ERROR", target=event.target, message=event.message))
                case FirstToken():
                    progress.first_token_at = progress.first_token_at or self._clock()
                case TextDelta():
                    self._emit(TextStreamed(text=event.text))
                case SummaryPart():
                    self._emit(SectionBegan(turn_id=progress.turn.id))
                case OutputItemAdded():
                    self._emit(ItemBegan(turn_id=progress.turn.id, item=event.item))
                case OutputItem():
                    self._take(progress, sample, event.item)
                case Completed():
                    sample.completed = event
                    self._count(progress.turn, event.response_id, event.usage)
                case Failure():
                    sample.failure = event
                    if event.usage is not None and rule_for(event, self._dialect.retry).counts:
                        self._count(progress.turn, event.response_id, event.usage, complete=False)
                case _:
                    pass
        sample.ended.set()

    def _take(self, progress: Progress, sample: Sample, item: Item) -> None:
        """A finished item joins the history; a call starts to run at once."""
        kept = self.context.record_model(item)
        self._emit(
            ItemDone(
                turn_id=progress.turn.id,
                item=kept or item,
                at=self._clock(),
                kept=kept is not None,
                id=item.get("id"),
            )
        )
        if kept is None:
            return
        progress.items.append(kept)
        if kept["type"] == "message" and kept.get("role") == "assistant":
            progress.last_message = text = text_of(kept)
            sample.message = text if text.strip() else sample.message
        if kept["type"] in CALLS and self.tools.takes(kept):
            sample.begun[kept["call_id"]] = time.monotonic()
            sample.calls.append((kept, asyncio.create_task(self._run_tool(progress.turn, kept, sample))))

    def _count(self, turn: Turn, response_id: str, usage: Usage | None, *, complete: bool = True) -> None:
        told = usage is not None
        usage = usage or Usage()
        turn.usage += usage
        self.context.usage += usage
        self._emit(
            SampleDone(
                turn_id=turn.id,
                response_id=response_id,
                usage=usage,
                turn=turn.usage,
                thread=self.context.usage,
                complete=complete,
                told=told,
            )
        )

    async def _run_tool(self, turn: Turn, call: Item, sample: Sample) -> str | list[Item] | None:
        settings = self.context.settings
        context = ToolContext(
            call_id=call["call_id"],
            cwd=settings.cwd,
            env={**settings.environment, **self._dialect.toolset.environment(settings)},
            sandbox=settings.sandbox,
            emit=self._emit,
            thread_id=self.context.thread.id,
            session_id=parent.session_id if (parent := self.context.thread.parent) is not None else None,
            turn_id=turn.id,
            shell=settings.shell,
            remind=lambda text: self._remind(turn, text),
            answer_ended=lambda: answer_ended(sample),
            ask=self.questions,
            plans=settings.collaboration == "plan",
            approval_policy=settings.approval_policy,
            approve=self._approver(turn, call["call_id"]),
            rules=settings.rules,
        )
        async with self._turnstile.enter(alone=self._runs_alone(call)):
            return await run_call(self.tools, call, context, self._dialect.toolset)

    def _approver(self, turn: Turn, call_id: str) -> Approve | None:
        """Who is asked whether an action may leave the sandbox."""
        style, person = self._dialect.guardian, self.person
        if not self.context.settings.auto_review or style is None:
            return None if person is None else lambda action, reason: person(call_id, action, reason)
        from pycodex.guardian import Guardian

        self._guardian = guardian = self._guardian or Guardian(self, style)
        return lambda action, reason: guardian.decide(turn, action, reason)

    async def aclose(self) -> None:
        """Release what tools, model and sub-agents hold."""
        if self._guardian is not None:
            await self._guardian.aclose()
        await self.tools.aclose()
        await self.model.aclose()

    def _runs_alone(self, call: Item) -> bool:
        """Whether no other call may run beside it (captures: tools/serial_calls, shell/shell_parallel)."""
        return call.get("name") not in self._dialect.toolset.parallel or not self.tools.declares(call["name"])

    def _remind(self, turn: Turn, text: str) -> None:
        item = self.context.record_user(text)
        self._emit(ReminderRecorded(turn_id=turn.id, item=item))

    async def _record_outputs(self, progress: Progress, sample: Sample) -> None:
        """Outputs join the history in the order of the calls, whichever tool finished first, each as soon as it is its
        turn (captured: signals/killed_second_call)."""
        for call, task in sample.calls:
            self._keep_output(progress, sample, call, await task)
        self._settle(progress, sample)

    def _keep_output(self, progress: Progress, sample: Sample, call: Item, output: str | list[Item] | None) -> None:
        sample.recorded += 1
        if output is not None:
            item = self.context.record_output(call, output)
            progress.items.append(item)
            self._emit(OutputRecorded(turn_id=progress.turn.id, item=item, at=self._clock()))

    def _settle(self, progress: Progress, sample: Sample) -> None:
        sample.settled = True
        self._emit(SampleFinished(turn_id=progress.turn.id))
        if sample.completed is not None:
            self.tools.answered(self._emit, progress.turn.id)

    def _abort(self, progress: Progress) -> None:
        """The turn is cancelled: calls that still run are cut off and answered, and the history says so."""
        sample, now = progress.sample, time.monotonic()
        if sample is not None and not sample.settled:
            for call, task in sample.calls[sample.recorded :]:
                output = output_of_cut(call, task, now - sample.begun[call["call_id"]], self._dialect.toolset)
                self._keep_output(progress, sample, call, output)
            self._settle(progress, sample)
        item = self.context.record_aborted()
        turn = progress.turn
        self._emit(TurnAborted(turn_id=turn.id, item=item, started_at=turn.started_at, completed_at=self._clock()))

    async def _settle_broken(self, progress: Progress, sample: Sample) -> None:
        """The calls of an answer that broke off: awaited and kept, or dropped."""
        if not self._dialect.stream.keep_finished_items:
            for _, task in sample.calls:
                task.cancel()
            return
        if sample.opened or sample.calls:
            await self._record_outputs(progress, sample)

    def _needs_follow_up(self, sample: Sample) -> bool:
        more = sample.completed is not None and sample.completed.end_turn is False
        return bool(sample.calls) or (more and self._dialect.stream.end_turn_false_continues)
