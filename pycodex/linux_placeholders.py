"""Empty folders and files that stand where a protected name is missing, so that something can be mounted there.

They are made in the real file system, and go when the last command that needs them has ended, whoever made them and
however it ended. Each command holds a shared lock on each of them; a small process outlives the command, and removes
one when it can have the lock for itself alone. One that nobody holds, or that is not empty, is somebody's own and
stays.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycodex.linux_keeper import close_all_but

if TYPE_CHECKING:
    from pycodex.sandbox import Mount

__all__ = ["hold_placeholders"]


def hold_placeholders(plan: Sequence[Mount]) -> int | None:
    """Make and hold those of a plan until the descriptor that is returned is closed everywhere, which the end of the
    calling process does where no child of it has it. None: there was nothing to hold.

    Raises OSError where one cannot be made.
    """
    kinds = {"empty": True, "blank": False, "absent": False}
    wanted = [(mount.path, kinds[mount.kind]) for mount in plan if mount.kind in kinds]
    held = [(path, fd) for path, folder in wanted if (fd := _hold(path, folder=folder)) is not None]
    if not held:
        return None
    ended, holder = os.pipe()
    if os.fork() == 0:
        os.close(holder)
        _remove_at_end(ended, held)
    os.close(ended)
    for _, fd in held:
        os.close(fd)
    return holder


def _hold(path: str, *, folder: bool) -> int | None:
    """The descriptor with the shared lock; None for one that is not a placeholder."""
    import fcntl

    while True:
        made = False
        with contextlib.suppress(FileExistsError):
            _make(path, folder=folder)
            made = True
        kind = os.O_DIRECTORY if folder else os.O_NONBLOCK
        try:
            fd = os.open(path, os.O_RDONLY | kind | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # removed since: make it again
        if not made and not _is_held(fd):
            os.close(fd)
            return None
        fcntl.flock(fd, fcntl.LOCK_SH)
        if _is_still(path, fd):
            return fd
        os.close(fd)


def _make(path: str, *, folder: bool) -> None:
    if folder:
        os.mkdir(path, 0o755)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644))


def _unlink_empty(path: str) -> None:
    if os.stat(path, follow_symlinks=False).st_size == 0:
        os.unlink(path)


def _is_held(fd: int) -> bool:
    import fcntl

    status = os.fstat(fd)
    if os.listdir(fd) if stat.S_ISDIR(status.st_mode) else status.st_size or not stat.S_ISREG(status.st_mode):
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False


def _is_still(path: str, fd: int) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(fd))
    return False


def _remove_at_end(ended: int, held: Sequence[tuple[str, int]]) -> None:
    """The small process: it belongs to no terminal and to no group that may be killed."""
    import fcntl

    try:
        os.setsid()
        close_all_but({ended, *(fd for _, fd in held)}, first=0)
        os.read(ended, 1)
        for path, fd in held:
            with contextlib.suppress(OSError):
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_still(path, fd):
                    (os.rmdir if stat.S_ISDIR(os.fstat(fd).st_mode) else _unlink_empty)(path)
    finally:
        os._exit(0)
