"""A command that is waited for to its end, or to a limit of time, and whose two streams are kept apart.

As measured on codex-cli 0.115.0 (captures: shell/shell_tool): of each stream the first 1 MiB is kept; a stream that a
child of the command still holds two seconds after the command's end is given up with all it said.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from pycodex.processes import ProcessManager
from pycodex.records import dataclass
from pycodex.sandbox import SandboxPolicy, enforce
from pycodex.spawn import spawn
from pycodex.waiting import exit_status, set_within

__all__ = ["Finished", "run_once"]

_MOST_BYTES = 1024 * 1024
_DRAIN_SECONDS = 2.0
_READ_BYTES = 65536


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How it ended. `status` is negative for a signal; None: it took too long and was killed."""

    status: int | None
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def output(self) -> bytes:
        """Both streams, one after the other. Where there is no room for both, stderr may have two thirds of it, and
        each what the other leaves."""
        if len(self.stdout) + len(self.stderr) <= _MOST_BYTES:
            return self.stdout + self.stderr
        out = min(len(self.stdout), _MOST_BYTES // 3)
        err = min(len(self.stderr), _MOST_BYTES - out)
        out = min(len(self.stdout), _MOST_BYTES - err)
        return self.stdout[:out] + self.stderr[:err]


class _Stream:
    """Reads a pipe to its end, and keeps the beginning."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._kept = bytearray()
        self._closed = asyncio.Event()
        os.set_blocking(fd, False)
        asyncio.get_running_loop().add_reader(fd, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            self.close()
            return
        self._kept += data[: _MOST_BYTES - len(self._kept)]

    def close(self) -> None:
        if not self._closed.is_set():
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._closed.set()

    async def rest(self) -> bytes:
        """What it said, once it is at its end; nothing when that does not come."""
        if await set_within(self._closed, _DRAIN_SECONDS):
            return bytes(self._kept)
        self.close()
        return b""


async def run_once(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    *,
    seconds: float,
    sandbox: SandboxPolicy,
    processes: ProcessManager,
) -> Finished:
    """Run it. Its group is killed when it takes too long, or when the caller is cancelled; `processes` kills it when
    the agent ends. Raises StartError, SandboxUnavailable."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    popen, readers, _ = spawn(argv, cwd, env, tty=False, confinement=enforce(sandbox))
    processes.own_group(popen.pid)
    streams = [_Stream(fd) for fd in readers]
    status: int | None = None
    ended = asyncio.ensure_future(exit_status(popen))
    try:
        done, _ = await asyncio.wait({ended}, timeout=seconds)
        if done:
            status = ended.result()
        else:
            _kill(popen.pid)
            await ended
        stdout, stderr = [await stream.rest() for stream in streams]
    except asyncio.CancelledError:
        _kill(popen.pid)
        await ended
        raise
    finally:
        processes.disown_group(popen.pid)
        for stream in streams:
            stream.close()
    return Finished(status=status, stdout=stdout, stderr=stderr, seconds=loop.time() - started)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
