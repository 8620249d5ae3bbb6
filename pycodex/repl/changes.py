"""What has changed in the folder's repository, as `/diff` shows it: what git tracks, and then what it does not."""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["changes"]

_NO_REPOSITORY = "Not in a git repository: there is nothing to compare with."
_NOTHING = "No changes."


def changes(folder: Path, *, colors: bool) -> str:
    """The differences to the last commit, staged or not, and files that git does not know yet, whole; as codex-cli,
    which leaves out what is staged (measured)."""
    color = f"--color={'always' if colors else 'never'}"
    try:
        if _git(folder, "rev-parse", "--is-inside-work-tree").strip() != "true":
            return _NO_REPOSITORY
        begun = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
        told = _git(folder, "diff", color, "HEAD") if begun else _git(folder, "diff", color, "--cached")
        told += "" if begun else _git(folder, "diff", color)
        for name in _git(folder, "ls-files", "--others", "--exclude-standard", "-z").split("\0"):
            told += _git(folder, "diff", color, "--no-index", "--", "/dev/null", name) if name else ""
    except OSError as error:
        return f"git: {error.strerror}"
    return told.rstrip("\n") or _NOTHING


def _git(folder: Path, *words: str) -> str:
    """What git prints; that two files differ is no failure, so its exit code says nothing here."""
    done = subprocess.run(["git", *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.stdout.decode(errors="replace")
