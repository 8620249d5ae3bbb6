import os
from pathlib import Path

import pytest

from pycodex.cli.exec_options import Refused
from pycodex.cli.last_message import LastMessage
from pycodex.protocol import AgentFailure, TurnResult, Usage


def result(text: str | None, *, failed: bool = False) -> TurnResult:
    failure = AgentFailure(message="no") if failed else None
    return TurnResult(output_text=text or "", items=(), usage=Usage(), failure=failure, last_agent_message=text)


@pytest.mark.parametrize("opened_first", [True, False])
def test_message_takes_the_place_of_what_was_there(tmp_path: Path, opened_first: bool) -> None:
    path = tmp_path / "last.txt"
    path.write_text("from before, and longer", encoding="utf-8")
    assert LastMessage(path, opened_first=opened_first).keep(result("ünï")) is None
    assert path.read_text(encoding="utf-8") == "ünï"


@pytest.mark.parametrize("opened_first", [True, False])
def test_no_message_is_an_empty_file_and_a_word(tmp_path: Path, opened_first: bool) -> None:
    path = tmp_path / "last.txt"
    assert LastMessage(path, opened_first=opened_first).keep(result(None)) == (
        f"Warning: no last agent message; wrote empty content to {path}"
    )
    assert path.read_text(encoding="utf-8") == ""


def test_failed_turn_leaves_a_file_that_was_opened_first(tmp_path: Path) -> None:
    path = tmp_path / "last.txt"
    path.write_text("from before", encoding="utf-8")
    assert LastMessage(path, opened_first=True).keep(result(None, failed=True)) is None
    assert path.read_text(encoding="utf-8") == "from before"
    assert LastMessage(path, opened_first=False).keep(result(None, failed=True)) is not None
    assert path.read_text(encoding="utf-8") == ""


def test_unwritable_file_is_refused_or_told(tmp_path: Path) -> None:
    path = tmp_path / "no" / "last.txt"
    with pytest.raises(Refused, match="No such file or directory"):
        LastMessage(path, opened_first=True)
    told = LastMessage(path, opened_first=False).keep(result("x"))
    assert told is not None
    assert told.startswith(f'Failed to write last message file "{path}"')


def test_without_a_file_nothing_is_kept() -> None:
    assert LastMessage(None, opened_first=True).keep(result("x")) is None


def test_a_device_cannot_be_cut() -> None:
    assert LastMessage(Path(os.devnull), opened_first=True).keep(result("x")) is None
