"""Keeping a command from writing and from the network, with what the Linux kernel offers an ordinary process.

Writing: a mount namespace in which everything but the writable roots is read-only, so that a refused write
says `Read-only file system` as under codex-cli (which runs bubblewrap). Where namespaces are forbidden,
Landlock, whose refusal says `Permission denied`. Network: a seccomp filter that leaves Unix sockets without
peers (see linux_seccomp.py).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pycodex.records import dataclass

__all__ = ["SandboxMode", "SandboxPolicy", "SandboxUnavailable", "enforce"]

SandboxMode = Literal["read-only", "workspace-write", "danger-full-access"]


class SandboxUnavailable(Exception):
    """This kernel cannot enforce the policy; the message says what is missing and what to do."""


@dataclass(frozen=True, kw_only=True)
class SandboxPolicy:
    """What a command may do. `writable_roots` counts in mode workspace-write only. `network` is implied by
    full access."""

    mode: SandboxMode = "read-only"
    writable_roots: tuple[Path, ...] = ()
    network: bool = False
    protected_names: tuple[str, ...] = (".git", ".agents", ".codex")
    """Entries of a writable root that stay read-only where they exist."""

    def writable(self) -> list[Path]:
        """The roots that exist, resolved, outer ones before inner ones."""
        if self.mode != "workspace-write":
            return []
        roots = {root.resolve() for root in self.writable_roots if root.exists()}
        return sorted(roots, key=lambda root: (len(root.parts), root))

    def protected(self) -> list[Path]:
        """What stays read-only inside the roots; a `.git` file also protects the folder it points at."""
        found = [root / name for root in self.writable() for name in self.protected_names if (root / name).exists()]
        for path in tuple(found):
            if path.name == ".git" and path.is_file():
                target = path.read_text(errors="replace").partition("gitdir:")[2].strip()
                folder = (path.parent / target).resolve()
                if target and folder.exists():
                    found.append(folder)
        return found


_WAY_OUT = "run with `--sandbox danger-full-access` where that is acceptable"
_enforcers: dict[SandboxPolicy, Callable[[], Callable[[], None]]] = {}


def enforce(policy: SandboxPolicy) -> Callable[[], None] | None:
    """A hook that makes the calling (child) process obey `policy` for good, to run between fork and exec;
    None when nothing has to be enforced. Rules are compiled here, in the parent; the hook makes system calls
    only.

    Which way works is found out once per policy, by running `/bin/sh -c :` under it. Raises
    SandboxUnavailable.
    """
    if policy.mode == "danger-full-access":
        return None
    if policy not in _enforcers:
        _enforcers[policy] = _first_that_works(policy)
    return _enforcers[policy]()


def _first_that_works(policy: SandboxPolicy) -> Callable[[], Callable[[], None]]:
    import sys

    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(f"the sandbox mode {policy.mode} needs Linux; {_WAY_OUT}")
    from pycodex.linux_landlock import landlock_hook
    from pycodex.linux_namespaces import namespace_hook
    from pycodex.linux_seccomp import seccomp_hook

    def builder(confine_writes: Callable[[SandboxPolicy], Callable[[], None]]) -> Callable[[], Callable[[], None]]:
        def build() -> Callable[[], None]:
            writes = confine_writes(policy)
            network = None if policy.network else seccomp_hook()

            def hook() -> None:
                writes()
                if network is not None:
                    network()

            return hook

        return build

    for build in (builder(namespace_hook), builder(landlock_hook)):
        if _works(build):
            return build
    raise SandboxUnavailable(
        f"the sandbox mode {policy.mode} cannot be enforced here: this kernel allows neither user namespaces with "
        f"mounts nor Landlock, or no seccomp filter; allow one of them, or {_WAY_OUT}"
    )


def _works(build: Callable[[], Callable[[], None]]) -> bool:
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", ":"],
            preexec_fn=build(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
