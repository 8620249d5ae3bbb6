"""What git says about the working directory: for turn metadata and for the rollout's first line."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pycodex.records import dataclass
from pycodex.waiting import printed_within

__all__ = ["GitInfo", "ask_git", "collect", "find_main_root", "find_root", "marks_root"]

_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class GitInfo:
    """Facts about one repository; None stands for what git could not tell (no commit yet, detached head)."""

    root: Path
    commit_hash: str | None
    branch: str | None
    has_changes: bool | None
    """Whether anything differs from the last commit; untracked files count."""
    remote_urls: Mapping[str, str]
    """Remote name -> fetch URL as configured, with the credentials that may stand in it."""

    @property
    def repository_url(self) -> str | None:
        """URL of `origin`."""
        return self.remote_urls.get("origin")


def find_root(cwd: Path) -> Path | None:
    """The nearest folder at or above `cwd` that holds `.git`; no git process is started."""
    for folder in (cwd, *cwd.parents):
        if (folder / ".git").exists():
            return folder
    return None


def marks_root(folder: Path, markers: Sequence[str]) -> bool:
    """Whether a project's configuration begins here. An empty `.git` is none (captured: context/root_forms): a sandbox
    may have put it there."""
    found = [folder / marker for marker in markers if (folder / marker).exists()]
    return any(path.name != ".git" or path.is_file() or (path / "HEAD").exists() for path in found)


def find_main_root(cwd: Path) -> Path | None:
    """As `find_root`; of a linked worktree the folder of the repository that it belongs to."""
    root = find_root(cwd)
    if root is None or not (root / ".git").is_file():
        return root
    try:
        folder = Path((root / ".git").read_text(encoding="utf-8").partition("gitdir:")[2].strip())
    except (OSError, UnicodeDecodeError):
        return root
    if folder.parent.name == "worktrees" and folder.parent.parent.name == ".git":
        return folder.parent.parent.parent
    return root


async def collect(cwd: Path) -> GitInfo | None:
    """Ask git; None when `cwd` is in no repository or git is not installed."""
    if find_root(cwd) is None:
        return None
    root, commit, branch, status, remotes = await asyncio.gather(
        ask_git(cwd, "rev-parse", "--show-toplevel"),
        ask_git(cwd, "rev-parse", "HEAD"),
        ask_git(cwd, "rev-parse", "--abbrev-ref", "HEAD"),
        ask_git(cwd, "status", "--porcelain"),
        ask_git(cwd, "remote", "-v"),
    )
    if root is None:
        return None
    return GitInfo(
        root=Path(root.strip()),
        commit_hash=commit.strip() if commit else None,
        branch=branch.strip() if branch and branch.strip() != "HEAD" else None,
        has_changes=None if status is None else bool(status.strip()),
        remote_urls=_fetch_urls(remotes or ""),
    )


def _fetch_urls(listing: str) -> dict[str, str]:
    """The `(fetch)` lines of `git remote -v`."""
    urls = {}
    for line in listing.splitlines():
        name, _, rest = line.partition("\t")
        if rest.endswith(" (fetch)"):
            urls[name] = rest.removesuffix(" (fetch)")
    return urls


async def ask_git(cwd: Path, *arguments: str) -> str | None:
    """What git prints, or None when it fails."""
    # Looking at a repository must not write into it (`git status` would refresh the index).
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    printed = await printed_within(_SECONDS, ("git", *arguments), cwd, env)
    return None if printed is None else printed.decode(errors="replace")
