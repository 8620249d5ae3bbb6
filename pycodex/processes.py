"""Commands that run beside the agent: started, polled, written to, and killed as process groups.

Times are as measured on codex-cli: a start waits 150 ms for commands that end at once, and the wall clock of
the first collect begins only then (so quick commands print 0.0000 seconds); after the end of a command whose
pipes are still held by a child of its own, 50 ms are granted for what is under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pycodex.buffers import OutputBuffer
from pycodex.records import dataclass
from pycodex.sandbox import SandboxPolicy, enforce
from pycodex.spawn import StartError, spawn

__all__ = ["ProcessManager", "Session", "Snapshot", "StartError"]

_EARLY_EXIT_SECONDS = 0.150
_CLOSE_SECONDS = 0.050
_AFTER_WRITE_SECONDS = 0.100
_READ_BYTES = 65536


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What one wait brought. `output`: bytes not reported before, cut to the buffer policy.

    `total`: how many were printed, `omitted`: how many of these the buffer dropped.
    """

    output: bytes
    total: int
    omitted: int
    exit_code: int | None
    wall_seconds: float


class Session:
    """One running (or ended) command. Made by ProcessManager.start."""

    def __init__(
        self,
        *,
        number: int,
        argv: Sequence[str],
        cwd: Path,
        popen: subprocess.Popen[bytes],
        readers: Sequence[int],
        terminal: int | None,
        buffers: Callable[[], OutputBuffer],
        exit_code_of: Callable[[int], int],
    ) -> None:
        self.id = number
        self.argv = tuple(argv)
        self.cwd = cwd
        self.exit_code: int | None = None
        self.ended_early = False
        """Whether the command ended within the 150 ms that a start waits."""
        self._popen = popen
        self._readers = set(readers)
        self._terminal = terminal
        self._new, self._all, self._late = buffers(), buffers(), buffers()
        self._early = True
        self._exit_code_of = exit_code_of
        self._loop = asyncio.get_running_loop()
        self._exited = asyncio.Event()
        self._ended = asyncio.Event()
        self._closed = asyncio.Event()
        self._callbacks: list[Callable[[Session], None]] = []
        for fd in readers:
            os.set_blocking(fd, False)
            self._loop.add_reader(fd, self._read, fd)
        self._watch = asyncio.create_task(self._wait(), name=f"command {number}")

    @property
    def tty(self) -> bool:
        """Whether the command has a terminal."""
        return self._terminal is not None

    @property
    def pid(self) -> int:
        """The id of the process, and of its group."""
        return self._popen.pid

    async def settle(self, seconds: float) -> None:
        """Wait a moment for a command that ends at once; what comes later is also kept for `late_output`."""
        self.ended_early = await _set_within(self._exited, seconds)
        self._early = False

    async def collect(self, yield_ms: int) -> Snapshot:
        """Wait until the command ends or `yield_ms` have passed; the output since the last collect."""
        started = self._loop.time()
        await _set_within(self._ended, yield_ms / 1000)
        wall = self._loop.time() - started
        taken = self._new
        snapshot = Snapshot(
            output=taken.join(),
            total=taken.total,
            omitted=taken.omitted,
            exit_code=self.exit_code,
            wall_seconds=wall,
        )
        taken.clear()
        return snapshot

    async def write(self, chars: bytes) -> None:
        """Type `chars` into the terminal, and give the command a moment. Raises BrokenPipeError without a
        terminal."""
        if self._terminal is None or self._ended.is_set():
            raise BrokenPipeError
        os.set_blocking(self._terminal, False)
        while chars:
            try:
                chars = chars[os.write(self._terminal, chars) :]
            except BlockingIOError:
                await self._writable(self._terminal)
            except OSError as error:
                raise BrokenPipeError from error
        await _set_within(self._ended, _AFTER_WRITE_SECONDS)

    def interrupt(self) -> None:
        """SIGINT to the session's process group."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL to the session's process group, also when only children of the command are left in it."""
        self._signal(signal.SIGKILL)

    def all_output(self) -> bytes:
        """Everything the command printed so far, cut to the buffer policy."""
        return self._all.join()

    def late_output(self) -> bytes:
        """What the command printed after the first 150 ms; all of it when it ended within them."""
        return self._all.join() if self.ended_early else self._late.join()

    def on_exit(self, callback: Callable[[Session], None]) -> None:
        """Call `callback(self)` once, when the command has ended and its output is read."""
        if self._ended.is_set():
            callback(self)
        else:
            self._callbacks.append(callback)

    def silence(self) -> None:
        """Drop the callbacks of on_exit."""
        self._callbacks.clear()

    async def wait(self) -> None:
        """Until the command has ended and its output is read."""
        await self._ended.wait()

    async def _wait(self) -> None:
        status = await _exit_status(self._popen)
        self._exited.set()
        for fd in tuple(self._readers):
            self._drain(fd)
        await _set_within(self._closed, _CLOSE_SECONDS)
        for fd in tuple(self._readers):
            self._close(fd)
        self.exit_code = self._exit_code_of(status)
        self._ended.set()
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)

    def _drain(self, fd: int) -> None:
        while fd in self._readers and self._read(fd):
            pass

    def _read(self, fd: int) -> bool:
        """One read; whether there was something."""
        try:
            data = os.read(fd, _READ_BYTES)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno != errno.EIO:  # how a terminal says that nobody holds its other end
                raise
            data = b""
        if not data:
            self._close(fd)
            return False
        self._new.push(data)
        self._all.push(data)
        if not self._early:
            self._late.push(data)
        return True

    def _close(self, fd: int) -> None:
        self._readers.discard(fd)
        self._loop.remove_reader(fd)
        os.close(fd)
        if fd == self._terminal:
            self._terminal = -1
        if not self._readers:
            self._closed.set()

    async def _writable(self, fd: int) -> None:
        ready = asyncio.Event()
        self._loop.add_writer(fd, ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(fd)

    def _signal(self, number: signal.Signals) -> None:
        # The group may be gone, or be left to children that changed their user.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)


class ProcessManager:
    """Owns every command of one agent. `shutdown()` leaves none behind."""

    def __init__(
        self,
        *,
        buffer_bytes: int = 1024 * 1024,
        omitted_marker: bool = True,
        signal_offset: int | None = 128,
        early_exit_seconds: float = _EARLY_EXIT_SECONDS,
    ) -> None:
        """`signal_offset`: exit code of a command killed by signal n is this + n; None: -1; with a
        terminal: 1 (in a sandbox these count for its keeper, which says 128 + n for the command itself).
        `early_exit_seconds`: how long a start waits. The other two: see OutputBuffer."""
        self._buffers = lambda: OutputBuffer(buffer_bytes, marker=omitted_marker)
        self._signal_offset = signal_offset
        self._early_exit_seconds = early_exit_seconds
        self._sessions: dict[int, Session] = {}
        self._groups: set[int] = set()

    async def start(
        self,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        *,
        tty: bool = False,
        sandbox: SandboxPolicy | None = None,
    ) -> Session:
        """Start `argv` in a process group of its own; comes back when it has ended, or after 150 ms.

        Without `tty` stdin is empty and stdout and stderr are two pipes, read into one stream as they come.
        Raises StartError, SandboxUnavailable.
        """
        confinement = enforce(sandbox) if sandbox is not None else None
        popen, readers, terminal = spawn(argv, cwd, env, tty=tty, confinement=confinement)
        session = Session(
            number=self._new_id(),
            argv=argv,
            cwd=cwd,
            popen=popen,
            readers=readers,
            terminal=terminal,
            buffers=self._buffers,
            exit_code_of=self._exit_code_of(tty=tty),
        )
        self._sessions[session.id] = session
        self._groups.add(popen.pid)
        await session.settle(self._early_exit_seconds)
        return session

    def get(self, session_id: int) -> Session | None:
        """The session of that id, until it is released."""
        return self._sessions.get(session_id)

    def release(self, session: Session) -> None:
        """Forget a session whose end was reported."""
        self._sessions.pop(session.id, None)

    def running(self) -> list[Session]:
        """Sessions that have not ended, oldest first."""
        return [session for session in self._sessions.values() if session.exit_code is None]

    async def shutdown(self) -> None:
        """Kill every process group that is left, and reap. The ends that this brings are not told to
        anyone."""
        sessions = list(self._sessions.values())
        self.kill()
        await asyncio.gather(*(session.wait() for session in sessions))
        self._sessions.clear()

    def kill(self) -> None:
        """Kill every process group that is left, without waiting for anything."""
        for session in self._sessions.values():
            session.silence()
            session.kill()
        for group in self._groups:
            # Background children of commands that have ended live on in their groups.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        self._groups.clear()

    def _new_id(self) -> int:
        import random

        while True:
            number = random.randint(1000, 99_999)
            if number not in self._sessions:
                return number

    def _exit_code_of(self, *, tty: bool) -> Callable[[int], int]:
        offset = self._signal_offset

        def exit_code(status: int) -> int:
            if status >= 0:
                return status
            if tty:
                return 1
            return -1 if offset is None else offset - status

        return exit_code


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event` that long; whether it is set. Comes back at once when it is."""
    if not event.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
    return event.is_set()


async def _exit_status(popen: subprocess.Popen[bytes]) -> int:
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
