"""A mount namespace in which only the writable roots can be written."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.linux_calls import PR_CAPBSET_DROP, Calls

if TYPE_CHECKING:
    from pycodex.sandbox import SandboxPolicy

__all__ = ["namespace_hook"]

_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE, _MS_NOSUID, _MS_NODEV = 0x1000, 0x4000, 0x40000, 0x2, 0x4
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY = 0x1
_MOUNT_SETATTR = 442
"""The number of mount_setattr (Linux 5.12), the same on every architecture."""
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x20080522
_CAPABILITIES = 64
_SHARED_MEMORY = b"/dev/shm"


class _MountAttr(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def namespace_hook(policy: SandboxPolicy) -> Callable[[], None]:
    """The hook. The user keeps their ids and loses every capability, so that nothing can be mounted back."""
    calls = Calls()
    uid_map = f"{os.geteuid()} {os.geteuid()} 1".encode()
    gid_map = f"{os.getegid()} {os.getegid()} 1".encode()
    roots = [os.fsencode(path) for path in policy.writable()]
    protected = [os.fsencode(path) for path in policy.protected()]
    read_only = _MountAttr(attr_set=_ATTR_RDONLY)
    writable = _MountAttr(attr_clr=_ATTR_RDONLY)
    size = ctypes.c_size_t(ctypes.sizeof(_MountAttr))
    has_shared_memory = os.path.isdir(_SHARED_MEMORY)
    header = _CapHeader(version=_CAPABILITY_VERSION_3)
    no_capabilities = (ctypes.c_uint32 * 6)()
    capset = _CAPSET[calls.machine]

    def set_attr(path: bytes, flags: int, attr: _MountAttr) -> None:
        calls.syscall(_MOUNT_SETATTR, ctypes.c_int(_AT_FDCWD), path, ctypes.c_uint(flags), ctypes.byref(attr), size)

    def hook() -> None:
        here = os.getcwd()
        calls.unshare(_CLONE_NEWUSER | _CLONE_NEWNS)
        for name, text in ((b"setgroups", b"deny"), (b"gid_map", gid_map), (b"uid_map", uid_map)):
            _write(b"/proc/self/" + name, text)
        calls.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None)
        for path in (*roots, *protected):
            calls.mount(path, path, None, _MS_BIND | _MS_REC, None)
        set_attr(b"/", _AT_RECURSIVE, read_only)
        for path in roots:
            set_attr(path, 0, writable)
        if has_shared_memory:
            calls.mount(b"tmpfs", _SHARED_MEMORY, b"tmpfs", _MS_NOSUID | _MS_NODEV, b"mode=1777")
        # The working directory is still the one of the mounts underneath.
        os.chdir(here)
        calls.no_new_privileges()
        for capability in range(_CAPABILITIES):
            try:
                calls.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability))
            except OSError:
                break  # the kernel knows no more
        calls.syscall(capset, ctypes.byref(header), no_capabilities)

    return hook


def _write(path: bytes, text: bytes) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)
