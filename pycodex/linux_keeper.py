"""Processes that stay beside a command until it ends, and end as it ended."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection

__all__ = ["close_all_but", "default_signals", "exit_code", "keep"]

_SIGNAL_BASE = 128


def keep(child: int, descriptors: Collection[int] = ()) -> None:
    """Wait for `child`, then end with its exit code. Output stays open, as under bubblewrap; of the other
    descriptors only those that are named."""
    close_all_but(descriptors)
    os._exit(exit_code(os.waitpid(child, 0)[1]))


def close_all_but(kept: Collection[int], *, first: int = 3) -> None:
    """Close every other descriptor from `first` on: a process that stays must not hold pipes of the agent."""
    for fd in sorted(kept):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def exit_code(status: int) -> int:
    """The exit code for a wait status: 128 + n for signal n."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else _SIGNAL_BASE - code


def default_signals() -> None:
    """Undo the agent's own handlers: the keeper dies of what it gets, and the first process ignores it."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
