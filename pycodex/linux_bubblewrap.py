"""The sandbox by `bwrap`, for hosts where it may make namespaces and an ordinary program may not.

It gives a command what linux_namespaces.py gives it; the tests run every escape under both.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from pycodex.linux_calls import Calls
from pycodex.linux_keeper import close_all_but, default_signals, exit_code, keep
from pycodex.linux_placeholders import hold_placeholders
from pycodex.linux_seccomp import filter_program
from pycodex.sandbox import Confinement

if TYPE_CHECKING:
    from pycodex.sandbox import Mount, SandboxPolicy

__all__ = ["bubblewrap", "bubblewrap_argv"]

_CONTROLS = ("sys", "sysrq-trigger", "irq", "bus")


def bubblewrap(policy: SandboxPolicy) -> Confinement:
    """Start commands through `bwrap`. Raises FileNotFoundError where there is none, KeyError for an unknown machine."""
    program = shutil.which("bwrap")
    if program is None:
        raise FileNotFoundError("bwrap")
    calls = Calls()
    plan = policy.mounts()
    blanks = [os.open(os.devnull, os.O_RDONLY) for mount in plan if _is_file(mount)]
    rules = os.memfd_create("seccomp", 0)
    os.write(rules, filter_program(calls.machine, network=policy.network))
    os.lseek(rules, 0, os.SEEK_SET)
    parent = os.getpid()
    return Confinement(
        hook=_hook(calls, plan, parent),
        prefix=tuple(bubblewrap_argv(program, plan, network=policy.network, filter_descriptor=rules, blanks=blanks)),
        descriptors=(rules, *blanks),
    )


def _hook(calls: Calls, plan: Sequence[Mount], parent: int) -> Callable[[], None]:
    """The hook comes back in the process that becomes `bwrap`. Between it and pycodex stand a keeper, which ends with
    pycodex, and a guard, which ends after everything else: bubblewrap's own process inside outlives it where it is
    killed before that process has asked the kernel to end with it."""

    def hook() -> None:
        holder = hold_placeholders(plan)
        calls.die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        default_signals()
        keeper = os.getpid()
        if guard := os.fork():
            keep(guard)
        os.setsid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _GUARD_HEARS)
        calls.adopt_orphans()
        calls.die_with_parent(signal.SIGTERM)
        if os.getppid() != keeper:
            os._exit(1)
        if inside := os.fork():
            _guard(inside, () if holder is None else (holder,))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _GUARD_HEARS)

    return hook


_GUARD_HEARS = (signal.SIGCHLD, signal.SIGTERM)


def _guard(child: int, descriptors: Collection[int]) -> None:
    """Wait for the end of `child`, or for the keeper's; then nothing that came of it is left.

    It has the placeholders' descriptor, for as long as a bubblewrap is left that would make again what it misses.
    """
    close_all_but(descriptors)
    code = 1
    while signal.sigwait(_GUARD_HEARS) == signal.SIGCHLD:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            code = exit_code(status)
            break
    # Those whose parent has ended are children of the guard now, and the first of a namespace takes the rest along.
    me = os.getpid()
    try:
        while True:
            with open(f"/proc/{me}/task/{me}/children") as children:
                for pid in map(int, children.read().split()):
                    os.kill(pid, signal.SIGKILL)
            os.wait()
    except ChildProcessError:
        os._exit(code)


def _is_file(mount: Mount) -> bool:
    """Whether an empty file is mounted there."""
    return mount.kind in ("blank", "absent") or (mount.kind == "hidden" and not os.path.isdir(mount.path))


def bubblewrap_argv(
    program: str, plan: Sequence[Mount], *, network: bool, filter_descriptor: int, blanks: Sequence[int] = ()
) -> list[str]:
    """The command line that stands before the command's own. `blanks`: a descriptor for each empty file."""
    left = list(blanks)
    bare = any(mount.kind == "bare" for mount in plan)
    argv = [program, "--new-session", "--die-with-parent", *(["--tmpfs", "/"] if bare else ["--ro-bind", "/", "/"])]
    argv += ["--dev", "/dev"]
    for mount in plan:
        if mount.kind == "bare":
            continue
        if _is_file(mount):
            mode = "444" if mount.kind == "blank" else "000"
            argv += ["--perms", mode, "--ro-bind-data", str(left.pop(0)), mount.path]
        elif mount.kind in ("empty", "hidden"):
            mode = "555" if mount.kind == "empty" else "000"
            argv += ["--perms", mode, "--tmpfs", mount.path, "--remount-ro", mount.path]
        else:
            argv += ["--bind" if mount.kind == "writable" else "--ro-bind", mount.path, mount.path]
    argv += ["--unshare-user", "--unshare-pid", "--unshare-ipc", *([] if network else ["--unshare-net"])]
    argv += ["--proc", "/proc"]
    for name in _CONTROLS:
        argv += ["--ro-bind-try", f"/proc/{name}", f"/proc/{name}"]
    return [*argv, "--cap-drop", "ALL", "--seccomp", str(filter_descriptor), "--"]
