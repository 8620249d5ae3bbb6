"""Waiting for children: for their end, for what they print, within limits of time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path

from pycodex.records import dataclass

__all__ = ["Ended", "exit_status", "exit_words", "printed_within", "run_within", "set_within", "unless"]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A program that ended by itself: its status, negative for a signal, and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


async def printed_within(seconds: float, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> bytes | None:
    """What a program prints, from an empty stdin and in a session of its own; None when it cannot be started, fails,
    or takes longer."""
    try:
        ended = await run_within(seconds, argv, cwd, env, session=True)
    except (OSError, ValueError):  # a TimeoutError is an OSError
        return None
    return ended.stdout if ended.status == 0 else None


async def run_within(seconds: float, argv: Sequence[str], cwd: Path, env: Mapping[str, str], *, session: bool) -> Ended:
    """Run a program, with an empty stdin, to its end. Raises TimeoutError, and OSError or ValueError when it cannot be
    started. It does not outlive the wait, however that ends; in a `session` of its own nothing that it started does."""
    starting = asyncio.ensure_future(_start(argv, cwd, env, session=session))
    try:
        async with asyncio.timeout(seconds):
            # The program may run before its start is known here: a wait that ends meanwhile still has to end it.
            process, _ = await asyncio.shield(starting)
            stdout, stderr = await process.communicate()
    except (TimeoutError, asyncio.CancelledError):
        with contextlib.suppress(OSError, ValueError):
            process, transport = await starting
            (os.killpg if session else os.kill)(process.pid, signal.SIGKILL)
            for number in (1, 2):  # what the program started may hold its pipes, and is not waited for
                pipe = transport.get_pipe_transport(number)
                if pipe is not None:
                    pipe.close()
            await process.wait()
        raise
    assert process.returncode is not None
    return Ended(status=process.returncode, stdout=stdout, stderr=stderr)


async def _start(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], *, session: bool
) -> tuple[asyncio.subprocess.Process, asyncio.SubprocessTransport]:
    """The process and its transport. Raises OSError and ValueError."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: asyncio.subprocess.SubprocessStreamProtocol(limit=_LINE, loop=loop),
        *argv,
        cwd=cwd,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=session,
    )
    return asyncio.subprocess.Process(transport, protocol, loop), transport


_LINE = 1 << 16
"""Bytes that a stream holds before its pipe is read no further; `communicate` takes them as they come."""


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event` that long; whether it is set. Comes back at once when it is.

    Not `asyncio.wait_for`: before Python 3.12 that one forgets a cancellation that comes as the event does.
    """
    if not event.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
    return event.is_set()


async def unless(work: Awaitable[bool], cut: Awaitable[object]) -> bool | None:
    """What the work comes to; None: it was cut off."""
    running, cutting = asyncio.ensure_future(work), asyncio.ensure_future(cut)
    try:
        await asyncio.wait({running, cutting}, return_when=asyncio.FIRST_COMPLETED)
        return running.result() if running.done() else None
    finally:
        running.cancel()
        cutting.cancel()


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


def exit_words(status: int) -> str:
    """A status as Rust's standard library says it."""
    if status >= 0:
        return f"exit status: {status}"
    return f"signal: {-status} ({signal.Signals(-status).name})"
