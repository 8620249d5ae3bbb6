"""The threads of a home that a session can go on with: which there are, and what is shown of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pycodex.items import said_by_user, text_of
from pycodex.records import dataclass
from pycodex.rollout import find_rollout, named_thread, thread_name

__all__ = ["SavedThread", "find_thread", "saved_thread", "saved_threads"]


@dataclass(frozen=True, kw_only=True)
class SavedThread:
    """A thread, and the folders where it began and where its last turn was."""

    path: Path
    id: str
    folders: tuple[str, ...]
    prompt: str
    """What was said first."""
    by_person: bool
    """Whether a session made it, and not a script."""

    def shown(self, home: Path) -> str:
        """Its name, or else how it begins, in a line."""
        return (thread_name(home, self.id) or self.prompt).partition("\n")[0]


def saved_threads(home: Path, cwd: Path | None, *, everyone: bool = False) -> Iterator[SavedThread]:
    """Those of a folder (None: of any), the newest first; without `everyone` only what sessions made (captured:
    interactive/resume_sources, interactive/resume_folders)."""
    paths = (home / "sessions").glob("*/*/*/rollout-*.jsonl")
    for path in sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True):
        thread = saved_thread(path)
        if thread is None or not (everyone or thread.by_person):
            continue
        if cwd is None or str(cwd) in thread.folders:
            yield thread


def saved_thread(path: Path) -> SavedThread | None:
    """The thread of a rollout; None where nobody said anything yet, or a sub-agent works for another thread."""
    try:
        first, *rest = path.read_bytes().splitlines()
        meta = json.loads(first)["payload"]
        items = (_payload(line) for line in rest if _ITEM in line)
        prompt = next((text_of(item) for item in items if said_by_user(item)), None)
        last: dict[str, Any] = next((_payload(line) for line in reversed(rest) if _TURN in line), meta)
        if prompt is None or isinstance(meta.get("source"), dict):
            return None
        return SavedThread(
            path=path,
            id=meta["id"],
            folders=(str(last.get("cwd")), str(meta.get("cwd"))),
            prompt=prompt,
            by_person=meta.get("source") != "exec",
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


_TURN = b'"type":"turn_context"'
_ITEM = b'"type":"response_item"'


def _payload(line: bytes) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(line)["payload"]
    return payload


def find_thread(home: Path, words: str) -> Path | None:
    """The rollout of the thread with that id or, else, that name (captured: interactive/resume_name)."""
    path = find_rollout(home, words)
    if path is None and (named := named_thread(home, words)) is not None:
        path = find_rollout(home, named)
    return path
