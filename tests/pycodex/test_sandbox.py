"""The plan of the sandbox, the choice of a way, and the filter; test_sandbox_escapes.py holds it against the kernel."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from pycodex.linux_bubblewrap import bubblewrap_argv
from pycodex.linux_seccomp import filter_program
from pycodex.sandbox import Confinement, Mount, SandboxPolicy, SandboxStyle, enforce
from pycodex.upstream import load_dialect

OLD, NEW = (load_dialect(version).sandbox for version in ("0.115.0", "0.169.0"))


def plan(style: SandboxStyle, *roots: Path) -> list[tuple[str, str]]:
    policy = SandboxPolicy(mode="workspace-write", writable_roots=roots, style=style)
    return [(mount.kind, mount.path) for mount in policy.mounts()]


def run(policy: SandboxPolicy, script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run_in(enforce(policy), script, cwd)


def run_in(made: Confinement | None, script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    assert made is not None
    return subprocess.run(
        [*made.prefix, "/bin/sh", "-c", script],
        cwd=cwd,
        preexec_fn=made.hook,
        pass_fds=made.descriptors,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "ws"
    folder.mkdir()
    return folder


# --- the plan


def test_read_only_opens_nothing(workspace: Path) -> None:
    assert SandboxPolicy(writable_roots=(workspace,)).mounts() == []


def test_missing_folders_are_protected_by_one_version_only(workspace: Path) -> None:
    assert plan(OLD, workspace) == [("writable", str(workspace))]
    missing = [("empty", f"{workspace}/{name}") for name in (".git", ".agents", ".codex", ".aws")]
    assert plan(NEW, workspace) == [("writable", str(workspace)), *missing]


def test_folders_that_are_there_are_read_only(workspace: Path) -> None:
    (workspace / ".git").mkdir()
    assert plan(OLD, workspace)[1:] == [("read-only", f"{workspace}/.git")]
    # An empty one may be a placeholder of another command.
    assert ("empty", f"{workspace}/.git") in plan(NEW, workspace)
    (workspace / ".git/config").touch()
    assert ("read-only", f"{workspace}/.git") in plan(NEW, workspace)


def test_inner_roots_lie_on_top_of_what_is_protected_in_outer_ones(workspace: Path) -> None:
    inner = workspace / ".codex/memories"
    inner.mkdir(parents=True)
    found = plan(OLD, inner, workspace)
    assert found == [("writable", str(workspace)), ("read-only", f"{workspace}/.codex"), ("writable", str(inner))]


def test_a_git_file_protects_the_folder_it_points_at(workspace: Path) -> None:
    (workspace / "real").mkdir()
    (workspace / ".git").write_text("gitdir: ./real\n")
    assert plan(OLD, workspace)[1:] == [("read-only", f"{workspace}/.git"), ("read-only", f"{workspace}/real")]
    (workspace / ".git").write_text("gitdir: /usr\n")  # read-only as it is
    assert plan(OLD, workspace)[1:] == [("read-only", f"{workspace}/.git")]


def test_bubblewrap_gets_the_same_plan() -> None:
    mounts = [
        Mount(kind="writable", path="/w"),
        Mount(kind="read-only", path="/w/.git"),
        Mount(kind="empty", path="/w/.aws"),
    ]
    argv = bubblewrap_argv("/bin/bwrap", mounts, network=False, filter_descriptor=7)
    words = " ".join(argv)
    assert words.startswith("/bin/bwrap --new-session --die-with-parent --ro-bind / / --dev /dev --bind /w /w ")
    assert " --ro-bind /w/.git /w/.git --perms 555 --tmpfs /w/.aws --remount-ro /w/.aws " in words
    assert "--unshare-net" in argv and "--unshare-pid" in argv
    assert words.endswith("--cap-drop ALL --seccomp 7 --")
    assert "--unshare-net" not in bubblewrap_argv("bwrap", [], network=True, filter_descriptor=7)


# --- what runs


def test_full_access_and_allowed_commands_are_not_confined() -> None:
    assert enforce(SandboxPolicy(mode="danger-full-access")) is None
    assert enforce(SandboxPolicy(enforced=False)) is None


def test_refused_write_reads_as_under_codex_cli(workspace: Path) -> None:
    done = run(SandboxPolicy(), "touch x", workspace)
    assert (done.returncode, done.stderr) == (1, "touch: cannot touch 'x': Read-only file system\n")


def test_exit_codes(workspace: Path) -> None:
    assert run(SandboxPolicy(), "exit 7", workspace).returncode == 7
    assert run(SandboxPolicy(), "kill -9 $$", workspace).returncode == 137


def test_a_missing_root_is_refused_or_left_out(workspace: Path) -> None:
    roots = (workspace, workspace / "absent")
    done = run(SandboxPolicy(mode="workspace-write", writable_roots=roots, style=OLD), "echo ran", workspace)
    assert (done.returncode, done.stdout) == (101, "")
    assert f"Sandbox expected writable root {roots[1]}, but it does not exist." in done.stderr
    done = run(SandboxPolicy(mode="workspace-write", writable_roots=roots, style=NEW), "echo ran", workspace)
    assert (done.returncode, done.stdout) == (0, "ran\n")


def test_the_own_root_is_made(workspace: Path) -> None:
    policy = SandboxPolicy(mode="workspace-write", writable_roots=(workspace / "memories",), style=OLD)
    assert run(policy, "touch memories/x", workspace).returncode == 0
    assert (workspace / "memories/x").exists()


@pytest.mark.parametrize("style", [OLD, NEW])
def test_a_protected_link_stops_everything(style: SandboxStyle, workspace: Path) -> None:
    (workspace / "real").mkdir()
    (workspace / ".git").symlink_to("real")
    policy = SandboxPolicy(mode="workspace-write", writable_roots=(workspace,), style=style)
    done = run(policy, "echo ran", workspace)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{workspace}/.git" in done.stderr


def test_a_whole_disk_may_be_writable(workspace: Path) -> None:
    policy = SandboxPolicy(mode="workspace-write", writable_roots=(Path("/"),), style=SandboxStyle(protected=()))
    assert run(policy, "touch made", workspace).returncode == 0
    assert (workspace / "made").exists()


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
    for network in (False, True):
        program = filter_program(machine, network=network)
        assert verdict(program, architecture, read) == ALLOW
        assert verdict(program, architecture, connect) == (ALLOW if network else REFUSE)
        assert verdict(program, architecture, ptrace) == (ALLOW if network else REFUSE)
        for number in (425, 426, 427):
            assert verdict(program, architecture, number) == REFUSE
        for number in unix_only:
            assert verdict(program, architecture, number, socket.AF_UNIX) == ALLOW
            assert verdict(program, architecture, number, socket.AF_INET) == (ALLOW if network else REFUSE)
        assert verdict(program, architecture, 0x40000000 | read) == REFUSE
        assert verdict(program, 0x40000003, read) == REFUSE


def test_unknown_machine() -> None:
    with pytest.raises(KeyError):
        filter_program("vax", network=False)


def test_nothing_is_left_open(workspace: Path) -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    run(SandboxPolicy(), ":", workspace)
    assert sorted(os.listdir("/proc/self/fd")) == before
