"""SIGINT and SIGTERM while `exec` runs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

__all__ = ["handle_signals"]


def handle_signals(*, interrupt: Callable[[], object], kill: Callable[[], None]) -> None:
    """The first SIGINT interrupts the turn, a second one ends the program; SIGTERM and SIGHUP end it at once, as
    upstream, unless it found them ignored: `nohup pycodex exec` goes on (captured: signals/hangup_ignored).

    `kill` ends what the tools run: a program that ends leaves no command behind.
    """
    loop = asyncio.get_running_loop()

    def end(number: signal.Signals) -> None:
        kill()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def on_interrupt() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        loop.add_signal_handler(signal.SIGINT, end, signal.SIGINT)
        interrupt()

    loop.add_signal_handler(signal.SIGINT, on_interrupt)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would take the exit codes of commands away
