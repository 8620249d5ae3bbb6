"""What people are told of a job whose rows are given to workers (captures: agents/csv_plain)."""

from __future__ import annotations

from pycodex.crew.events import JobBegan, JobEnded, JobProgressed

__all__ = ["JobLines"]

_WIDTH = 20
_AGAIN = "\x1b[1A\x1b[1G\x1b[2K"
"""One line up, to its beginning, and the line is empty; written whatever is on the other side (captured)."""


class JobLines:
    """The words of one printer, which keeps one line for how far a job is."""

    def __init__(self) -> None:
        self._open = False

    def line(self, event: JobBegan | JobEnded) -> str | None:
        """A line of its own."""
        if isinstance(event, JobEnded):
            return f"agent job completed with {event.failed} failed items" if event.failed else None
        wanted = "None" if event.wanted is None else f"Some({event.wanted})"
        return (
            f"agent job concurrency: job_id={event.job_id} requested={wanted} max_threads=Some({event.limit})"
            f" effective={event.at_once}"
        )

    def progress(self, event: JobProgressed) -> str:
        """The line that is kept, as it is now."""
        begins, self._open = "" if self._open else "\n", True
        done = event.completed + event.failed
        part = done / event.total if event.total else 0.0
        bar = "#" * _rounded(part * _WIDTH)
        counts = f"{done}/{event.total} {_rounded(part * 100)}% f{event.failed} r{event.running} p{event.pending}"
        return f"{begins}{_AGAIN}job {event.job_id[:8]} [{bar:-<{_WIDTH}}] {counts} eta {_left(event.seconds_left)}"

    def close(self) -> str:
        """What ends the kept line, where there is one."""
        ends, self._open = "\n" if self._open else "", False
        return ends


def _rounded(number: float) -> int:
    return int(number + 0.5)


def _left(seconds: int | None) -> str:
    """What takes more than a minute was not measured."""
    if seconds is None:
        return "--"
    if seconds < 1:
        return "0ms"
    return f"{seconds}.00s" if seconds < 60 else f"{seconds // 60}m {seconds % 60:02}s"
