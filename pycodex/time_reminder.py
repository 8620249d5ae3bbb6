"""What the model is told of the time, unasked, where the feature `current_time_reminder` is on (captures:
tools/time_reminder*)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pycodex.features import table_of
from pycodex.protocol import NotesRecorded
from pycodex.sampling import Failure

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop
    from pycodex.settings import Settings

__all__ = ["REMINDER", "TimeReminder", "clock_failure", "current_time", "told_time"]

REMINDER = "current_time_reminder"
"""The feature, and the table of its settings."""

_EACH = 1
"""Seconds between two reminders, where the table does not say (measured: one after 1.05 s, none after 0.6 s)."""
_QUIET = "after_user_or_tool_output"
_KIND = "current_time.reminder"
_PROVENANCE: Mapping[str, Any] = {"provenance": {"type": "tool", "namespace": "clock"}}


def told_time() -> str:
    """The time, as the model is told it."""
    return f"It is {current_time()}."


def current_time() -> str:
    """The time, as code is told it."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock_failure(settings: Settings) -> Failure | None:
    """Why no turn can begin: the clock is to be the program's that runs the agent, and that has none (captured:
    tools/time_reminder_external)."""
    table = table_of(settings.config.feature_tables, REMINDER)
    if REMINDER not in settings.features or table.get("clock_source") != "external":
        return None
    said = "code=-32000 message=external current time is not supported in exec mode"
    return Failure(
        kind="clock", detail=f"Fatal error: failed to read current time: current-time request failed: {said}"
    )


class TimeReminder:
    """When the model was told last. It is told before a request whose context window is a new one, and before any
    other once the time between has gone by; with the quiet delivery mode only after something new was said to it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: tuple[str, float] | None = None

    def before_request(self, loop: AgentLoop, turn_id: str) -> None:
        """Tell, if it is time to."""
        context = loop.context
        if REMINDER not in context.settings.features or not self._due(context.settings, loop):
            return
        self._told = (context.thread.context_window_id, self._clock())
        text = f"<{REMINDER}>{told_time()}</{REMINDER}>"
        note = context.record_note("developer", text, _KIND, _PROVENANCE)
        loop.emit(NotesRecorded(turn_id=turn_id, items=(note,)))

    def _due(self, settings: Settings, loop: AgentLoop) -> bool:
        if self._told is None or self._told[0] != loop.context.thread.context_window_id:
            return True
        table = table_of(settings.config.feature_tables, REMINDER)
        if self._clock() - self._told[1] < table.get("reminder_interval_seconds", _EACH):
            return False
        last = loop.context.history[-1] if loop.context.history else {}
        return table.get("delivery_mode") != _QUIET or last.get("role") == "user" or "output" in last
