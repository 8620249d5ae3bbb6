"""How far a bench is."""

from __future__ import annotations

import sys

__all__ = ["Progress"]


class Progress:
    """One line on a terminal that says what runs; nothing in a pipe."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0

    def step(self, text: str) -> None:
        """The next thing begins."""
        self._done += 1
        self._show(f"{self._done}/{self._total} {text}")

    def clear(self) -> None:
        """The line goes away."""
        self._show("")

    def _show(self, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
