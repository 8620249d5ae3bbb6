"""Empty folders that stand where a protected name is missing, so that something can be mounted there.

They are made in the real file system, and go when the last command that needs them has ended, whoever made them and
however it ended. Each command holds a shared lock on each of them; a small process outlives the command, and removes
a folder when it can have the lock for itself alone. A folder that nobody holds, or that has entries, is somebody's
own and stays.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

from pycodex.linux_keeper import close_all_but

__all__ = ["hold_placeholders"]


def hold_placeholders(paths: Sequence[str]) -> int | None:
    """Make and hold the folders until the descriptor that is returned is closed everywhere, which the end of the
    calling process does where no child of it has it. None: there was nothing to hold.

    Raises OSError where one cannot be made.
    """
    held = [(path, fd) for path in paths if (fd := _hold(path)) is not None]
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


def _hold(path: str) -> int | None:
    """The descriptor with the shared lock; None for a folder that is not a placeholder."""
    import fcntl

    while True:
        made = False
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o755)
            made = True
        try:
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # removed since: make it again
        if not made and not _is_held(fd):
            os.close(fd)
            return None
        fcntl.flock(fd, fcntl.LOCK_SH)
        if _is_still(path, fd):
            return fd
        os.close(fd)


def _is_held(fd: int) -> bool:
    import fcntl

    if os.listdir(fd):
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
                    os.rmdir(path)
    finally:
        os._exit(0)
