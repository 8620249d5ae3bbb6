"""System calls that Python has no name for."""

from __future__ import annotations

import ctypes
import os
import platform
import signal

__all__ = [
    "ATTR_NODEV",
    "ATTR_NOSUID",
    "ATTR_RDONLY",
    "PR_CAPBSET_DROP",
    "PR_SET_CHILD_SUBREAPER",
    "PR_SET_NO_NEW_PRIVS",
    "PR_SET_PDEATHSIG",
    "PR_SET_SECCOMP",
    "Calls",
]

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24

ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 0x1, 0x2, 0x4

# The same numbers on every architecture (Linux 5.2 and 5.12).
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_AT_FDCWD = ctypes.c_int(-100)
_AT_RECURSIVE, _AT_EMPTY_PATH, _CLOEXEC = 0x8000, 0x1000, 0x80000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH = 0x1, 0x4
_CAPSET = {"x86_64": 126, "aarch64": 91}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MNT_DETACH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAPABILITIES = 64


class _MountAttr(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


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

    def open_tree(self, path: bytes) -> int:
        """A detached copy of the mounts at `path`, as a descriptor; the copy keeps the attributes of now."""
        return self.syscall(_OPEN_TREE, _AT_FDCWD, path, ctypes.c_uint(_OPEN_TREE_CLONE | _AT_RECURSIVE | _CLOEXEC))

    def move_mount(self, tree: int, target: bytes) -> None:
        """Attach what open_tree gave."""
        self.syscall(_MOVE_MOUNT, ctypes.c_int(tree), b"", _AT_FDCWD, target, ctypes.c_uint(_MOVE_MOUNT_F_EMPTY_PATH))

    def mount_setattr(self, tree: int | None, path: bytes, attributes: int) -> None:
        """Set attributes (ATTR_*) of all mounts at and below `path`, or of a tree that is not attached."""
        where, empty = (_AT_FDCWD, 0) if tree is None else (ctypes.c_int(tree), _AT_EMPTY_PATH)
        attr = _MountAttr(attr_set=attributes)
        size = ctypes.c_size_t(ctypes.sizeof(attr))
        self.syscall(_MOUNT_SETATTR, where, path, ctypes.c_uint(_AT_RECURSIVE | empty), ctypes.byref(attr), size)

    def drop_capabilities(self) -> None:
        """All of them, and none can come back by exec."""
        for capability in range(_CAPABILITIES):
            try:
                self.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability))
            except OSError:
                break  # the kernel knows no more
        header = _CapHeader(version=_CAPABILITY_VERSION_3)
        self.syscall(_CAPSET[self.machine], ctypes.byref(header), (ctypes.c_uint32 * 6)())

    def die_with_parent(self, number: int = signal.SIGKILL) -> None:
        """That signal when the parent ends. A change of credentials clears it."""
        self.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(number))

    def adopt_orphans(self) -> None:
        """What descends from this process and loses its parent becomes its child."""
        self.prctl(PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1))

    def unshare(self, flags: int) -> None:
        """unshare(2)."""
        self._checked(self._libc.unshare(flags), "unshare")

    def mount(self, source: bytes | None, target: bytes, kind: bytes | None, flags: int, data: bytes | None) -> None:
        """mount(2)."""
        self._checked(self._libc.mount(source, target, kind, ctypes.c_ulong(flags), data), "mount")

    def pivot_root(self, new: bytes, old: bytes) -> None:
        """pivot_root(2): `new` is the root from here on, and what was is at `old`."""
        self.syscall(_PIVOT_ROOT[self.machine], new, old)

    def unmount(self, path: bytes) -> None:
        """What is mounted there, and below, goes when nobody uses it any more."""
        self._checked(self._libc.umount2(path, _MNT_DETACH), "umount2")

    def no_new_privileges(self) -> None:
        """From here on exec gives no privileges (a set-uid program runs as the caller)."""
        self.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
