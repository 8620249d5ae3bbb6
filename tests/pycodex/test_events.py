import json
from pathlib import Path
from typing import Any

import pytest

from pycodex import protocol as p
from pycodex.context import Thread
from pycodex.events import JsonlPrinter, log_line
from pycodex.items import search_query
from pycodex.plain_events import PlainPrinter, thousands
from tests.pycodex.sessions import says, settings_in

DONE = p.TurnCompleted(
    turn_id="t",
    last_agent_message="x",
    usage=p.Usage(input_tokens=1_234_567, cached_input_tokens=1000, output_tokens=5),
    started_at=0,
    completed_at=1,
    first_token_at=None,
)


def started(call_id: str = "c") -> p.CommandStarted:
    return p.CommandStarted(call_id=call_id, argv=("/bin/bash", "-lc", "x y"), cwd="/w", process_id="1", started_at=0)


def ended(output: str, exit_code: int = 0) -> p.CommandEnded:
    return p.CommandEnded(
        call_id="c",
        argv=("/bin/bash", "-lc", "x y"),
        cwd="/w",
        process_id="1",
        exit_code=exit_code,
        output=output,
        duration=0.0012,
        status="completed" if exit_code == 0 else "failed",
    )


def jsonl(root: Path, version: str, events: list[p.Event]) -> list[dict[str, Any]]:
    lines: list[str] = []
    printer = JsonlPrinter(settings_in(root, upstream=version), Thread.new(), lines.append)
    for event in events:
        printer(event)
    return [json.loads(line) for line in lines]


def plain(root: Path, version: str, events: list[p.Event]) -> str:
    lines: list[str] = []
    printer = PlainPrinter(settings_in(root, upstream=version), Thread.new(), lines.append)
    for event in events:
        printer(event)
    printer.close()
    return "".join(lines)


@pytest.mark.parametrize(("version", "types"), [("0.115.0", 1), ("0.169.0", 0)])
def test_running_command_at_the_end_of_the_turn(tmp_path: Path, version: str, types: int) -> None:
    printed = jsonl(tmp_path, version, [started(), DONE])
    assert [line["type"] for line in printed].count("item.completed") == types


@pytest.mark.parametrize(("version", "items"), [("0.115.0", ["a", "b"]), ("0.169.0", ["a\nb"])])
def test_reasoning_parts(tmp_path: Path, version: str, items: list[str]) -> None:
    summary = [{"type": "summary_text", "text": text} for text in "ab"]
    event = p.ItemDone(turn_id="t", item={"type": "reasoning", "summary": summary}, at=0)
    assert [line["item"]["text"] for line in jsonl(tmp_path, version, [event])] == items


def test_usage_keys(tmp_path: Path) -> None:
    assert list(jsonl(tmp_path, "0.115.0", [DONE])[0]["usage"]) == [
        "input_tokens", "cached_input_tokens", "output_tokens",
    ]  # fmt: skip


def test_items_are_numbered_and_todo_closes_the_turn(tmp_path: Path) -> None:
    plan = p.PlanUpdated(explanation=None, steps=(("a", "completed"), ("b", "pending")))
    message = p.ItemDone(turn_id="t", item=says("x"), at=0)
    printed = jsonl(tmp_path, "0.115.0", [plan, plan, message, DONE])
    assert [(line["type"], line.get("item", {}).get("id")) for line in printed] == [
        ("item.started", "item_0"),
        ("item.updated", "item_0"),
        ("item.completed", "item_1"),
        ("item.completed", "item_0"),
        ("turn.completed", None),
    ]


@pytest.mark.parametrize(
    ("version", "output", "text"),
    [
        ("0.115.0", "a\n", "exec\n/bin/bash -lc 'x y' in /w succeeded in 1ms:\na\n"),
        ("0.115.0", "", "exec\n/bin/bash -lc 'x y' in /w succeeded in 1ms:\n\n"),
        ("0.169.0", "a\n", "exec\n/bin/bash -lc 'x y' in /w\n succeeded in 1ms:\na\n\n"),
        ("0.169.0", "", "exec\n/bin/bash -lc 'x y' in /w\n succeeded in 1ms:\n"),
    ],
)
def test_command_in_plain_mode(tmp_path: Path, version: str, output: str, text: str) -> None:
    assert plain(tmp_path, version, [started(), ended(output)]) == text


def test_plain_output_is_cut_at_twenty_lines(tmp_path: Path) -> None:
    text = plain(tmp_path, "0.115.0", [ended("\n".join(map(str, range(1, 61))) + "\n", 2)])
    assert text.endswith("19\n20\n")
    assert " exited 2 in " in text


def test_tokens_come_last(tmp_path: Path) -> None:
    used = p.Usage(input_tokens=1_234_567, cached_input_tokens=1000, output_tokens=5)
    counted = p.SampleDone(turn_id="t", response_id="r", usage=p.Usage(), turn=p.Usage(), thread=used)
    assert plain(tmp_path, "0.169.0", [counted, DONE]) == "tokens used\n1,233,572\n"
    assert plain(tmp_path, "0.169.0", [DONE]) == "", "nothing was counted"
    assert thousands(1234) == "1,234"


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ({"type": "search", "query": "q"}, "q"),
        ({"type": "search", "queries": ["a", "b"]}, "a ..."),
        ({"type": "open_page", "url": "u"}, "u"),
        ({"type": "find_in_page", "pattern": "p", "url": "u"}, "'p' in u"),
        ({"type": "other"}, ""),
    ],
)
def test_search_in_words(action: dict[str, Any], text: str) -> None:
    assert search_query(action) == text


def test_log_line() -> None:
    event = p.LogLine(level="ERROR", target="a::b", message="error=x")
    assert log_line(event, 1.25) == "1970-01-01T00:00:01.250000Z ERROR a::b: error=x"
