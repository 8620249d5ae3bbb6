"""Files of the home folder that others read meanwhile: they hold the old text or the new one, never half of it."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace_text"]


def replace_text(path: Path, text: str, *, private: bool = False) -> None:
    """The file with that text, in place of the one there is. `private`: nobody else may read it. Raises OSError."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    if private:
        made.touch(mode=0o600)
    made.write_text(text, encoding="utf-8")
    made.replace(path)
