"""The clock, and messages that the model does not wait for."""

from pathlib import Path

import pytest

from pycodex.protocol import Event, MessageSent, Slept
from tests.pycodex.sessions import settings_in
from tests.pycodex.tools.test_small import answer


@pytest.mark.parametrize("arguments", ["{}", "[]", "", '{"x"'])
async def test_the_time_whatever_is_asked(tmp_path: Path, arguments: str) -> None:
    told = await answer(settings_in(tmp_path), "clock.curr_time", arguments)
    assert told.startswith("It is 2") and told.endswith(" UTC.")


async def test_sleep_tells_how_long(tmp_path: Path) -> None:
    events: list[Event] = []
    told = await answer(settings_in(tmp_path), "clock.sleep", '{"duration_ms":1}', events)
    assert told.startswith("Wall time: 0.0") and told.endswith(" seconds\nSleep completed.")
    assert [event.milliseconds for event in events if isinstance(event, Slept)] == [1]


@pytest.mark.parametrize("milliseconds", [0, 43_200_001])
async def test_sleep_has_limits(tmp_path: Path, milliseconds: int) -> None:
    told = await answer(settings_in(tmp_path), "clock.sleep", f'{{"duration_ms":{milliseconds}}}')
    assert told == "duration_ms must be between 1 and 43200000"


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("send_message_to_user_async", '{"message":" a\\n b "}', "a\n b"),
        ("request_user_input_async", '{"questions":[{"title":"A?","options":["x",""]},{"title":"B"}]}', "A?\n- x\n\nB"),
    ],
)
async def test_messages_are_told_at_once(tmp_path: Path, name: str, arguments: str, text: str) -> None:
    events: list[Event] = []
    assert await answer(settings_in(tmp_path), name, arguments, events) == '{"accepted":true}'
    assert [event.text for event in events if isinstance(event, MessageSent)] == [text]


@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("send_message_to_user_async", '{"message":" "}', "message must not be empty"),
        ("request_user_input_async", '{"questions":[]}', "questions must not be empty"),
        ("request_user_input_async", '{"questions":[{"title":" "}]}', "question titles must not be empty"),
        (
            "request_user_input_async",
            '{"questions":[{"title":"T","options":[""]}]}',
            "options must contain at least one non-empty answer",
        ),
    ],
)
async def test_empty_messages_are_refused(tmp_path: Path, name: str, arguments: str, problem: str) -> None:
    assert await answer(settings_in(tmp_path), name, arguments) == problem
