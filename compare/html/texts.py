"""Long texts of a report: each stands once, as a page that the others show in a frame when it is unfolded."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LONG", "SharedTexts", "TextRef"]

LONG = 600
"""A text of more characters than this is folded, and lies in a file that all cells share."""

_MOST = 40_000
"""Of a longer text the middle is left out; the recording has it."""

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>:root {{ color-scheme: light dark }} body {{ margin: .6rem .8rem }}
pre {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 12.5px/1.45 ui-monospace, monospace }}</style>
<pre>{text}</pre>
"""
"""Its style is its own: in a sandboxed frame a page that was opened as a file may load no other file."""


@dataclass(frozen=True, kw_only=True)
class TextRef:
    """A shared text: its file, how long it is, and how it begins."""

    file: str
    size: int
    start: str


class SharedTexts:
    """The texts of one report, by content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, TextRef] = {}

    def put(self, text: str, start: str = "") -> TextRef:
        """The reference for this text; the first time, its page is written. `start` is what to call it."""
        ref = self._known.get(text)
        if ref is None:
            name = f"{hashlib.sha256(text.encode(errors='backslashreplace')).hexdigest()[:12]}.html"
            start = start or " ".join(text[:200].split())[:90]
            ref = self._known[text] = TextRef(file=f"texts/{name}", size=len(text), start=start)
            self.folder.mkdir(parents=True, exist_ok=True)
            page = _PAGE.format(title=html.escape(start), text=html.escape(_clipped(text)))
            (self.folder / name).write_text(page, encoding="utf-8", errors="backslashreplace")
        return ref


def _clipped(text: str) -> str:
    if len(text) <= _MOST:
        return text
    half = _MOST // 2
    return f"{text[:half]}\n\n[… {len(text) - _MOST:,} characters left out; the recording has them …]\n\n{text[-half:]}"
