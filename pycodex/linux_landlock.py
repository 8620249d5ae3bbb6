"""Writing only below some folders, by Landlock (Linux 5.13)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.linux_calls import Calls

if TYPE_CHECKING:
    from pycodex.sandbox import SandboxPolicy

__all__ = ["landlock_hook"]

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_GET_VERSION = 1
_PATH_BENEATH = 1

_WRITE_FILE = 1 << 1
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_ALL = sum(1 << bit for bit in range(6, 13))  # char, dir, reg, sock, fifo, block, sym
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_ALWAYS_WRITABLE = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm")


class _RulesetAttr(ctypes.Structure):
    _fields_ = [("handled_access_fs", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def landlock_hook(policy: SandboxPolicy) -> Callable[[], None]:
    """The hook. Landlock only adds permissions downwards, so names that are protected inside a root are kept
    by opening the root's other entries one by one, and the root itself cannot get new entries then.

    Raises OSError where there is no Landlock.
    """
    calls = Calls()
    version = calls.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_GET_VERSION))
    rights = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_ALL
    if version >= 2:
        rights |= _REFER
    if version >= 3:
        rights |= _TRUNCATE
    file_rights = rights & (_WRITE_FILE | _TRUNCATE)
    protected = {path for path in policy.protected() if path.parent in policy.writable()}
    allowed: list[Path] = []
    for root in policy.writable():
        kept = {path for path in protected if path.parent == root}
        allowed += [entry for entry in root.iterdir() if entry not in kept] if kept else [root]
    devices = [Path(path) for path in _ALWAYS_WRITABLE]
    paths = [os.fsencode(path) for path in (*allowed, *devices) if path.exists()]
    ruleset = _RulesetAttr(handled_access_fs=rights)

    def hook() -> None:
        fd = calls.syscall(
            _CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), ctypes.c_uint32(0)
        )
        for path in paths:
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
            access = rights if os.path.isdir(path) else file_rights
            rule = _PathBeneath(allowed_access=access, parent_fd=parent)
            calls.syscall(
                _ADD_RULE, ctypes.c_int(fd), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0)
            )
            os.close(parent)
        calls.no_new_privileges()
        calls.syscall(_RESTRICT_SELF, ctypes.c_int(fd), ctypes.c_uint32(0))
        os.close(fd)

    return hook
