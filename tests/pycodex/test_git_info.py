from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pycodex.git_info import collect, find_root, marks_root

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str) -> str:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "repo"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q")
    return folder


async def test_no_repository_and_no_git_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_root(tmp_path) is None
    assert await collect(tmp_path) is None


async def test_repository_without_a_commit(repo: Path) -> None:
    info = await collect(repo)
    assert info is not None
    assert (info.root, info.commit_hash, info.branch, info.has_changes) == (repo, None, None, False)
    assert info.repository_url is None


async def test_commit_branch_remotes_and_changes(repo: Path) -> None:
    (repo / "f").write_text("1")
    git(repo, "add", "f")
    git(repo, "commit", "-q", "-m", "c")
    git(repo, "remote", "add", "origin", "https://user:example@example.com/a.git")
    git(repo, "remote", "add", "other", "git@example.com:b.git")
    info = await collect(repo / "sub")
    assert info is not None
    assert info.root == repo
    assert find_root(repo / "sub") == repo
    assert info.commit_hash == git(repo, "rev-parse", "HEAD")
    assert info.branch == "main"
    assert info.has_changes is False
    assert info.repository_url == "https://user:example@example.com/a.git"
    assert info.remote_urls["other"] == "git@example.com:b.git"

    (repo / "untracked").write_text("2")
    git(repo, "checkout", "-q", "--detach")
    changed = await collect(repo)
    assert changed is not None
    assert (changed.has_changes, changed.branch) == (True, None)


async def test_git_that_is_not_installed(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo))
    assert await collect(repo) is None


def test_an_empty_git_folder_begins_no_project(tmp_path: Path) -> None:
    folder = tmp_path / ".git"
    folder.mkdir()
    assert not marks_root(tmp_path, [".git"])
    assert marks_root(tmp_path.parent, [".git", tmp_path.name])
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    assert marks_root(tmp_path, [".git"])
    assert not marks_root(tmp_path, ["other"])
