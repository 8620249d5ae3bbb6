"""Rollout records of the ordered kind about tokens: what each answer took, how full the context is, the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex import protocol as p
from pycodex.subagents import root_of
from pycodex.upstream import turn_records as turns
from pycodex.upstream.item_records import recorded_usage, usage_record
from pycodex.upstream.records_flat import last_info

if TYPE_CHECKING:
    from pycodex.context import ContextManager

__all__ = ["TokenRecords"]

_LIMITS = (
    "limit_id",
    "limit_name",
    "primary",
    "secondary",
    "credits",
    "individual_limit",
    "spend_control_reached",
    "plan_type",
    "rate_limit_reached_type",
)


class TokenRecords:
    """Goes on where the existing records end."""

    def __init__(self, context: ContextManager, existing: Sequence[Mapping[str, Any]]) -> None:
        self._context = context
        self._recorded = recorded_usage(existing)
        self._info: dict[str, Any] | None = last_info(existing)
        self._limits: dict[str, Any] | None = None
        told = [record["payload"] for record in existing if record.get("type") == "token_usage_record"]
        self.latest: dict[str, Any] | None = told[-1] if told else None
        """What the last answer that told it took, as recorded."""

    def count(self) -> dict[str, Any]:
        """What people are told of the tokens."""
        return turns.told("token_count", info=self._info, rate_limits=self._limits)

    def limit(self, event: p.RateLimitsRead) -> None:
        """How much of a limit is used."""
        self._limits = {key: event.limits.get(key) for key in _LIMITS}

    def filled(self, event: p.WindowFilled) -> dict[str, Any]:
        """The context window is full."""
        self._info = {
            "total_token_usage": usage_record(event.thread),
            "last_token_usage": usage_record(event.last),
            "model_context_window": self._context.settings.context_window,
        }
        return self.count()

    def compacted(self, event: p.ContextCompacted) -> dict[str, Any]:
        """The context is smaller now, as estimated."""
        self._info = {
            "total_token_usage": usage_record(event.thread),
            "last_token_usage": usage_record(p.Usage(total_tokens=event.tokens)),
            "last_usage_includes_reasoning": True,
            "model_context_window": self._context.settings.context_window,
        }
        return self.count()

    def used(self, event: p.SampleDone) -> dict[str, Any]:
        """What an answer took."""
        # The sum of such records alone: of a thread that lost its token_count, or began without them, it differs.
        self._recorded += event.usage
        before = self._info or {}
        last = before.get("last_token_usage") or usage_record(p.Usage())
        kept = {key: value for key, value in before.items() if key == "last_usage_includes_reasoning"}
        # Of an incomplete answer only the total counts (captured: failures/incomplete, answers/broken_streams).
        settings = self._context.settings
        included = self._context.reasoning_included or settings.dialect.body.opens_with_tools(settings)
        if not event.apart:
            self._info = {
                "total_token_usage": usage_record(event.thread),
                "last_token_usage": usage_record(event.usage) if event.complete else last,
                **({"last_usage_includes_reasoning": included} if event.complete else kept),
                "model_context_window": settings.context_window,
            }
        payload = {
            "thread_id": self._context.thread.id,
            "turn_id": event.turn_id,
            "session_id": turns.session(self._context),
            "root_turn_id": root_of(self._context, event.turn_id),
            "response_id": event.response_id,
            "usage": usage_record(event.usage),
            "turn_token_usage": usage_record(event.turn),
            "thread_token_usage": usage_record(self._recorded),
        }
        self.latest = payload
        return {"type": "token_usage_record", "payload": payload}
