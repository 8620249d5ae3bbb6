"""A clock that is set forward where nothing else is to be done, so that a wait of a minute takes no time.

Agent and server share the loop: what one has written the other can read at once. So where nothing can be read, and
neither a thread nor a process of ours is at work, nothing happens before the next timer. Where there is not even a
timer, nothing will ever happen: that is a hang, and an error.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Callable
from contextvars import Context
from pathlib import Path
from typing import Any

__all__ = ["Hang", "QuickLoop"]

_GRACE = 0.002
"""Seconds for what is still under way inside the kernel."""
_BUSY = 0.02
_LONGEST_WORK = 20.0
"""Seconds of real time after which threads and processes are not waited for any more."""
_LAST_HOPE = 5.0
"""Seconds of real time in which something may come that nobody knew of."""
_END = 24 * 3600.0
"""Seconds of the clock after which a run counts as one that does not end."""


class Hang(Exception):
    """Nothing will ever happen again, or the run goes on for ever."""


class QuickLoop(asyncio.SelectorEventLoop):
    """The loop; `time` is its clock."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._working = 0
        super().__init__(_Selector(self._forward, lambda: self._working > 0 or _has_children()))

    def time(self) -> float:
        """Seconds that were passed over: a machine that is busy breaks no stream."""
        return self._skipped

    def _forward(self, seconds: float) -> None:
        self._skipped += seconds
        if self._skipped > _END:
            raise Hang("a day of the clock has gone by")

    def run_in_executor(  # type: ignore[override]  # what it takes is said with type variables of typeshed's own
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """As ever; meanwhile the clock is not set forward."""
        self._working += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._worked, context=Context())
        return future

    def _worked(self, _: object) -> None:
        self._working -= 1


class _Selector(selectors.DefaultSelector):
    def __init__(self, forward: Callable[[float], None], busy: Callable[[], bool]) -> None:
        super().__init__()
        self._forward, self._busy = forward, busy
        self._since: float | None = None

    def select(self, timeout: float | None = None) -> list[Any]:
        """What is ready; where nothing is, the time until something is due has gone by."""
        if timeout is not None and timeout <= 0:
            return super().select(0)
        found = super().select(_GRACE)
        if found:
            self._since = None
            return found
        if self._busy():
            self._since = self._since or time.monotonic()
            if time.monotonic() - self._since < _LONGEST_WORK:
                return super().select(_BUSY if timeout is None else min(timeout, _BUSY))
        self._since = None
        if timeout is None:
            if found := super().select(_LAST_HOPE):
                return found
            raise Hang("nothing will ever happen again")
        self._forward(timeout)
        return []


def _has_children() -> bool:
    """Whether a process that we started runs, or has ended and the loop has not been told of it yet.

    Before Python 3.12 a thread takes its end and tells the loop, and until then nothing else knows of it.
    """
    if any(thread.name.startswith("asyncio-waitpid") for thread in threading.enumerate()):
        return True
    return any(_read(task / "children").strip() for task in list(Path("/proc/self/task").iterdir()))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
