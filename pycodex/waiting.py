"""Waiting for children: for their end, for what they print, within limits of time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["exit_status", "printed_within", "set_within"]


async def printed_within(seconds: float, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> bytes | None:
    """What a program prints, from an empty stdin and in a session of its own; None when it cannot be started, fails,
    or takes longer. Nothing of it outlives the wait, however that ends."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    )
    try:
        async with asyncio.timeout(seconds):
            # The program may run before its start is known here: a wait that ends meanwhile still has to end it.
            process = await asyncio.shield(starting)
            printed, _ = await process.communicate()
    except (TimeoutError, asyncio.CancelledError) as error:
        with contextlib.suppress(OSError, ValueError):
            process = await starting
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if isinstance(error, TimeoutError):
            return None
        raise
    except (OSError, ValueError):
        return None
    return printed if process.returncode == 0 else None


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event` that long; whether it is set. Comes back at once when it is.

    Not `asyncio.wait_for`: before Python 3.12 that one forgets a cancellation that comes as the event does.
    """
    if not event.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
    return event.is_set()


async def exit_status(popen: subprocess.Popen[bytes]) -> int:
    """The exit status, negative for a signal, without blocking the loop."""
    if not hasattr(os, "pidfd_open"):
        return await asyncio.to_thread(popen.wait)
    loop = asyncio.get_running_loop()
    fd = os.pidfd_open(popen.pid)
    ended = asyncio.Event()
    loop.add_reader(fd, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(fd)
        os.close(fd)
    return popen.wait()
