"""Keeping a command from writing, from the network and from other processes, as codex-cli's sandbox does.

The plan of what a command may write is pure data (`SandboxPolicy.mounts`). It is enforced by namespaces of our own
(linux_namespaces.py), which give a command what bubblewrap gives it under codex-cli; where a host lets only
bubblewrap make namespaces, by the `bwrap` on PATH (linux_bubblewrap.py). Where neither can be had, commands are
refused: nothing weaker stands in.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pycodex.records import dataclass, replace

if TYPE_CHECKING:
    from pycodex.path_rules import PathRules

__all__ = [
    "PLATFORM",
    "Confinement",
    "Mount",
    "Readable",
    "SandboxMode",
    "SandboxPolicy",
    "SandboxStyle",
    "SandboxUnavailable",
    "enforce",
    "protected_mounts",
    "ways",
]

SandboxMode = Literal["read-only", "workspace-write", "danger-full-access"]


class SandboxUnavailable(Exception):
    """This host cannot enforce the policy; the message says what is missing and what to do."""


@dataclass(frozen=True, kw_only=True)
class SandboxStyle:
    """What differs between versions."""

    protected: tuple[str, ...] = (".git", ".agents", ".codex")
    """Entries of a writable root that stay read-only."""
    protects_missing: bool = False
    """Whether one that is missing shows as an empty read-only folder, so that it cannot be made."""
    own_root: str | None = None
    """A folder of $CODEX_HOME that is a writable root and is made where it is missing."""
    missing_root: str | None = None
    """What a command prints (and ends with 101) when a writable root is missing: {root}, {pid}; None: such a
    root is left out."""
    missing_program: str | None = None
    """What a command prints (and ends with 101) when nothing is left to it of what it runs: {program}, {pid}."""
    signals: tuple[str, ...] = ()
    """Signals that its commands have as usual, also where the agent ignores them (captured: signals/ignored)."""
    linked: str = "sandbox: {path} is a symbolic link and cannot be kept read-only\n"
    """What a command prints (and ends with 1) when a protected entry is a symbolic link, which a command could
    replace: {path}."""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """One step of the plan; later ones lie on top of earlier ones.

    `bare` begins a plan in which nothing is there but what the other steps bring. What nobody may read is `hidden`. In
    place of what is missing stand `empty`, an empty read-only folder, `blank`, an
    empty read-only file, and `absent`, a file that nobody may read.
    """

    kind: Literal["bare", "writable", "read-only", "hidden", "empty", "blank", "absent"]
    path: str


@dataclass(frozen=True, kw_only=True)
class Readable:
    """What may be read where not everything may: these places, and with `platform` what programs need to run."""

    roots: tuple[Path, ...] = ()
    platform: bool = False
    unsaid: tuple[Path, ...] = ()
    """Places that may be read, too, and are not announced."""

    def mounts(self) -> list[Mount]:
        """The beginning of a plan."""
        roots = sorted({root.resolve() for root in (*self.roots, *self.unsaid) if root.exists()})
        if Path("/") in roots:
            return []
        shown = [*(Path(path) for path in PLATFORM if self.platform and os.path.isdir(path)), *roots]
        return [Mount(kind="bare", path="/"), *(Mount(kind="read-only", path=str(path)) for path in shown)]


PLATFORM = ("/bin", "/etc", "/lib", "/lib64", "/sbin", "/usr", "/nix/store", "/run/current-system/sw")
"""What programs need to run: the place called minimal."""


class _Refused(Exception):
    """The plan cannot be made; `text` and `code` are what the command prints and ends with instead."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.text, self.code = text, code


