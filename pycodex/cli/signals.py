"""SIGINT and SIGTERM while `exec` runs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

__all__ = ["handle_signals"]


def handle_signals(*, interrupt: Callable[[], object], kill: Callable[[], None]) -> None:
    """The first SIGINT interrupts the turn, a second one ends the program; SIGTERM ends it at once, as upstream.

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
        loop.add_signal_handler(number, end, number)
