"""What becomes of the terminal and of running commands when the program is ended by a signal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator

__all__ = ["ended_by_signals", "is_dumb"]

_PLAIN = b"\x1b[?2004l\x1b[?25h\r\n"
"""No bracketed paste, a cursor that is seen, a line of its own for what comes next."""


@contextlib.contextmanager
def ended_by_signals(kill: Callable[[], None]) -> Iterator[None]:
    """SIGTERM, SIGHUP (the terminal is closed) and a SIGINT that is no key end the program, as codex-cli's; but what
    its tools run ends with it (`kill`), and the terminal is left as it was found."""
    loop, restore = asyncio.get_running_loop(), _restorer()

    def end(number: signal.Signals) -> None:
        kill()
        restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, end, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def is_dumb() -> bool:
    """Whether the terminal can do no more than print lines."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def _restorer() -> Callable[[], None]:
    """Puts the terminal back into the state that it is in now."""
    import termios

    try:
        end = sys.stdin.fileno()
        before = termios.tcgetattr(end)
    except (OSError, ValueError, termios.error):
        return lambda: None

    def restore() -> None:
        with contextlib.suppress(OSError, ValueError, termios.error):
            termios.tcsetattr(end, termios.TCSANOW, before)
            os.set_blocking(end, False)  # a terminal that nobody reads is not waited for
            os.write(end, _PLAIN)
            os.set_blocking(end, True)

    return restore
