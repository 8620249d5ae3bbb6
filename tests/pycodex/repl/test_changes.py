"""`/diff` in real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pycodex.repl.changes import changes


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.invalid"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_what_is_changed_staged_and_new(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    for name in ("a.txt", "b.txt", ".gitignore"):
        (tmp_path / name).write_text("ignored\n")
    assert "+ignored" in changes(tmp_path, colors=False), "before the first commit all is new"
    git(tmp_path, "add", "--all", "--force")
    assert "b/a.txt" in changes(tmp_path, colors=False), "and what is staged, too"
    git(tmp_path, "commit", "--quiet", "--message", "first")
    assert changes(tmp_path, colors=False) == "No changes."
    (tmp_path / "a.txt").write_text("changed\n")
    (tmp_path / "b.txt").write_text("staged\n")
    git(tmp_path, "add", "b.txt")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "new.txt").write_text("new\n")
    (tmp_path / "ignored").write_text("never shown\n")
    told = changes(tmp_path, colors=False)
    assert [line for line in told.splitlines() if line[0] == "+" and line[:3] != "+++"] == [
        "+changed",
        "+staged",
        "+new",
    ]
    assert "+++ b/sub/new.txt" in told and "\x1b[" in changes(tmp_path, colors=True)


def test_without_a_repository(tmp_path: Path) -> None:
    assert changes(tmp_path, colors=False) == "Not in a git repository: there is nothing to compare with."
