"""Rows that both sides have: each stands once in a report, in a script that the pages of a lane share.

Nine rows of ten say the same on many pages: headers, settings, prompts. A page names the rows of a part by number, and
`report.js` puts them in when the page is opened. What differs stands on the page itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from compare.html.sides import Row

__all__ = ["SharedRows", "is_shared"]

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class SharedRows:
    """The rows of the cells of one lane, by content."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def put(self, html: str) -> str:
        """The number, in base 36, of a row of a table."""
        text = html.strip()
        if text not in self._known:
            self._known[text] = _base36(len(self._known))
        return self._known[text]

    def write(self, file: Path) -> None:
        """The script: a list, which report.js finds."""
        rows = ",\n".join(json.dumps(text, ensure_ascii=False) for text in self._known)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"globalThis.ROWS = [\n{rows}\n];\n", encoding="utf-8", errors="backslashreplace")


def is_shared(rows: Sequence[Row]) -> bool:
    """Whether a part holds nothing that is its page's own: no difference, no noise, nothing to point at."""
    return all(row.state == "same" and row.both and row.number is None for row in rows)


def _base36(number: int) -> str:
    text = _DIGITS[number % 36]
    while number := number // 36:
        text = _DIGITS[number % 36] + text
    return text
