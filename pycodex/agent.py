"""AgentLoop: one turn. Sample the model, run the tools it calls, feed their outputs back, until it asks for nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from pycodex.context import ContextManager, Turn
from pycodex.ids import uuid7
from pycodex.items import CALLS, text_of, unanswered
from pycodex.model import ModelClient, ModelRequest, backoff, rule_for
from pycodex.protocol import (
    AgentFailure,
    ContextRecorded,
    Emit,
    Event,
    Item,
    ItemBegan,
    ItemDone,
    LogLine,
    OutputRecorded,
    SampleDone,
    SampleFinished,
    SampleStarted,
    SectionBegan,
    SkillsRecorded,
    StreamRetry,
    TurnAborted,
    TurnCompleted,
    TurnFailed,
    TurnResult,
    TurnStarted,
    Usage,
    UserMessageRecorded,
    WindowFilled,
)
from pycodex.records import dataclass, field
from pycodex.sampling import Completed, Failure, FirstToken, Opened, OutputItem, OutputItemAdded, SummaryPart
from pycodex.tools.base_tool import IncompatiblePayload, ToolContext, ToolError, ToolRegistry

__all__ = ["AgentLoop"]


@dataclass(kw_only=True)
class _Sample:
    """One answer: the calls it made (with their running tools), and how it ended."""

    calls: list[tuple[Item, asyncio.Task[str | list[Item] | None]]] = field(default_factory=list)
    begun: dict[str, float] = field(default_factory=dict)
    """When each call began, on the monotonic clock."""
    recorded: bool = False
    """Whether the outputs are in the history."""
    opened: bool = False
    message: str | None = None
    """The last message that says something."""
    completed: Completed | None = None
    failure: Failure | None = None


@dataclass(kw_only=True)
class _Progress:
    """What a turn has brought so far."""

    turn: Turn
    items: list[Item] = field(default_factory=list)
    last_message: str | None = None
    """The text of the last message, whichever answer it was in."""
    final_message: str | None = None
    """The message of the last answer, once the turn is complete."""
    first_token_at: float | None = None
    sample: _Sample | None = None


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

    async def run_turn(self, text: str, images: Sequence[str] = ()) -> TurnResult:
        """Run a turn on the user's text (and images, by path), to its end.

        Cancelled, it leaves a history that can be gone on with.
        """
        progress = self._begin(text, images)
        try:
            while True:
                sample = await self._sample(progress)
                if sample.failure is not None:
                    return self._fail(progress, sample.failure)
                await self._record_outputs(progress, sample)
                if not self._needs_follow_up(sample):
                    progress.final_message = sample.message
                    return self._complete(progress)
        except asyncio.CancelledError:
            self._abort(progress)
            raise

    def _begin(self, text: str, images: Sequence[str]) -> _Progress:
        turn = Turn(id=uuid7(), started_at=self._clock())
        self._emit(TurnStarted(turn_id=turn.id, prompt=text, started_at=turn.started_at))
        context, initial = self.context.open_turn(self.tools.declarations())
        self._emit(ContextRecorded(turn_id=turn.id, items=tuple(context), initial=initial))
        item = self.context.record_user(text, images)
        self._emit(UserMessageRecorded(turn_id=turn.id, item=item, text=text, images=tuple(images), at=self._clock()))
        if named := self.context.record_skills(text):
            self._emit(SkillsRecorded(turn_id=turn.id, items=tuple(named)))
        return _Progress(turn=turn, items=[item])

    async def _sample(self, progress: _Progress) -> _Sample:
        """One answer of the model, asked for again as often as the dialect and the provider allow."""
        style = self._dialect.retry
        limit = min(self.context.settings.config.provider.stream_max_retries, style.stream_limit)
        attempt = 0
        request = self._request(progress.turn)
        while True:
            sample = await self._attempt(progress, request)
            if sample.failure is None:
                return sample
            await self._settle_broken(progress, sample)
            rule = rule_for(sample.failure, style)
            if not rule.stream or attempt >= limit:
                return sample
            attempt += 1
            delay = backoff(attempt, sample.failure, style)
            self._emit(StreamRetry(message=rule.text(sample.failure), attempt=attempt, limit=limit, delay=delay))
            await asyncio.sleep(delay)
            if self._dialect.stream.keep_finished_items:
                request = self._request(progress.turn)

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
        )

    async def _attempt(self, progress: _Progress, request: ModelRequest) -> _Sample:
        sample = progress.sample = _Sample()
        async for event in self.model.stream(request):
            match event:
                case Opened():
                    state = dict(event.headers).get("x-codex-turn-state")
                    progress.turn.state = progress.turn.state or state
                    sample.opened = True
                    self._emit(SampleStarted(turn_id=progress.turn.id))
                case FirstToken():
                    progress.first_token_at = progress.first_token_at or self._clock()
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
                    if event.usage is not None and self._dialect.stream.incomplete_counts:
                        self._count(progress.turn, event.response_id, event.usage, complete=False)
                case _:
                    pass
        if sample.completed is None and sample.failure is None:
            sample.failure = Failure(kind="closed", detail="stream closed before response.completed")
        return sample

    def _take(self, progress: _Progress, sample: _Sample, item: Item) -> None:
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
        if kept["type"] in CALLS:
            sample.begun[kept["call_id"]] = time.monotonic()
            sample.calls.append((kept, asyncio.create_task(self._run_tool(progress.turn, kept))))

    def _count(self, turn: Turn, response_id: str, usage: Usage | None, *, complete: bool = True) -> None:
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
            )
        )

    async def _run_tool(self, turn: Turn, call: Item) -> str | list[Item] | None:
        settings = self.context.settings
        context = ToolContext(
            call_id=call["call_id"],
            cwd=settings.cwd,
            env={**settings.environment, **self._dialect.toolset.environment(settings)},
            sandbox=settings.sandbox,
            emit=self._emit,
            thread_id=self.context.thread.id,
            turn_id=turn.id,
            shell=settings.shell,
            approval_policy=settings.approval_policy,
            rules=settings.rules,
        )
        try:
            return (await self.tools.dispatch(call, context)).content
        except ToolError as error:
            if self._dialect.toolset.log_errors:
                target = self._dialect.toolset.log_target
                self._emit(LogLine(level="ERROR", target=target, message=f"error={error}"))
            return str(error)
        except IncompatiblePayload as error:
            style = self._dialect.toolset
            fatal = f"Fatal error: {error}"
            self._emit(LogLine(level="ERROR", target=style.log_target, message=f"error={fatal}"))
            text = f"in-flight tool future failed during drain: {fatal}"
            self._emit(LogLine(level="ERROR", target=style.fatal_log_target, message=text))
            return None

    async def _record_outputs(self, progress: _Progress, sample: _Sample) -> None:
        """Outputs join the history in the order of the calls, whichever tool finished first (captured)."""
        # All of them first: an interrupt then finds either none recorded or every one.
        outputs = [await task for _, task in sample.calls]
        self._keep_outputs(progress, sample, outputs)

    def _keep_outputs(self, progress: _Progress, sample: _Sample, outputs: Sequence[str | list[Item] | None]) -> None:
        sample.recorded = True
        for (call, _), output in zip(sample.calls, outputs, strict=True):
            if output is None:
                continue
            item = self.context.record_output(call, output)
            progress.items.append(item)
            self._emit(OutputRecorded(turn_id=progress.turn.id, item=item, at=self._clock()))
        self._emit(SampleFinished(turn_id=progress.turn.id))

    def _abort(self, progress: _Progress) -> None:
        """The turn is cancelled: calls that still run are cut off and answered, and the history says so."""
        sample, now = progress.sample, time.monotonic()
        if sample is not None and not sample.recorded:
            outputs = [
                self._output_of_cut(call, task, now - sample.begun[call["call_id"]]) for call, task in sample.calls
            ]
            self._keep_outputs(progress, sample, outputs)
        item = self.context.record_aborted()
        turn = progress.turn
        self._emit(TurnAborted(turn_id=turn.id, item=item, started_at=turn.started_at, completed_at=self._clock()))

    def _output_of_cut(
        self, call: Item, task: asyncio.Task[str | list[Item] | None], seconds: float
    ) -> str | list[Item] | None:
        if task.done() and not task.cancelled() and task.exception() is None:
            return task.result()
        task.cancel()
        style = self._dialect.toolset
        return style.aborted_by_tool.get(call["name"], style.aborted).format(seconds=seconds)

    async def _settle_broken(self, progress: _Progress, sample: _Sample) -> None:
        """The calls of an answer that broke off: awaited and kept, or dropped."""
        if not self._dialect.stream.keep_finished_items:
            for _, task in sample.calls:
                task.cancel()
            return
        if sample.opened:
            await self._record_outputs(progress, sample)

    def _needs_follow_up(self, sample: _Sample) -> bool:
        more = sample.completed is not None and sample.completed.end_turn is False
        return bool(sample.calls) or (more and self._dialect.stream.end_turn_false_continues)

    def _complete(self, progress: _Progress) -> TurnResult:
        turn = progress.turn
        self._emit(
            TurnCompleted(
                turn_id=turn.id,
                last_agent_message=progress.final_message,
                usage=self.context.usage,
                started_at=turn.started_at,
                completed_at=self._clock(),
                first_token_at=progress.first_token_at,
            )
        )
        return self._result(progress, None)

    def _fail(self, progress: _Progress, failure: Failure) -> TurnResult:
        rule = rule_for(failure, self._dialect.retry)
        reason = AgentFailure(message=rule.text(failure), info=rule.info(failure))
        if rule.fills_window and (window := self.context.settings.context_window):
            missing = max(window - self.context.usage.total_tokens, 0)
            self.context.usage = Usage(total_tokens=window)
            last = Usage(total_tokens=missing)
            self._emit(WindowFilled(turn_id=progress.turn.id, last=last, thread=self.context.usage))
        event: Event = TurnFailed(
            turn_id=progress.turn.id,
            # What a broken turn had said is not its result (captured).
            last_agent_message=None,
            failure=reason,
            started_at=progress.turn.started_at,
            completed_at=self._clock(),
            first_token_at=progress.first_token_at,
        )
        self._emit(event)
        return self._result(progress, reason)

    def _result(self, progress: _Progress, failure: AgentFailure | None) -> TurnResult:
        anyone = self._dialect.stream.any_message_is_final and failure is None
        return TurnResult(
            output_text=progress.last_message or "",
            items=tuple(progress.items),
            usage=progress.turn.usage,
            failure=failure,
            last_agent_message=progress.last_message if anyone else progress.final_message,
        )
