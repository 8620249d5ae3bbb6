"""A terminal for interactive runs: a pseudo-terminal on one side, an emulated screen on the other.

Programs ask their terminal where the cursor is before they draw; the screen answers. Text is entered as a paste
(bracketed), because a program may take fast typing for one (codex-cli then reads Enter as a new line).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import pyte

__all__ = ["KEYS", "Terminal"]

KEYS: Mapping[str, str] = {
    "enter": "\r",
    "tab": "\t",
    "esc": "\x1b",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "shift-tab": "\x1b[Z",
    "backspace": "\x7f",
    **{f"ctrl-{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
"""Names of keys; any other single character is itself."""

_UNKNOWN = re.compile(rb"\x1b\[[<>=?][0-9;]*[umq]")
"""Sequences that the emulator would print: the kitty keyboard, private attributes."""
_CHUNK = 4096
_OPEN = re.compile(rb"\x1b(\[[^@-~]*)?\Z")
"""A sequence that is not whole yet."""


class Terminal:
    """`await Terminal.start(...)`, then write and look at `text()`; `await aclose()` kills what was started."""

    def __init__(self, process: asyncio.subprocess.Process, end: int, screen: pyte.Screen) -> None:
        import pyte

        self.process = process
        self._end, self._screen = end, screen
        self._stream = pyte.ByteStream(screen)
        self._rest = b""
        self._unwritten = bytearray()
        self._loop = asyncio.get_running_loop()
        self._changed = self._loop.time()
        self._text: str | None = None  # what text() said last, as long as that holds
        screen.write_process_input = lambda data: self.write(data.encode())  # type: ignore[method-assign]
        os.set_blocking(end, False)
        self._loop.add_reader(end, self._read)

    @classmethod
    async def start(
        cls, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], rows: int = 50, columns: int = 150
    ) -> Self:
        """Starts a program with the terminal as its controlling one, in a session of its own."""
        import pyte

        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                cwd=cwd,
                env=env,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return cls(process, ours, pyte.Screen(columns, rows))

    def ended(self) -> bool:
        """Whether the program has ended."""
        return self.process.returncode is not None

    def text(self) -> str:
        """What is on the screen."""
        if self._text is None:
            self._text = "\n".join(line.rstrip() for line in self._screen.display)
        return self._text

    def quiet_for(self) -> float:
        """Seconds since the program last drew something."""
        return self._loop.time() - self._changed

    def write(self, data: bytes) -> None:
        """Keystrokes, as bytes; what the program does not take yet waits, in order."""
        waiting = bool(self._unwritten)
        self._unwritten += data
        if not waiting:
            self._write()

    def _write(self) -> None:
        try:
            del self._unwritten[: os.write(self._end, self._unwritten[:_CHUNK])]
        except BlockingIOError:
            pass
        except OSError:  # nobody reads it any more
            self._unwritten.clear()
        if self._unwritten:
            self._loop.add_writer(self._end, self._write)
        else:
            self._loop.remove_writer(self._end)

    def hang_up(self) -> None:
        """The terminal is closed while the program runs."""
        self._let_go()
        os.close(self._end)
        self._end = os.open(os.devnull, os.O_RDWR)

    def paste(self, text: str) -> None:
        """Text, as a terminal hands over what was pasted."""
        self.write(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def press(self, key: str) -> None:
        """A key by its name (KEYS), or a character."""
        self.write(KEYS.get(key, key).encode())

    def resize(self, rows: int, columns: int) -> None:
        """Another size; the program is told."""
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen.resize(rows, columns)
        self._text = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGWINCH)

    def _read(self) -> None:
        try:
            data = os.read(self._end, 65536)
        except BlockingIOError:
            return
        except OSError:  # the last one on the other side has closed it
            data = b""
        if not data:
            self._loop.remove_reader(self._end)
            return
        self._changed = self._loop.time()
        data = self._rest + data
        whole = _OPEN.search(data)
        cut = whole.start() if whole else len(data)
        self._rest = data[cut:]
        self._text = None
        with contextlib.suppress(Exception):  # a sequence that the emulator cannot read is not the program's mistake
            self._stream.feed(_UNKNOWN.sub(b"", data[:cut]))

    async def aclose(self) -> None:
        """Kills the program's group and closes the terminal."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        self._let_go()
        os.close(self._end)

    def _let_go(self) -> None:
        self._loop.remove_reader(self._end)
        self._loop.remove_writer(self._end)
        self._unwritten.clear()
