"""A compaction: the model sums the thread up, and the thread goes on with the summary in place of what was said.

Of its own accord where the context is full (before a turn, or within one), or because a person asks for it (captures:
compact/*, interactive/compact*).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex import items
from pycodex.compact_events import CompactionSaid, CompactionStarted, ContextCompacted, Phase, Window
from pycodex.context import ContextManager, Turn
from pycodex.fullness import BY_MODEL_BEFORE, CONTEXT_LIMIT, estimated_tokens
from pycodex.ids import uuid7
from pycodex.items import text_of
from pycodex.model import ModelRequest
from pycodex.protocol import ContextItem, Item, LogLine, WarningRaised
from pycodex.rate_limits import read_limits
from pycodex.records import dataclass, field, replace
from pycodex.retries import Retries, rule_for
from pycodex.sampling import Completed, Failure, Logged, Opened, OutputItem
from pycodex.turn_end import count, note_limits
from pycodex.upstream.compaction import (
    PROMPT,
    SUMMARY,
    Kept,
    before_last_message,
    kept_messages,
)
from pycodex.upstream.data import ModelInfo

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.settings import Settings
    from pycodex.upstream.retries import FailureRule

__all__ = ["Answer", "Compaction"]

_ASKED = "user_requested"
_TOLD = ("node_repl_auto_review_required", "node_repl_disabled")


@dataclass(kw_only=True)
class Answer:
    """What came back: items as they were `given`, and as the thread keeps them."""

    said: list[Item] = field(default_factory=list)
    given: list[Item] = field(default_factory=list)
    completed: Completed | None = None
    failure: Failure | None = None


class Compaction:
    """One compaction in the thread of a loop."""

    implementation = "responses"
    resent = True
    """Whether an answer that broke is asked for again, and for less where the window is too small."""
    counted = True
    """Whether the tokens of the summary are the thread's, and people are told of it."""

    def __init__(self, loop: AgentLoop, turn: Turn, phase: Phase, reason: str = CONTEXT_LIMIT) -> None:
        self._loop, self._context, self._emit = loop, loop.context, loop.emit
        self._dialect = self._context.settings.dialect
        self._style = self._dialect.compact
        self._phase: Phase = phase
        self._reason = _ASKED if phase == "standalone_turn" else reason
        self._turn = turn
        self._tools = loop.tools.declarations()
        self._asks = {
            "trigger": "manual" if phase == "standalone_turn" else "auto",
            "reason": self._reason,
            "implementation": self.implementation,
            "phase": phase,
            "strategy": "memento",
        }

    async def run(self) -> Failure | None:
        """Compact. The history is another one, or as it was: then why."""
        context, own = self._context, self._context.settings
        if self._phase == "standalone_turn" and context.model_before is None:
            context.settings = replace(own, introduced=False)  # captured: interactive/compact_first
        try:
            return await self._run()
        finally:
            context.settings = own

    async def _run(self) -> Failure | None:
        started = self._loop.now()
        self._emit(CompactionStarted(turn_id=self._turn.id, phase=self._phase))
        answer = await self._answer()
        if answer.failure is not None or answer.completed is None:
            return answer.failure or Failure(kind="closed", detail="stream closed before response.completed")
        own, self._context.settings = self._context.settings, self._asking().settings
        self._note(answer, answer.completed)
        self._context.settings = own
        self._replace(answer, answer.completed.response_id, started)
        if self.counted and self._style.warning is not None:
            self._emit(WarningRaised(message=self._style.warning))
        return None

    def _note(self, answer: Answer, completed: Completed) -> None:
        """The summary is recorded, and counted as an answer."""
        for item in answer.said:
            self._emit(CompactionSaid(turn_id=self._turn.id, item=item))
        count(self._context, self._emit, self._turn, completed.response_id, completed.usage)

    def _rule(self, failure: Failure) -> FailureRule:
        return rule_for(failure, self._dialect.retry)

    async def _answer(self) -> Answer:
        """The model's answer, asked for again where it fails, and for less where the window is too small."""
        provider, style = self._context.settings.config.provider, self._dialect.retry
        limit = min(provider.stream_max_retries, style.stream_limit)
        dropped = 0
        while True:
            retries = Retries(style=style, given_up=self._dialect.websocket.given_up, limit=limit)
            tried = 0
            history = self._without_oldest(dropped)
            while True:
                answer = await self._attempt(history)
                if answer.failure is None or not self.resent:
                    return answer
                rule = self._rule(answer.failure)
                if rule.fills_window:
                    break
                failure = answer.failure
                if self._style.retries_all and not rule.stream and tried < limit:
                    failure = Failure(kind="closed", detail="")
                # A WebSocket is not given up for POST by a compaction (captured: compact/websocket_given_up).
                retry = retries.after(replace(failure, websocket=False))
                if retry is None:
                    return answer
                tried += 1
                told = retry.event
                if told is not None and failure is not answer.failure:
                    told = replace(told, message=rule.text(answer.failure))
                if told is not None:
                    self._emit(told)
                await asyncio.sleep(retry.delay)
            if not history:
                return answer
            target, text = self._style.shortened
            message = text.format(error=rule.text(answer.failure))
            self._emit(LogLine(level="ERROR", target=target, message=message))
            dropped += 1

    def _without_oldest(self, dropped: int) -> list[Item]:
        """The history without so many of its oldest items; a call goes with its output."""
        left = list(self._context.history)
        for _ in range(dropped):
            gone = left.pop(0)
            if gone["type"] in items.CALLS or gone["type"] in items.CALLS.values():
                left = [item for item in left if item.get("call_id") != gone.get("call_id")]
        return left

    def _request(self, history: list[Item]) -> ModelRequest:
        settings = self._context.settings
        text = settings.compact_prompt or settings.data.text(PROMPT)
        asked = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        asking = self._asking()
        return ModelRequest(
            context=asking,
            turn=replace(self._turn, compaction=self._asks, state=None),  # captured: compact/schema
            tools=(),
            input=tuple(asking.request_input([*history, asked])),
            plain=self._loop.plain,
            apart=tuple(self._tools),  # captured: compact/websocket
        )

    def _asking(self) -> ContextManager:
        """The thread as the request speaks of it: the model is the one that wrote the history."""
        context = self._context
        settings = replace(context.settings, output_schema=None)
        if self._reason in BY_MODEL_BEFORE and context.model_before is not None:
            settings = _with_model(settings, context.model_before)
        return context.seen_with(settings)

    async def _attempt(self, history: list[Item]) -> Answer:
        answer = Answer()
        async for event in self._loop.model.stream(self._request(history)):
            match event:
                case Logged():
                    self._emit(LogLine(level="ERROR", target=event.target, message=event.message))
                case Opened() if self.counted:
                    for limits in () if event.websocket else read_limits(dict(reversed(event.headers))):
                        note_limits(self._context, self._emit, limits)
                case OutputItem():
                    answer.given.append(event.item)
                    kept = items.keep(event.item, self._dialect.items, self._dialect.ids)
                    answer.said += [kept] if kept is not None else []
                case Completed():
                    answer.completed = event
                case Failure():
                    answer.failure = event
                case _:
                    pass
        if answer.completed is None and answer.failure is None:
            answer.failure = Failure(kind="closed", detail="stream closed before response.completed")
        return answer

    def _summary(self, answer: Answer) -> tuple[Item, str]:
        """The item that stands for what was said, and its text as the rollout has it."""
        spoken = [
            item
            for item in (*self._context.history, *answer.said)
            if item["type"] == "message" and item.get("role") == "assistant"
        ]
        prefix = self._context.settings.data.text(SUMMARY)
        message = f"{prefix}\n{text_of(spoken[-1]) if spoken else ''}"
        return items.message("user", [message], self._dialect.ids), message

    def _kept(self, answer: Answer, summary: Item) -> tuple[list[Kept], list[Kept]]:
        """The new history before the context, and after it: what outlives the compaction, and the summary."""
        prefix = self._context.settings.data.text(SUMMARY)
        kept = kept_messages(self._context.history, prefix, self._style, self._dialect.ids)
        place = before_last_message(kept)
        return kept[:place], [*kept[place:], Kept(item=summary)]

    def _replace(self, answer: Answer, response_id: str | None, started: float) -> None:
        context, settings = self._context, self._context.settings
        summary, message = self._summary(answer)
        before, after = self._kept(answer, summary)
        thread = context.thread
        window = Window(
            number=thread.window_number + 1,
            id=uuid7(),
            previous=thread.context_window_id,
            first=thread.first_window_id or thread.context_window_id,
        )
        context.thread = replace(
            thread,
            window_number=window.number,
            context_window_id=window.id,
            first_window_id=window.first,
            previous_window_id=window.previous,
        )
        fresh: list[ContextItem] = []
        opening: list[ContextItem] = []
        if self._phase == "mid_turn" or self._style.context_at_once:
            if self._dialect.body.opens_with_tools(settings) and settings.custom_instructions is None:
                context.base_instructions = settings.base_instructions  # captured: compact/full_like_model
            opening, fresh = context.say_anew(self._tools)
        else:
            context.forget_context()
        context.history = [
            *(each.item for each in opening),
            *(each.item for each in before),
            *(each.item for each in fresh),
            *(each.item for each in after),
        ]
        tokens = estimated_tokens(context, counts_base=not opening)
        context.last_usage = replace(type(context.usage)(), total_tokens=tokens)
        self._emit(
            ContextCompacted(
                turn_id=self._turn.id,
                message=message,
                summary=summary,
                history=tuple(context.history),
                context=(*opening, *fresh),
                cut=next((each.item for each in (*before, *after) if each.cut), None),
                window=window,
                response_id=response_id,
                tokens=tokens,
                thread=context.usage,
                started_at=started,
                at=self._loop.now(),
                read_as=self._asking().settings.model.get("comp_hash"),
            )
        )


def _with_model(settings: Settings, before: Mapping[str, Any]) -> Settings:
    """The settings with the model of the turn before; what only the turn's metadata tell is of the model now."""
    model, listed = settings.data.model(before["model"], settings.dialect.models.fallback, settings.catalog)
    told = {key: settings.model.get(key, False) for key in _TOLD}
    # The turn's effort, or one in the middle where the model has not that, or none is asked for (captured:
    # compact/other_model_effort).
    levels = [str(row["effort"]) for row in model.get("supported_reasoning_levels") or ()]
    effort = settings.config.model_reasoning_effort
    if levels and effort not in levels:
        effort = levels[(len(levels) - 1) // 2]
    config = replace(settings.config, model_reasoning_effort=effort)
    if settings.dialect.compact.summary_of_turn:
        config = replace(config, model_reasoning_summary=settings.reasoning_summary)
    model = ModelInfo({**model.row, **told}, model.base_instructions, model.slug)
    return replace(settings, model=model, model_listed=listed, config=config)
