"""Which threads a session finds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from pycodex.rollout import name_thread
from pycodex.saved_threads import find_thread, saved_thread, saved_threads

IDS = [f"01a201bd-2336-7d60-8000-00000000000{number}" for number in range(6)]


def keep(home: Path, number: int, *turns: str, source: Any = "cli", said: str | None = "say hi\nplease") -> Path:
    """A rollout; `turns`: the folders where it began and went on."""
    spoken = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": said}]}
    context = {**spoken, "content": [{"type": "input_text", "text": "<environment_context></environment_context>"}]}
    records = [
        {"type": "session_meta", "payload": {"id": IDS[number], "cwd": turns[0], "source": source}},
        {"type": "response_item", "payload": context},
        *({"type": "turn_context", "payload": {"cwd": folder}} for folder in turns),
        *([{"type": "response_item", "payload": spoken}] if said is not None else []),
    ]
    path = home / "sessions/2026/01/02" / f"rollout-2026-01-02T03-04-0{number}-{IDS[number]}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))
    os.utime(path, (1000 + number, 1000 + number))
    return path


def test_threads_of_a_folder_the_newest_first(tmp_path: Path) -> None:
    keep(tmp_path, 0, "/a", "/b")
    keep(tmp_path, 1, "/b")
    keep(tmp_path, 2, "/a", source="exec")
    keep(tmp_path, 3, "/a", source={"subagent": "review"})
    keep(tmp_path, 4, "/a", said=None)
    newest = keep(tmp_path, 5, "/c", "/a")
    newest.with_name(newest.name.replace(IDS[5], "torn")).write_text("{")

    def found(cwd: str | None, *, everyone: bool = False) -> list[int]:
        threads = saved_threads(tmp_path, None if cwd is None else Path(cwd), everyone=everyone)
        return [IDS.index(thread.id) for thread in threads]

    assert found("/a") == [5, 0]
    assert found("/b") == [1, 0]
    assert found(None) == [5, 1, 0]
    assert found("/a", everyone=True) == [5, 2, 0]
    assert found("/z") == []


def test_a_thread_is_shown_by_its_name_or_its_first_words(tmp_path: Path) -> None:
    thread = saved_thread(keep(tmp_path, 0, "/a", "/b"))
    assert thread is not None
    assert thread.folders == ("/b", "/a")
    assert thread.shown(tmp_path) == "say hi"
    name_thread(tmp_path, IDS[0], "Mine")
    assert thread.shown(tmp_path) == "Mine"


def test_a_thread_is_found_by_its_id_or_the_name_that_it_has_now(tmp_path: Path) -> None:
    first, second = keep(tmp_path, 0, "/a"), keep(tmp_path, 1, "/a")
    name_thread(tmp_path, IDS[0], "Mine")
    assert find_thread(tmp_path, IDS[1]) == second
    assert find_thread(tmp_path, "Mine") == first
    name_thread(tmp_path, IDS[1], "Mine")
    assert find_thread(tmp_path, "Mine") == second
    name_thread(tmp_path, IDS[1], "Other")
    assert find_thread(tmp_path, "Mine") == first
    assert find_thread(tmp_path, "Nobody") is None
