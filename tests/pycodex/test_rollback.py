"""The end of a thread that is dropped: by the records of its rollouts."""

import json
from pathlib import Path
from typing import Any

import pytest

from pycodex.rollback import cut_place, end_of, prompts_of, surviving, without_last

Record = dict[str, Any]


def said(text: str, role: str = "user") -> Record:
    return {"type": "response_item", "payload": {"type": "message", "role": role, "content": [{"text": text}]}}


def event(kind: str, **fields: Any) -> Record:
    return {"type": "event_msg", "payload": {"type": kind, **fields}}


CONTEXT: Record = {"type": "turn_context", "payload": {"model": "m"}}
HEAD = [{"type": "session_meta", "payload": {"id": "t"}}, event("task_started"), said("rules", "developer"), CONTEXT]
FIRST = [said("one"), said("First.", "assistant"), event("task_complete")]
SECOND = [event("task_started"), CONTEXT, said("two"), said("and", "assistant"), said("also")]
THREAD = [*HEAD, *FIRST, *SECOND]


def test_prompts_are_what_the_user_said_since_the_last_compaction() -> None:
    assert prompts_of(THREAD) == ["one", "two", "also"]
    assert prompts_of([*HEAD, *FIRST, {"type": "compacted", "payload": {"message": "m"}}, said("two")]) == ["two"]
    context = said("<environment_context>\n</environment_context>")
    assert prompts_of([*HEAD, context]) == []


@pytest.mark.parametrize(
    ("prompts", "left"),
    [(0, THREAD), (1, [*HEAD, *FIRST, *SECOND[:-1]]), (2, [*HEAD, *FIRST])],
)
def test_a_turn_goes_with_the_prompt_that_began_it(prompts: int, left: list[Record]) -> None:
    assert THREAD[: cut_place(THREAD, prompts)] == without_last(THREAD, prompts) == left


def test_without_any_prompt_the_context_stays_to_be_said_again() -> None:
    for prompts in (3, 9):
        assert without_last(THREAD, prompts) == HEAD[:3]
        assert cut_place(THREAD, prompts) == 1
    assert without_last(HEAD, 1) == HEAD


def test_a_rollout_says_what_was_dropped() -> None:
    rolled_back = event("thread_rolled_back", num_turns=2)
    assert surviving(THREAD) == THREAD
    assert surviving([*THREAD, rolled_back, said("three")]) == [*HEAD, *FIRST, said("three")]
    again = [*THREAD, rolled_back, *SECOND[:3], event("thread_rolled_back", num_turns=1)]
    assert surviving(again) == [*HEAD, *FIRST]


def test_the_bytes_before_a_record(tmp_path: Path) -> None:
    path = tmp_path / "rollout.jsonl"
    lines = [json.dumps({"ordinal": number, "text": "ä"}, ensure_ascii=False) + "\n" for number in range(3)]
    path.write_text("".join([lines[0], "not json\n", *lines[1:]]))
    assert end_of(path, 0) == 0
    assert end_of(path, 1) == len(lines[0].encode()) + len("not json\n")
    assert end_of(path, 9) == path.stat().st_size
