"""The processes of a sandboxed command, as bubblewrap has them: a keeper outside, a first process inside, the command.

    keeper       what pycodex started and may signal: it has the terminal, waits, and passes the exit code on
      first      process 1 of a process namespace, in a session of its own; reaps, and ends with the command
        command  what was asked for

When the command ends, when the keeper is killed, or when pycodex ends, the kernel ends everything in the
namespace: also what went into the background, into a session of its own, or forked twice (measured on codex-cli).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.linux_calls import Calls
from pycodex.linux_keeper import close_all_but, default_signals, exit_code, keep
from pycodex.linux_mounts import build_view
from pycodex.linux_placeholders import hold_placeholders
from pycodex.linux_seccomp import seccomp_hook
from pycodex.sandbox import Confinement

if TYPE_CHECKING:
    from pycodex.sandbox import SandboxPolicy

__all__ = ["namespaces"]

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_NO_SANDBOX = 1


def namespaces(policy: SandboxPolicy) -> Confinement:
    """Start commands in namespaces of their own. The user keeps their ids and loses every capability, so that
    nothing can be mounted back. Raises OSError for a machine that is not known here.
    """
    return Confinement(hook=_hook(policy))


def _hook(policy: SandboxPolicy) -> Callable[[], None]:
    """The hook comes back in the command's process only. An error becomes what the command prints, and exit code
    1: so codex-cli tells of a sandbox that it cannot build."""
    calls = Calls()
    filter_calls = seccomp_hook(network=policy.network)
    plan = policy.mounts()
    parent = os.getpid()
    kinds = _NEWUSER | _NEWPID | _NEWIPC | (0 if policy.network else _NEWNET)

    def hook() -> None:
        try:
            default_signals()
            holder = hold_placeholders(plan)
            uid, gid = os.geteuid(), os.getegid()
            calls.unshare(kinds)
            _map_ids(uid, gid)
            # After the credentials have changed, which clears it.
            calls.die_with_parent()
            if os.getppid() != parent:
                os._exit(_NO_SANDBOX)
            alive, knock = os.pipe()
            first = os.fork()
            if first:
                keep(first, {alive} if holder is None else {alive, holder})
            calls.die_with_parent()
            os.close(alive)
            os.write(knock, b"x")  # EPIPE when the keeper ended before that
            _first()
        except OSError as error:
            os.write(2, f"sandbox: {error}\n".encode())
            os._exit(_NO_SANDBOX)

    def _first() -> None:
        calls.unshare(_NEWNS)
        build_view(calls, plan)
        os.setsid()
        calls.no_new_privileges()
        calls.drop_capabilities()
        command = os.fork()
        if command:
            _reap(command)
        filter_calls()

    return hook


def _map_ids(uid: int, gid: int) -> None:
    for name, text in (("setgroups", "deny"), ("gid_map", f"{gid} {gid} 1"), ("uid_map", f"{uid} {uid} 1")):
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)


def _reap(command: int) -> None:
    """The first process: ends when the command ends, and everything else with it."""
    close_all_but(())
    while True:
        pid, status = os.wait()
        if pid == command:
            os._exit(exit_code(status))
