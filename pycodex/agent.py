"""AgentLoop: one turn. Sample the model, run the tools it calls, feed their outputs back, until it asks for nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pycodex.answer_heads import note_models, note_opened, note_served
from pycodex.call_runner import call_context, log_unanswered, output_of_cut, run_call
from pycodex.citations import shown
from pycodex.context import ContextManager, Turn
from pycodex.fullness import CONTEXT_LIMIT, due, due_before_turn
from pycodex.generated_images import record_image
from pycodex.hearing import hear, hear_entered
from pycodex.ids import uuid7
from pycodex.items import CALLS, SEARCHES, as_begun, text_of
from pycodex.late_servers import tell_of_late_servers
from pycodex.model import ModelClient, ModelRequest
from pycodex.plans import heard
from pycodex.progress import LONG, SHORT, Progress, Said, Sample, answer_ended
from pycodex.protocol import (
    ContextRecorded,
    Emit,
    Item,
    ItemBegan,
    ItemDone,
    LogLine,
    NotesRecorded,
    OutputRecorded,
    ReviewTurn,
    SampleFinished,
    SectionBegan,
    TextStreamed,
    TurnAborted,
    TurnResult,
    TurnStarted,
)
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
    Served,
    SummaryPart,
    TextDelta,
)
from pycodex.steering import Steering
from pycodex.time_reminder import TimeReminder, clock_failure
from pycodex.tools.base_tool import Allow, Approve, AskQuestions, ToolRegistry
from pycodex.turn_end import complete, count, fail
from pycodex.turnstile import Turnstile

if TYPE_CHECKING:
    from pycodex.compact_events import Phase
    from pycodex.crew.crew import Crew
    from pycodex.crew.team import Desk
    from pycodex.goals import Goals
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
        self.emit: Emit = emit or (lambda event: None)
        self.now = clock
        self._dialect = context_manager.settings.dialect
        self.plain = False
        """Whether the provider is asked by POST although it supports WebSockets."""
        self._turnstile = Turnstile()
        self._time = TimeReminder()
        self.guardian: Guardian | None = None
        self.crew: Crew | Desk | None = None
        """The other agents that it has begun."""
        self.goals: Goals | None = None
        """The goal of the thread, once it was asked for."""
        self.steering = Steering()
        """What is entered while a turn runs."""
        self.person: Approve | None = None
        """Who is asked whether an action may leave the sandbox."""
        self.person_beside: Allow | None = None  # the same for agents that it has begun
        self.questions: AskQuestions | None = None
        """Who answers the model's questions."""

    async def run_review(self, operation: ReviewTurn) -> TurnResult:
        """Let a sub-agent review something; the history keeps what it found. See `pycodex.reviewer`."""
        from pycodex.reviewer import Reviewer

        return await Reviewer(self, operation).run()

    async def run_compaction(self) -> TurnResult:
        """Let the model sum the thread up. Cancelled or failed, it leaves the history as it was."""
        progress = self._begin("", by="compact")
        try:
            failure = await self._compact(progress, "standalone_turn")
        except asyncio.CancelledError:
            self._abort(progress)
            raise
        return self._end(progress, failure)

    async def run_turn(
        self,
        text: str | None,
        images: Sequence[str] = (),
        *,
        parts: Sequence[str] = (),
        sources: Sequence[Mapping[str, Any]] = (),
        turn_id: str | None = None,
    ) -> TurnResult:
        """Run a turn on the user's text (and images, by path), to its end. `parts`: the text in several, `sources`: of
        what it is made, `turn_id`: its id, where that is known. Without a text it is what other agents have written.

        Cancelled, it leaves a history that can be gone on with.
        """
        if self.guardian is not None:
            self.guardian.begin_turn()
        said = Said(text=text or "", images=(*images,), parts=(*parts,), sources=(*sources,), silent=text is None)
        progress = self._begin(said.text, turn_id=turn_id)
        try:
            failure = clock_failure(self.context.settings) or await self._compact_before(progress, said)
            if failure is not None:
                return self._end(progress, failure)
            self._open(progress, said)
            while True:
                sample = await self._sample(progress)
                if sample.failure is not None:
                    return self._end(progress, sample.failure)
                await self._record_outputs(progress, sample)
                if self.guardian is not None and self.guardian.tripped:
                    raise asyncio.CancelledError
                more = self._needs_follow_up(sample)
                if (more or self.steering.waits) and (self.steering.takes_window() or due(self.context)):
                    failure = await self._compact(progress, "mid_turn")
                    if failure is not None:
                        return self._end(progress, failure)
                if not self._join(progress, more=more):
                    progress.final_message = sample.message
                    return self._end(progress)
        except asyncio.CancelledError:
            self._abort(progress)
            raise
        finally:
            self.steering.rest()

    def _begin(self, text: str, by: Literal["prompt", "compact"] = "prompt", turn_id: str | None = None) -> Progress:
        turn = Turn(id=turn_id or uuid7(), started_at=self.now())
        own = by == "prompt" and self.goals is not None and self.goals.attribute(turn)
        self.steering.begin(turn.id)
        started = TurnStarted(turn_id=turn.id, prompt=text, started_at=turn.started_at, by="goal" if own else by)
        self.emit(replace(started, after=turn.after))
        return Progress(turn=turn)

    def _end(self, progress: Progress, failure: Failure | None = None) -> TurnResult:
        if self.goals is not None:
            self.goals.end_turn(progress.turn.id, failed=failure is not None)
        if failure is not None:
            return fail(self.context, self.emit, progress, failure, self.now())
        return complete(self.context, self.emit, progress, self.now())

    async def _compact(self, progress: Progress, phase: Phase, reason: str = CONTEXT_LIMIT) -> Failure | None:
        from pycodex.remote_compaction import compaction_for

        return await compaction_for(self)(self, progress.turn, phase, reason).run()

    async def _compact_before(self, progress: Progress, said: Said) -> Failure | None:
        """A context that is full is compacted before the turn; None: it is not, or it was."""
        if (reason := due_before_turn(self.context)) is None:
            return None
        failure = await self._compact(progress, "pre_turn", reason)
        if failure is not None:
            style = self._dialect.compact
            if style.keeps_prompt:
                hear(self, progress.turn, said)
            target, message = style.failed
            self.emit(LogLine(level="ERROR", target=target, message=message))
        return failure

    def _open(self, progress: Progress, said: Said) -> None:
        context, initial = self.context.open_turn(self.tools.declarations())
        self.emit(ContextRecorded(turn_id=progress.turn.id, items=tuple(context), initial=initial))
        if self.goals is not None:
            self.goals.open_turn(progress.turn.id)
        progress.items += [] if said.silent else [hear(self, progress.turn, said)]
        self.steering.tell_mail(self, progress.turn.id)

    def _join(self, progress: Progress, *, more: bool) -> bool:
        """What was entered meanwhile joins the turn; whether it goes on, for that or because there is `more` to do."""
        self.steering.tell_notices(self, progress.turn.id)
        self.steering.tell_prefixes(self, progress.turn.id)
        entered = hear_entered(self, progress)
        if goes_on := more or entered:  # letters wait for the next turn else
            self.steering.tell_mail(self, progress.turn.id)
        return goes_on

    async def _sample(self, progress: Progress) -> Sample:
        """One answer of the model, asked for again as often as the dialect and the provider allow."""
        style = self._dialect.retry
        limit = min(self.context.settings.config.provider.stream_max_retries, style.stream_limit)
        retries = Retries(style=style, given_up=self._dialect.websocket.given_up, limit=limit)
        self._time.before_request(self, progress.turn.id)
        tell_of_late_servers(self, progress.turn.id)
        request = self._request(progress.turn)
        while True:
            sample = await self._attempt(progress, request)
            if sample.failure is None:
                return sample
            await self._settle_broken(progress, sample)
            rule = rule_for(sample.failure, style)
            if rule.guidance is not None:  # kept also when nothing is asked again (captured)
                note = self.context.record_guidance(rule.guidance)
                self.emit(NotesRecorded(turn_id=progress.turn.id, items=(note,)))
            retry = retries.after(sample.failure)
            if retry is None:
                return sample
            if retry.event is not None:
                self.emit(retry.event)
            await asyncio.sleep(retry.delay)
            self.plain = self.plain or retry.plain
            if self._dialect.stream.keep_finished_items:
                request = self._request(progress.turn)
            request = replace(request, plain=self.plain)

    def _request(self, turn: Turn) -> ModelRequest:
        log_unanswered(self.context, self.emit)
        return ModelRequest(
            context=self.context,
            turn=turn,
            tools=(tools := tuple(self.tools.declarations())),
            input=tuple(self.context.request_input(tools=tools)),
            plain=self.plain,
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
                    note_opened(self.context, self.emit, progress, sample, event)
                    await note_models(self.context.settings, self.emit, event)
                case Served():
                    note_served(self.context, self.emit, progress, event.model)
                case Logged():
                    self.emit(LogLine(level="ERROR", target=event.target, message=event.message))
                case FirstToken():
                    progress.first_token_at = progress.first_token_at or self.now()
                case TextDelta():
                    self.emit(TextStreamed(text=event.text))
                case SummaryPart():
                    self.emit(SectionBegan(turn_id=progress.turn.id))
                case OutputItemAdded():
                    self.emit(ItemBegan(turn_id=progress.turn.id, item=as_begun(event.item, self._dialect.items)))
                case OutputItem():
                    self._take(progress, sample, event.item, began=event.began)
                case Completed():
                    sample.completed = event
                    count(self.context, self.emit, progress.turn, event.response_id, event.usage)
                case Failure():
                    sample.failure = event
                    if event.usage is not None and rule_for(event, self._dialect.retry).counts:
                        count(self.context, self.emit, progress.turn, event.response_id, event.usage, complete=False)
                case _:
                    pass
        sample.ended.set()

    def _take(self, progress: Progress, sample: Sample, item: Item, *, began: bool) -> None:
        """A finished item joins the history; a call starts to run at once."""
        if (note := record_image(self.context, item)) is not None:
            self.emit(NotesRecorded(turn_id=progress.turn.id, items=(note,)))
        kept = self.context.record_model(item)
        if kept is not None and not began and kept["type"] in SEARCHES:  # captured: answers/broken_streams
            self.emit(ItemBegan(turn_id=progress.turn.id, item={**kept, "id": kept.get("id") or item.get("id")}))
        said, plan = heard(kept or item, sample, self.context.settings)
        told = ItemDone(turn_id=progress.turn.id, item=kept or item, at=self.now(), kept=bool(kept))
        self.emit(replace(told, id=item.get("id"), said=said, plan=plan))
        if kept is None:
            return
        progress.items.append(kept)
        if kept["type"] == "message" and kept.get("role") == "assistant":
            progress.last_message = text = shown(text_of(kept) if said is None else said)
            sample.message = text if text.strip() else sample.message
        if kept["type"] in CALLS and kept.get("call_id") is not None and self.tools.takes(kept):
            sample.begun[kept["call_id"]] = time.monotonic()
            sample.calls.append((kept, asyncio.create_task(self._run_tool(progress.turn, kept, sample))))

    async def _run_tool(self, turn: Turn, call: Item, sample: Sample) -> str | list[Item] | None:
        context = call_context(self, turn, call, answer_ended=lambda: answer_ended(sample, LONG))
        async with self._turnstile.enter(alone=self._runs_alone(call)):  # before the pause: calls go in their order
            await answer_ended(sample, SHORT)
            output = await run_call(self.tools, call, context, self._dialect.toolset)
            if self.goals is not None:
                self.goals.account()
            return output

    async def go_on(self, context: ContextManager) -> None:
        """Go on with another history of the thread: nothing is known of what this one had more."""
        guardian, self.guardian = self.guardian, None
        if guardian is not None:
            await guardian.aclose()
        self.context, self.steering = context, Steering()

    async def aclose(self) -> None:
        """Release what tools, model and sub-agents hold."""
        if self.crew is not None:
            await self.crew.aclose()
        await self.go_on(self.context)
        await self.tools.aclose()
        await self.model.aclose()

    def _runs_alone(self, call: Item) -> bool:
        """Whether no other call may run beside it (captures: tools/serial_calls, shell/shell_parallel)."""
        tool = self.tools.handler(call)
        if tool is not None and tool.parallel is not None:
            return not tool.parallel
        return call.get("name") not in self._dialect.toolset.parallel or not self.tools.offers(call["name"])

    async def _record_outputs(self, progress: Progress, sample: Sample, *, broken: bool = False) -> None:
        """Outputs join the history in the order of the calls, whichever tool finished first, each as soon as it is its
        turn (captured: signals/killed_second_call)."""
        for call, task in sample.calls:
            self._keep_output(progress, sample, call, await task)
        if not broken or sample.opened:  # over a WebSocket no more is told (captured: faults/random_websocket_call)
            self._settle(progress, sample)

    def _keep_output(self, progress: Progress, sample: Sample, call: Item, output: str | list[Item] | None) -> None:
        sample.recorded += 1
        if output is not None:
            item = self.context.record_output(call, output)
            progress.items.append(item)
            self.emit(OutputRecorded(turn_id=progress.turn.id, item=item, at=self.now()))

    def _settle(self, progress: Progress, sample: Sample) -> None:
        sample.settled = True
        self.emit(SampleFinished(turn_id=progress.turn.id))
        if sample.completed is not None:
            self.tools.answered(self.emit, progress.turn.id)

    def _abort(self, progress: Progress) -> None:
        """The turn is cancelled: calls that still run are cut off and answered, and the history says so."""
        sample, now = progress.sample, time.monotonic()
        if sample is not None and sample.answered and not sample.settled:
            style = self._dialect.toolset
            for call, task in sample.calls[sample.recorded :]:
                output = output_of_cut(self.tools, call, task, now - sample.begun[call["call_id"]], style)
                self._keep_output(progress, sample, call, output)
            self._settle(progress, sample)
        self.tools.interrupted()
        self.steering.drop_notices()
        item = self.context.record_aborted()
        turn = progress.turn
        self.emit(TurnAborted(turn_id=turn.id, item=item, started_at=turn.started_at, completed_at=self.now()))

    async def _settle_broken(self, progress: Progress, sample: Sample) -> None:
        """The calls of an answer that broke off: awaited and kept, or dropped."""
        if not self._dialect.stream.keep_finished_items:
            for _, task in sample.calls:
                task.cancel()
            return
        await self._record_outputs(progress, sample, broken=True)

    def _needs_follow_up(self, sample: Sample) -> bool:
        more = sample.completed is not None and sample.completed.end_turn is False
        return bool(sample.calls) or (more and self._dialect.stream.end_turn_false_continues)
