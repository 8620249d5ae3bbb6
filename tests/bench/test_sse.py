"""The bench of the event stream: its stream is one, and every depth reads all of it."""

from __future__ import annotations

import json

import pytest

from pycodex.sse import SseParser
from tests.bench import sse


@pytest.mark.parametrize("step", [sse.READ, len(sse.delta()), 7])
def test_the_stream_holds_whole_events_of_the_length_it_says(step: int) -> None:
    parser = SseParser()
    events = [event for chunk in sse.stream(3 * sse.READ, step) for event in parser.feed(chunk)]
    kinds = [json.loads(event)["type"].removeprefix("response.") for event in events]
    assert kinds[:2] == ["created", "output_item.added"]
    assert kinds[-2:] == ["output_item.done", "completed"]
    assert set(kinds[2:-2]) == {"output_text.delta"}
    assert {len(event) for event in events[2:-2]} == {sse.DATA}


def test_every_depth_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert sse.main(["--mib", "1", "--long", "1"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("MB/s  >= ") == 4
    assert all(name in printed for name in sse.CASES)
    assert "1 MiB through the model client" in printed
