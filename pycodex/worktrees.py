"""Managed worktrees (`--worktree`): `$CODEX_HOME/worktrees/<four hex digits>/<name of the repository>`.

Captured: context/worktree. They are detached at HEAD: what the source has beyond its last commit stays behind.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path

from pycodex.config import ConfigError

__all__ = ["WorktreeError", "create", "own", "source_root"]


class WorktreeError(ConfigError):
    """There is no worktree; `str(error)` is the line for stderr."""


def source_root(cwd: Path) -> Path:
    """The root of the repository that `cwd` is in. Raises WorktreeError."""
    return Path(_git(cwd, "rev-parse", "--show-toplevel").strip())


def create(cwd: Path, home: Path) -> Path:
    """A new worktree of the repository of `cwd`; the folder in it that stands for `cwd`. Raises WorktreeError."""
    root = source_root(cwd)
    path = _free(home / "worktrees") / root.name
    path.parent.mkdir(parents=True)
    try:
        _git(root, "worktree", "add", "--detach", str(path), "HEAD")
    except WorktreeError:
        path.parent.rmdir()
        raise
    folder = _git_folder(path)
    _git(root, "config", "--file", str(folder / "config.worktree"), "core.worktree", str(path))
    return path / cwd.resolve().relative_to(root)


def own(cwd: Path, thread_id: str) -> None:
    """Note which thread the worktree was made for."""
    record = _git_folder(source_root(cwd)) / "codex-thread.json"
    text = json.dumps({"version": 1, "ownerThreadId": thread_id}, separators=(",", ":"))
    handle = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _free(folder: Path) -> Path:
    while True:
        path = folder / secrets.token_hex(2)
        if not path.exists():
            return path


def _git_folder(root: Path) -> Path:
    return Path(_git(root, "rev-parse", "--absolute-git-dir").strip())


def _git(cwd: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise WorktreeError(f"Error: git command failed: {error.strerror} (os error {error.errno})") from None
    if done.returncode:
        raise WorktreeError(f"Error: git command failed: {done.stderr.strip()}")
    return done.stdout
