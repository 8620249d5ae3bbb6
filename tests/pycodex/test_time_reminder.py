from __future__ import annotations

from pathlib import Path

import pytest

from pycodex import AgentLoop, ContextManager, ToolRegistry
from pycodex.protocol import Event, NotesRecorded
from pycodex.records import replace
from pycodex.time_reminder import TimeReminder, clock_failure
from tests.pycodex.sessions import ScriptedModel, settings_in


def context_of(home: Path, table: str) -> ContextManager:
    config = f"features.current_time_reminder = {table}\n"
    return ContextManager(settings_in(home, upstream="0.169.0", config=config))


def told(context: ContextManager, moments: list[float], *between: str) -> list[int]:
    """How many reminders there are after each of these moments; what happens between two of them."""
    events: list[Event] = []
    loop = AgentLoop(ScriptedModel([]), ToolRegistry(), context, emit=events.append)
    clock = iter(moments)
    now = [0.0]
    reminder, counts = TimeReminder(lambda: now[0]), []
    for index, now[0] in enumerate(clock):
        reminder.before_request(loop, "turn")
        counts.append(sum(isinstance(event, NotesRecorded) for event in events))
        match between[index] if index < len(between) else "":
            case "user":
                context.record_user("more")
            case "output":
                context.record({"type": "function_call_output", "call_id": "1", "output": "x"})
            case "window":
                context.thread = replace(context.thread, context_window_id="another")
    return counts


def test_time_is_told_once_a_second(tmp_path: Path) -> None:
    assert told(context_of(tmp_path, "true"), [5.0, 5.9, 6.0, 6.5]) == [1, 1, 2, 2]


def test_time_is_told_as_often_as_the_table_says_and_in_each_new_window(tmp_path: Path) -> None:
    context = context_of(tmp_path, "{ enabled = true, reminder_interval_seconds = 60 }")
    assert told(context, [0.0, 59.0, 59.5, 60.0], "user", "window") == [1, 1, 2, 2]


def test_quiet_reminders_come_after_input_and_outputs(tmp_path: Path) -> None:
    quiet = '{ enabled = true, reminder_interval_seconds = 0, delivery_mode = "after_user_or_tool_output" }'
    assert told(context_of(tmp_path, quiet), [0, 1, 2, 3, 4], "", "user", "", "output") == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("table", ["false", "{ enabled = false, clock_source = 'external' }"])
def test_nothing_is_told_without_the_feature(tmp_path: Path, table: str) -> None:
    context = context_of(tmp_path, table)
    assert told(context, [0.0, 9.0]) == [0, 0]
    assert clock_failure(context.settings) is None


def test_external_clock_is_a_failure(tmp_path: Path) -> None:
    failure = clock_failure(context_of(tmp_path, "{ enabled = true, clock_source = 'external' }").settings)
    assert failure is not None and failure.kind == "clock"
