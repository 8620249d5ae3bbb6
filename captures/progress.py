"""A progress line on a terminal; silence in a pipe."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from captures.driver import Outcome

__all__ = ["Progress"]


class Progress:
    """`with Progress(total, title) as progress:` and `progress.step(outcome)` after each cell, or `advance(note)`."""

    def __init__(self, total: int, title: str) -> None:
        self.total = total
        self.title = title
        self.done = 0
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self._draw("")
        return self

    def step(self, outcome: Outcome) -> None:
        self.advance(f"{outcome.lane}/{outcome.scenario_id} {outcome.status}")

    def advance(self, note: str) -> None:
        """One more is done; `note` says which."""
        self.done += 1
        self._draw(note)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def clear(self) -> None:
        """An empty line, for something else to be printed."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, note: str) -> None:
        if not self._shown:
            return
        full = 24 * self.done // max(1, self.total)
        bar = "#" * full + "." * (24 - full)
        sys.stderr.write(f"\r\x1b[K{self.title} [{bar}] {self.done}/{self.total} {note}"[:120])
        sys.stderr.flush()
