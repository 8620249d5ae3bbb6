"""System calls that Python has no name for."""

from __future__ import annotations

import ctypes
import os
import platform

__all__ = ["PR_CAPBSET_DROP", "PR_SET_NO_NEW_PRIVS", "PR_SET_SECCOMP", "Calls"]

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24


class Calls:
    """libc's entries, looked up in the parent. Each raises OSError when the kernel refuses."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.syscall.restype = ctypes.c_long
        self.machine = platform.machine()

    def _checked(self, result: int, name: str) -> int:
        if result < 0:
            error = ctypes.get_errno()
            raise OSError(error, f"{name}: {os.strerror(error)}")
        return result

    def syscall(self, number: int, *arguments: object) -> int:
        """A system call by number."""
        return self._checked(self._libc.syscall(ctypes.c_long(number), *arguments), f"system call {number}")

    def prctl(self, option: int, *arguments: object) -> int:
        """prctl(2), with zeros for the arguments that are not given."""
        rest = [*arguments, *(ctypes.c_ulong(0) for _ in range(4 - len(arguments)))]
        return self._checked(self._libc.prctl(option, *rest), "prctl")

    def unshare(self, flags: int) -> None:
        """unshare(2)."""
        self._checked(self._libc.unshare(flags), "unshare")

    def mount(self, source: bytes | None, target: bytes, kind: bytes | None, flags: int, data: bytes | None) -> None:
        """mount(2)."""
        self._checked(self._libc.mount(source, target, kind, ctypes.c_ulong(flags), data), "mount")

    def no_new_privileges(self) -> None:
        """From here on exec gives no privileges (a set-uid program runs as the caller)."""
        self.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
