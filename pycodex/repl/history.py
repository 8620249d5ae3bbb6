"""What was entered, across sessions: `$CODEX_HOME/history.jsonl`, which codex-cli keeps too."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from pycodex.ids import uuid4

__all__ = ["keep_attachment", "read_history", "remember"]

_FILE = "history.jsonl"


def remember(home: Path, thread_id: str, text: str) -> None:
    """Adds an entry; the file is for its owner only."""
    row = {"session_id": thread_id, "ts": int(time.time()), "text": text}
    line = json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n"
    file = os.open(home / _FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def keep_attachment(home: Path, name: str, text: str) -> Path:
    """A file that the agent is to read, in a folder of its own. Its path."""
    folder = home / "attachments" / uuid4()
    folder.mkdir(parents=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read_history(home: Path) -> list[str]:
    """All entries, oldest first; a line that is none is passed over."""
    try:
        lines = (home / _FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    texts = []
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("text"), str):
            texts.append(row["text"])
    return texts
