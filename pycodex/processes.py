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
from pycodex.waiting import exit_status, set_within

__all__ = ["ProcessManager", "Session", "Snapshot", "StartError"]

_EARLY_EXIT_SECONDS = 0.150
_CLOSE_SECONDS = 0.050
_AFTER_WRITE_SECONDS = 0.100
_READ_BYTES = 65536
_MOST_SESSIONS = 64
_SAFE_SESSIONS = 8
"""So many sessions that were used last are not ended to make room."""


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
        waits_bounded: bool,
        exit_code_of: Callable[[int], int],
    ) -> None:
        self.id = number
        self.argv = tuple(argv)
        self.cwd = cwd
        self.exit_code: int | None = None
        self.used_at = 0.0
        """When it was started or asked for last, on the loop's clock."""
        self.ended_early = False
        """Whether the command ended within the 150 ms that a start waits."""
        self._popen = popen
        self._readers = set(readers)
        self._terminal = terminal
        self._new, self._all, self._late = buffers(), buffers(), buffers()
        self._waits_bounded = waits_bounded
        self._waited_for: bytearray | None = None
        """What came since a call waits for it, where that is not bounded."""
        self._given_up = False
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
        self.ended_early = await set_within(self._exited, seconds)
        self._early = False

    async def collect(self, yield_ms: int) -> Snapshot:
        """Wait until the command ends or `yield_ms` have passed; the output since the last collect."""
        started = self._loop.time()
        taken = self._new
        gathered: bytearray | None = None
        if not self._waits_bounded:
            gathered = self._waited_for = bytearray(taken.join())
            taken.clear()
        await set_within(self._ended, yield_ms / 1000)
        wall = self._loop.time() - started
        if gathered is not None and self._waited_for is gathered:
            self._waited_for = None
        snapshot = Snapshot(
            output=taken.join() if gathered is None else bytes(gathered),
            total=taken.total if gathered is None else len(gathered),
            omitted=taken.omitted if gathered is None else 0,
            exit_code=self.exit_code,
            wall_seconds=wall,
        )
        if gathered is None:
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
        await set_within(self._ended, _AFTER_WRITE_SECONDS)

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

    def give_up(self) -> None:
        """Kill it, and let it count as failed at once (measured on the binary)."""
        self.kill()
        self._given_up = True

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
        try:
            status = await exit_status(self._popen)
            self._exited.set()
            for fd in tuple(self._readers):
                self._drain(fd)
            await set_within(self._closed, _CLOSE_SECONDS)
            self.exit_code = -1 if self._given_up else self._exit_code_of(status)
        except asyncio.CancelledError:  # the loop comes to its end
            self.kill()
            self._popen.wait()
            raise
        finally:  # nobody waits for ever
            for fd in tuple(self._readers):
                self._close(fd)
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
        if self._waited_for is None:
            self._new.push(data)
        else:
            self._waited_for += data
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
        waits_bounded: bool = True,
        signal_offset: int | None = 128,
        early_exit_seconds: float = _EARLY_EXIT_SECONDS,
    ) -> None:
        """`signal_offset`: exit code of a command killed by signal n is this + n; None: -1; with a
        terminal: 1 (in a sandbox these count for its keeper, which says 128 + n for the command itself).
        `early_exit_seconds`: how long a start waits. The others: see OutputBuffer, TruncateStyle."""
        self._buffers = lambda: OutputBuffer(buffer_bytes, marker=omitted_marker)
        self._waits_bounded = waits_bounded
        self._signal_offset = signal_offset
        self._early_exit_seconds = early_exit_seconds
        self._sessions: dict[int, Session] = {}
        self._kept: set[int] = set()
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
            waits_bounded=self._waits_bounded,
            exit_code_of=self._exit_code_of(tty=tty),
        )
        self._sessions[session.id] = session
        self._groups.add(popen.pid)
        try:
            await session.settle(self._early_exit_seconds)
        except asyncio.CancelledError:  # it does not count as started (captured: code_mode/cut_off)
            session.kill()
            raise
        if not session.ended_early:
            self._make_room()
            self._kept.add(session.id)
            self._used(session)
        return session

    @property
    def kept(self) -> int:
        """How many sessions count: those that outlived their start and whose end was not reported."""
        return len(self._kept)

    def get(self, session_id: int) -> Session | None:
        """The session of that id, until it is released. It counts as used."""
        session = self._sessions.get(session_id)
        if session is not None:
            self._used(session)
        return session

    def _used(self, session: Session) -> None:
        session.used_at = asyncio.get_running_loop().time()

    def _make_room(self) -> None:
        """End a session when there are too many: the one unused for the longest time, one that has ended before one
        that runs; never one of those that were used last."""
        if len(self._kept) < _MOST_SESSIONS:
            return
        by_age = sorted((self._sessions[number] for number in self._kept), key=lambda it: it.used_at)
        old = by_age[:-_SAFE_SESSIONS]
        chosen = next((session for session in old if session.exit_code is not None), old[0])
        chosen.give_up()
        self.release(chosen)

    def release(self, session: Session) -> None:
        """Forget a session whose end was reported. What is left of its process group ends with that; a child that
        made a group of its own lives on (measured on the binary)."""
        self._sessions.pop(session.id, None)
        self._kept.discard(session.id)
        if session.pid in self._groups:
            self._groups.remove(session.pid)
            session.kill()

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
        self._kept.clear()

    def own_group(self, group: int) -> None:
        """A process group that is to be killed with the others."""
        self._groups.add(group)

    def disown_group(self, group: int) -> None:
        """A process group that is left alone from now on."""
        self._groups.discard(group)

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
