import json
import subprocess
from pathlib import Path

import pytest

from pycodex import worktrees
from pycodex.git_info import find_main_root


def _git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.invalid"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_a_worktree_stands_for_the_folder_and_knows_its_thread(tmp_path: Path) -> None:
    source, home = tmp_path / "source", tmp_path / "home"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "a.txt").write_text("a")
    _git(source, "init", "-q")
    _git(source, "add", "-A")
    _git(source, "commit", "-qm", "first")
    cwd = worktrees.create(source / "sub", home)
    assert (cwd / "a.txt").read_text() == "a"
    assert cwd.parent.name == "source"
    assert cwd.parent.parent.parent == home / "worktrees"
    assert find_main_root(cwd) == source
    worktrees.own(cwd, "the-thread")
    (record,) = (source / ".git" / "worktrees").glob("*/codex-thread.json")
    assert json.loads(record.read_text()) == {"version": 1, "ownerThreadId": "the-thread"}


def test_a_folder_that_is_no_repository_gives_none(tmp_path: Path) -> None:
    with pytest.raises(worktrees.WorktreeError, match="not a git repository"):
        worktrees.create(tmp_path, tmp_path / "home")
