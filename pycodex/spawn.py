"""Starting a child: pipes or a terminal, a process group of its own, and death with its parent."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.shell import user_shell

if TYPE_CHECKING:
    from pycodex.sandbox import Confinement

__all__ = ["StartError", "spawn"]

_TERMINAL_ROWS, _TERMINAL_COLUMNS = 24, 80
_OF_TERMINALS = (
    *(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT),
    *(signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD),
)
"""Signals that a command at a terminal has as usual, also where the agent ignores them (captured: signals/ignored)."""


class StartError(Exception):
    """The command could not be started; the message is the system's (`No such file or directory (os error
    2)`)."""


def spawn(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    *,
    tty: bool,
    confinement: Confinement | None,
    stdin: int | None = None,
) -> tuple[subprocess.Popen[bytes], list[int], int | None]:
    """The child, the descriptors its output comes from, and the terminal's if there is one.

    `stdin`: a descriptor that becomes the child's; without one there is nothing to read.

    At a terminal a folder that is not there is replaced by the home, and SHELL is always set (captures:
    shell/workdir, shell/environment_none).
    """
    if tty:
        if not os.path.isdir(cwd):
            cwd = Path(env.get("HOME") or "/")
        if "SHELL" not in env:
            env = {**env, "SHELL": user_shell().path}
    before_exec = _before_exec(tty=tty, confinement=confinement, program=argv[0] if argv else "")
    prefix = confinement.prefix if confinement is not None else ()
    passed = confinement.descriptors if confinement is not None else ()
    terminal = -1
    if tty:
        terminal, stdin = _open_terminal()
    elif stdin is None:
        stdin = os.open(os.devnull, os.O_RDONLY)
    try:
        if not argv[0]:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        popen = subprocess.Popen(
            [*prefix, *argv],
            cwd=cwd,
            env=dict(env),
            stdin=stdin,
            stdout=stdin if tty else subprocess.PIPE,
            stderr=stdin if tty else subprocess.PIPE,
            start_new_session=True,
            preexec_fn=before_exec,
            bufsize=0,
            pass_fds=passed,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        if tty:
            os.close(terminal)
        raise StartError(_reason(error)) from error
    finally:
        for fd in (stdin, *passed):
            os.close(fd)
    if tty:
        return popen, [terminal], terminal
    assert popen.stdout is not None and popen.stderr is not None
    readers = [os.dup(popen.stdout.fileno()), os.dup(popen.stderr.fileno())]
    popen.stdout.close()
    popen.stderr.close()
    return popen, readers, None


def _before_exec(*, tty: bool, confinement: Confinement | None, program: str) -> Callable[[], None]:
    """What runs in the child between fork and exec: everything it needs is looked up here, in the parent."""
    import ctypes
    import fcntl
    import termios

    libc = ctypes.CDLL(None, use_errno=True)
    set_controlling_terminal = termios.TIOCSCTTY
    pr_set_pdeathsig = 1
    parent = os.getpid()
    # Only what was there can be hidden: that a program is missing is told in another way.
    hidden = confinement.missing if confinement is not None and os.path.isfile(program) else None

    passed_on = [signal.Signals[name] for name in confinement.signals] if confinement is not None else []

    def before_exec() -> None:
        if tty:
            fcntl.ioctl(0, set_controlling_terminal, 0)
        for number in _OF_TERMINALS if tty else passed_on:
            signal.signal(number, signal.SIG_DFL)
        if confinement is not None:
            # codex-cli's sandbox leaves SIGPIPE ignored: `seq 100000 | head -1` complains there, and only
            # there.
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
            confinement.hook()
            if hidden is not None and not os.path.exists(program):
                os.write(2, hidden.format(program=program, pid=os.getpid()).encode())
                os._exit(101)
        elif hasattr(libc, "prctl"):
            libc.prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return before_exec


def _open_terminal() -> tuple[int, int]:
    import fcntl
    import struct
    import termios

    terminal, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _TERMINAL_ROWS, _TERMINAL_COLUMNS, 0, 0))
    return terminal, slave


def _reason(error: Exception) -> str:
    """The error in the words of Rust's standard library."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} (os error {error.errno})"
    if isinstance(error, ValueError):
        return "nul byte found in provided data"
    return str(error)
