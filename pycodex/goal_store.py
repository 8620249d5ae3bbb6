"""Where the goal of a thread is kept between runs: `goals/<thread>.json` in the home folder.

codex-cli has a database of its own for them; what counts is that the goal is there where the thread is resumed
(captures: tools/goal_kept, tools/goal_resumed).
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from pycodex.whole_file import replace_text

__all__ = ["GoalStore"]


class GoalStore:
    """The file of one thread; a file that cannot be read or written is as good as none."""

    def __init__(self, home: Path, thread_id: str) -> None:
        self._path = home / "goals" / f"{thread_id}.json"

    def load(self) -> dict[str, Any] | None:
        """What was kept last."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept if isinstance(kept, dict) else None

    def clear(self) -> None:
        """Keep nothing any more."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def save(self, kept: dict[str, Any]) -> None:
        """Keep this in place of what was kept; a reader sees the one or the other."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(self._path, json.dumps(kept, ensure_ascii=False))