@dataclass(frozen=True, kw_only=True)
class SandboxPolicy:
    """What a command may do. `writable_roots` counts in mode workspace-write only. Full access without
    `network` is announced so, and keeps a command from nothing (captured: sandbox/permission_profile_bridged)."""

    mode: SandboxMode = "read-only"
    writable_roots: tuple[Path, ...] = ()
    network: bool = False
    style: SandboxStyle = SandboxStyle()
    enforced: bool = True
    """False for a command that a rule lets out of the sandbox."""
    narrowed: bool = False
    """Whether it is what is left of mode workspace-write for one who may only read."""
    rules: PathRules | None = None
    """Of a permission profile: these say what is writable, and what cannot be read."""
    readable: Readable | None = None
    """What may be read beside what is writable; None: everything."""

    @property
    def confines(self) -> bool:
        """Whether a command is kept from anything."""
        return self.enforced and self.mode != "danger-full-access"

    def writable(self) -> list[Path]:
        """The roots that exist, resolved, outer ones before inner ones."""
        if self.mode != "workspace-write":
            return []
        roots = {root.resolve() for root in self.writable_roots if root.exists()}
        return sorted(roots, key=lambda root: (len(root.parts), root))

    def mounts(self) -> list[Mount]:
        """The plan: each root, and what stays read-only in it, before the roots inside that root."""
        if self.rules is not None:
            return self.rules.mounts(self.style)
        plan: list[Mount] = [] if self.readable is None else self.readable.mounts()
        for root in self.writable():
            plan.append(Mount(kind="writable", path=str(root)))
            plan += protected_mounts(root, self.style)
        repositories = [
            each for root in self.writable() for name in self.style.protected for each in _pointed_at(root / name)
        ]
        inside = [path for path in repositories if any(path.is_relative_to(root) for root in self.writable())]
        return [*plan, *(Mount(kind="read-only", path=str(path)) for path in inside)]

    def prepare(self) -> None:
        """Make the own root; refuse when another one is missing, where the version does."""
        if self.mode != "workspace-write":
            return
        for root in self.writable_roots:
            if not root.exists():
                if self.style.own_root is not None and root.name == self.style.own_root:
                    root.mkdir(parents=True, exist_ok=True)
                elif self.style.missing_root is not None:
                    raise _Refused(self.style.missing_root.format(root=root, pid="{pid}"), 101)


def protected_mounts(root: Path, style: SandboxStyle) -> list[Mount]:
    """What stays read-only in a writable root."""
    plan = []
    for path in (root / name for name in style.protected):
        if path.is_symlink():
            raise _Refused(style.linked.format(path=path), 1)
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            plan.append(Mount(kind="read-only", path=str(path)))
        elif style.protects_missing and root.is_dir() and os.access(root, os.W_OK):
            plan.append(Mount(kind="empty", path=str(path)))
        elif path.is_dir():
            plan.append(Mount(kind="read-only", path=str(path)))
    return plan


def _pointed_at(path: Path) -> list[Path]:
    """The repository that a `.git` file points at."""
    if path.name != ".git" or not path.is_file():
        return []
    target = path.read_text(errors="replace").partition("gitdir:")[2].strip()
    folder = (path.parent / target).resolve()
    return [folder] if target and folder.exists() else []


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """How to start a command so that it obeys: `hook` runs between fork and exec, `prefix` stands before its argv,
    `descriptors` are passed on. `missing`: what it prints (and ends with 101) where it is not there any more after the
    hook; may use {program}, {pid}."""

    hook: Callable[[], None]
    prefix: tuple[str, ...] = ()
    descriptors: tuple[int, ...] = ()
    missing: str | None = None
    signals: tuple[str, ...] = ()
    """Those that the command has as usual."""


Way = Callable[[SandboxPolicy], Confinement]

_WAY_OUT = "run with `--sandbox danger-full-access` where that is acceptable"
_ways: dict[bool, Way] = {}


def enforce(policy: SandboxPolicy) -> Confinement | None:
    """How to start a command under `policy`; None when nothing has to be enforced.

    Which way works is found out once, by running `true` under it. Raises SandboxUnavailable.
    """
    if not policy.confines:
        return None
    if policy.network not in _ways:
        _ways[policy.network] = _first_that_works(SandboxPolicy(network=policy.network))
    try:
        policy.prepare()
        made = replace(_ways[policy.network](policy), signals=policy.style.signals)
        return made if made.prefix else replace(made, missing=policy.style.missing_program)
    except _Refused as refused:
        return Confinement(hook=_refusal(refused.text, refused.code))


def ways() -> tuple[Way, ...]:
    """All ways of this system, the preferred one first. Raises SandboxUnavailable."""
    import sys

    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(f"sandboxed commands need Linux; {_WAY_OUT}")
    from pycodex.linux_bubblewrap import bubblewrap
    from pycodex.linux_namespaces import namespaces

    return (namespaces, bubblewrap)


def _first_that_works(policy: SandboxPolicy) -> Way:
    for way in ways():
        if _works(way, policy):
            return way
    raise SandboxUnavailable(
        f"the sandbox mode {policy.mode} cannot be enforced here: this kernel does not let an ordinary process make "
        f"namespaces, and there is no `bwrap` on PATH that may; install bubblewrap, allow unprivileged user "
        f"namespaces, or {_WAY_OUT}"
    )


def _works(way: Way, policy: SandboxPolicy) -> bool:
    try:
        confinement = way(policy)
        done = subprocess.run(
            [*confinement.prefix, "/bin/sh", "-c", ":"],
            preexec_fn=confinement.hook,
            pass_fds=confinement.descriptors,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _refusal(text: str, code: int) -> Callable[[], None]:
    def hook() -> None:
        os.write(2, text.replace("{pid}", str(os.getpid())).encode())
        os._exit(code)

    return hook
