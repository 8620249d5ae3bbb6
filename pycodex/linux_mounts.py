"""What a sandboxed command sees of the file system: everything read-only, except what the plan opens.

The view is codex-cli's (its bubblewrap's), measured mount by mount: a /dev of its own with the usual nodes and empty
shared memory, a /proc of its own process namespace, the writable roots, and read-only again what is protected in
them. Device files outside /dev and set-user-id bits do not count anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycodex.linux_calls import ATTR_NODEV, ATTR_NOSUID, ATTR_RDONLY, Calls

if TYPE_CHECKING:
    from pycodex.sandbox import Mount

__all__ = ["build_view"]

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
_NODES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("core", "/proc/kcore"),
    ("ptmx", "pts/ptmx"),
)
_CONTROLS = ("sys", "sysrq-trigger", "irq", "bus")
"""Entries of /proc that change the machine, not only a process. codex-cli leaves the first two writable, which lets
its root change the machine's name from inside; here they are never."""


def build_view(calls: Calls, plan: Sequence[Mount]) -> None:
    """Mount the view in the mount namespace of the caller, which is the first process of a process namespace.

    Copies of what stays writable are taken before all is made read-only: an attribute that came from outside
    could not be cleared any more. Raises OSError.
    """
    here = os.getcwd()
    calls.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    nodes = {name: calls.open_tree(os.fsencode(f"/dev/{name}")) for name in _NODES if os.path.exists(f"/dev/{name}")}
    # A root that is `/` itself: nothing to lay on top, for the root of a process is not looked up.
    everything = any((mount.kind, mount.path) == ("writable", "/") for mount in plan)
    bare = any(mount.kind == "bare" for mount in plan)
    plan = [mount for mount in plan if mount.path != "/"]
    copied = ("writable", "read-only")
    trees = [calls.open_tree(os.fsencode(mount.path)) if mount.kind in copied else None for mount in plan]
    folders = [os.path.isdir(mount.path) for mount in plan]
    if bare:
        _begin_empty(calls)
    else:
        calls.mount_setattr(None, b"/", ATTR_NOSUID | ATTR_NODEV | (0 if everything else ATTR_RDONLY))
    _devices(calls, nodes)
    for mount, tree, folder in zip(plan, trees, folders, strict=True):
        path = os.fsencode(mount.path)
        if bare:
            _make_place(mount.path, folder=folder)
        if tree is None:
            _stand_in(calls, mount, path)
            continue
        calls.mount_setattr(tree, b"", ATTR_NOSUID | ATTR_NODEV | (ATTR_RDONLY if mount.kind == "read-only" else 0))
        calls.move_mount(tree, path)
    _processes(calls)
    if bare:
        calls.unmount(os.fsencode(_OLD))
        os.rmdir(_OLD)
    _go_back(here)


_OLD = "/.old"


def _begin_empty(calls: Calls) -> None:
    """An empty file system as the root; what was stands at _OLD, until a /proc is made: the kernel lets nobody have
    one to whom none was shown."""
    calls.mount(b"tmpfs", b"/dev", b"tmpfs", _MS_NOSUID | _MS_NODEV, b"mode=755")
    os.mkdir(f"/dev{_OLD}", 0o700)
    calls.pivot_root(b"/dev", os.fsencode(f"/dev{_OLD}"))
    os.chdir("/")
    for name in ("dev", "proc"):
        os.mkdir(f"/{name}", 0o755)


def _make_place(path: str, *, folder: bool) -> None:
    """Where something is to be mounted, and the folders around it, which only the user may enter (measured)."""
    if os.path.lexists(path):
        return
    usual = os.umask(0o077)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.umask(usual)
    if folder:
        os.mkdir(path, 0o700)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _go_back(here: str) -> None:
    """To the working directory, which is still the one of the mounts underneath. Where the view has none, it is the
    home or the root, as bubblewrap has it."""
    for folder in (here, os.environ.get("HOME", "/")):
        try:
            os.chdir(folder)
        except OSError:
            continue
        return
    os.chdir("/")


def _stand_in(calls: Calls, mount: Mount, path: bytes) -> None:
    """An empty folder or file over what is there."""
    readable = mount.kind in ("empty", "blank")
    if os.path.isdir(path):
        calls.mount(b"tmpfs", path, b"tmpfs", _MS_NOSUID | _MS_NODEV, b"mode=555" if readable else b"mode=000")
    else:
        blank = "/dev/.blank"
        os.close(os.open(blank, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o444))
        os.chmod(blank, 0o444 if readable else 0o000)
        calls.mount(os.fsencode(blank), path, None, _MS_BIND, None)
        os.unlink(blank)
    calls.mount_setattr(None, path, ATTR_RDONLY)


def _devices(calls: Calls, nodes: dict[str, int]) -> None:
    calls.mount(b"tmpfs", b"/dev", b"tmpfs", _MS_NOSUID | _MS_NODEV, b"mode=755")
    for name, tree in nodes.items():
        path = f"/dev/{name}"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
        calls.mount_setattr(tree, b"", ATTR_NOSUID)
        calls.move_mount(tree, os.fsencode(path))
    for name, target in _LINKS:
        os.symlink(target, f"/dev/{name}")
    for name in ("shm", "pts"):
        os.mkdir(f"/dev/{name}", 0o755)
    options = b"newinstance,ptmxmode=0666,mode=620"
    calls.mount(b"devpts", b"/dev/pts", b"devpts", _MS_NOSUID | _MS_NOEXEC, options)


def _processes(calls: Calls) -> None:
    try:
        calls.mount(b"proc", b"/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None)
    except PermissionError:
        # A container that hides parts of /proc allows no other one; the old one shows more and is read-only.
        return
    for name in _CONTROLS:
        path = f"/proc/{name}"
        if os.path.exists(path):
            tree = calls.open_tree(os.fsencode(path))
            calls.mount_setattr(tree, b"", ATTR_RDONLY)
            calls.move_mount(tree, os.fsencode(path))
