"""The sandbox against the kernel this runs on: each way of confining is tested where the kernel has it."""

from __future__ import annotations

import shlex
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pycodex.linux_landlock import landlock_hook
from pycodex.linux_namespaces import namespace_hook
from pycodex.linux_seccomp import filter_program, seccomp_hook
from pycodex.sandbox import SandboxPolicy, SandboxUnavailable, enforce

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")

Hook = Callable[[], None]
Way = Callable[[SandboxPolicy], Hook]


def run(script: str, cwd: Path, hook: Hook | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=cwd,
        preexec_fn=hook,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )


def available(way: Way, policy: SandboxPolicy, cwd: Path) -> Hook:
    """The hook of one way, or a skip where this kernel does not allow it."""
    try:
        hook = way(policy)
        run(":", cwd, hook)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"not allowed here: {error}")
    return hook


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "ws"
    (folder / ".git").mkdir(parents=True)
    (folder / "inner").mkdir()
    return folder


def test_full_access_needs_no_hook() -> None:
    assert enforce(SandboxPolicy(mode="danger-full-access")) is None


@pytest.mark.parametrize("way", [namespace_hook, landlock_hook])
def test_read_only(way: Way, workspace: Path) -> None:
    hook = available(way, SandboxPolicy(), workspace)
    done = run("echo > /dev/null && cat /etc/passwd > /dev/null && echo read; echo x > new", workspace, hook)
    assert done.returncode != 0
    assert done.stdout == "read\n"
    assert not (workspace / "new").exists()


def test_refused_write_reads_as_under_codex_cli(workspace: Path) -> None:
    hook = available(namespace_hook, SandboxPolicy(), workspace)
    done = run("touch x", workspace, hook)
    assert (done.returncode, done.stderr) == (1, "touch: cannot touch 'x': Read-only file system\n")


@pytest.mark.parametrize("way", [namespace_hook, landlock_hook])
def test_workspace_write(way: Way, workspace: Path, tmp_path: Path) -> None:
    policy = SandboxPolicy(mode="workspace-write", writable_roots=(workspace, tmp_path / "missing"))
    hook = available(way, policy, workspace)
    done = run("echo x > inner/new; echo x > .git/config; echo x > ../outside; pwd", workspace, hook)
    assert (workspace / "inner/new").read_text() == "x\n"
    assert not (workspace / ".git/config").exists()
    assert not (tmp_path / "outside").exists()
    assert done.stdout == f"{workspace}\n"


def test_git_file_protects_its_target(workspace: Path) -> None:
    (workspace / "inner/.git").write_text("gitdir: ../real\n")
    (workspace / "real").mkdir()
    policy = SandboxPolicy(mode="workspace-write", writable_roots=(workspace / "inner", workspace))
    assert workspace / "real" in policy.protected()
    hook = available(namespace_hook, policy, workspace)
    run("echo x > real/a; echo x > inner/ok", workspace, hook)
    assert not (workspace / "real/a").exists()
    assert (workspace / "inner/ok").exists()


def test_the_mounts_cannot_be_undone(workspace: Path) -> None:
    undo = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
class Attr(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint64) for n in ("set", "clr", "propagation", "fd")]
def clear(): return libc.syscall(442, -100, b"/", 0x8000, ctypes.byref(Attr(clr=1)), ctypes.c_size_t(32))
results = [clear(), libc.mount(b"tmpfs", b"/", b"tmpfs", 0, None)]
libc.unshare(0x10000000 | 0x20000)
results.append(clear())
print(results, end="")
"""
    hook = available(namespace_hook, SandboxPolicy(), workspace)
    done = run(f"{shlex.quote(sys.executable)} -c {shlex.quote(undo)}", workspace, hook)
    assert done.stdout == "[-1, -1, -1]", done.stderr


def test_network_is_cut_and_pairs_still_work(workspace: Path) -> None:
    hook = available(lambda _: seccomp_hook(), SandboxPolicy(), workspace)
    attempts = """
import os, socket
def errno_of(call):
    try:
        call()
    except OSError as error:
        return error.errno
unix = socket.socket(socket.AF_UNIX)
a, b = socket.socketpair()
os.write(a.fileno(), b"x")
print([errno_of(lambda: socket.socket()), errno_of(lambda: socket.socket(socket.AF_INET6)),
       errno_of(lambda: unix.connect("/nowhere")), errno_of(lambda: unix.bind("x")), os.read(b.fileno(), 1)],
       end="")
"""
    done = run(f"{shlex.quote(sys.executable)} -c {shlex.quote(attempts)}", workspace, hook)
    assert done.stdout == "[1, 1, 1, 1, b'x']", done.stderr


def test_network_may_stay_on(workspace: Path) -> None:
    try:
        hook = enforce(SandboxPolicy(network=True))
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    script = "import socket; socket.socket(); print('ok', end='')"
    assert run(f"{shlex.quote(sys.executable)} -c {shlex.quote(script)}", workspace, hook).stdout == "ok"


# --- the filter, run by a small interpreter: every row of both tables


def verdict(program: bytes, architecture: int, number: int, first_argument: int = 0) -> int:
    memory = {0: number, 4: architecture, 16: first_argument}
    instructions = list(struct.iter_unpack("=HBBI", program))
    at, register = 0, 0
    while True:
        code, on_true, on_false, value = instructions[at]
        at += 1
        if code == 0x20:
            register = memory[value]
        elif code == 0x15:
            at += on_true if register == value else on_false
        elif code == 0x35:
            at += on_true if register >= value else on_false
        else:
            return int(value)


ALLOW, REFUSE = 0x7FFF0000, 0x00050001


@pytest.mark.parametrize(
    ("machine", "architecture", "read", "connect", "ptrace", "unix_only"),
    [("x86_64", 0xC000003E, 0, 42, 101, (41, 53)), ("aarch64", 0xC00000B7, 63, 203, 117, (198, 199))],
)
def test_filter(
    machine: str, architecture: int, read: int, connect: int, ptrace: int, unix_only: tuple[int, int]
) -> None:
    program = filter_program(machine)
    assert verdict(program, architecture, read) == ALLOW
    assert verdict(program, architecture, connect) == REFUSE
    assert verdict(program, architecture, ptrace) == REFUSE
    for number in unix_only:
        assert verdict(program, architecture, number, socket.AF_UNIX) == ALLOW
        assert verdict(program, architecture, number, socket.AF_INET) == REFUSE
    assert verdict(program, architecture, 0x40000000 | read) == REFUSE
    assert verdict(program, 0x40000003, read) == REFUSE


def test_unknown_machine() -> None:
    with pytest.raises(KeyError):
        filter_program("vax")
