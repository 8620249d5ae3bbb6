"""Where goals are kept between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.goal_store import GoalStore


def test_what_is_kept_last_is_there(tmp_path: Path) -> None:
    store = GoalStore(tmp_path, "t")
    assert store.load() is None
    store.save({"objective": "é"})
    store.save({"objective": "b"})
    assert GoalStore(tmp_path, "t").load() == {"objective": "b"}
    assert GoalStore(tmp_path, "other").load() is None
    assert [path.name for path in (tmp_path / "goals").iterdir()] == ["t.json"]


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_a_file_that_is_no_goal_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "goals").mkdir()
    (tmp_path / "goals" / "t.json").write_text(text, encoding="utf-8")
    assert GoalStore(tmp_path, "t").load() is None


def test_a_home_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "goals").write_text("a file", encoding="utf-8")
    GoalStore(tmp_path, "t").save({"objective": "a"})
    assert GoalStore(tmp_path, "t").load() is None
