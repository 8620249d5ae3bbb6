import json
from pathlib import Path

from pycodex.repl.history import keep_attachment, read_history, remember


def test_what_was_entered_is_found_again(tmp_path: Path) -> None:
    assert read_history(tmp_path) == []
    remember(tmp_path, "thread-1", "one\ntwo")
    with (tmp_path / "history.jsonl").open("a") as file:
        file.write("not json\n[]\n")
    remember(tmp_path, "thread-2", "drei ä")
    assert read_history(tmp_path) == ["one\ntwo", "drei ä"]
    assert (tmp_path / "history.jsonl").stat().st_mode & 0o777 == 0o600
    first = json.loads((tmp_path / "history.jsonl").read_text().splitlines()[0])
    assert list(first) == ["session_id", "ts", "text"] and first["session_id"] == "thread-1"


def test_each_attachment_has_a_folder_of_its_own(tmp_path: Path) -> None:
    first, second = (keep_attachment(tmp_path, "plan.md", text) for text in ("ä\n", "b"))
    assert (first.read_text(), second.read_text()) == ("ä\n", "b")
    assert first.parent != second.parent and first.parent.parent == second.parent.parent == tmp_path / "attachments"
