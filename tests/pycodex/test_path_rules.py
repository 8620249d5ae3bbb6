"""Permission profiles as plans of mounts, and held against the kernel by both ways of making a sandbox."""

from __future__ import annotations

import errno
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pycodex.path_rules import BadRange, PathRules, policy_of
from pycodex.permission_profiles import resolve_profile
from pycodex.sandbox import PLATFORM, SandboxPolicy
from pycodex.upstream import load_dialect
from tests.pycodex.escapes import READS, Escape, attempts
from tests.pycodex.test_sandbox import run, run_in
from tests.pycodex.test_sandbox_escapes import Place, Way, place, way

__all__ = ["place", "way"]

STYLE = load_dialect("0.169.0").sandbox
FILES = {
    ":root": "read",
    ":workspace_roots": {
        ".": "write",
        "kept": "read",
        "kept/inner": "write",
        "missing": "read",
        "secret": "deny",
        "secret.txt": "deny",
        "gone": "deny",
        "**/*.env": "deny",
    },
    "glob_scan_max_depth": 2,
}


def policy(workspace: Path, files: Any = FILES, **network: bool) -> SandboxPolicy:
    tables = {"x": {"filesystem": files, "network": network}}
    profile = resolve_profile({"permissions": tables, "default_permissions": "x"}, (workspace,), None, asked="")
    assert profile is not None
    return policy_of(profile, workspace, None, STYLE)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "ws"
    for name in ("kept/inner", "secret", "sub/deep"):
        (folder / name).mkdir(parents=True)
    for name in ("kept/x", "secret/x", "secret.txt", "a.env", "sub/b.env", "sub/deep/c.env"):
        (folder / name).write_text("x\n")
    return folder


def test_the_narrower_place_says_what_may_be_done(workspace: Path) -> None:
    rules = policy(workspace).rules
    assert rules is not None
    found = {name: rules.access(workspace / name) for name in ("x", "kept/x", "kept/inner/x", "secret/x", "d/y.env")}
    assert found == {"x": "write", "kept/x": "read", "kept/inner/x": "write", "secret/x": "deny", "d/y.env": "deny"}
    assert (rules.access(Path("/usr")), PathRules(places=()).access(Path("/usr"))) == ("read", "deny")


def test_the_plan(workspace: Path) -> None:
    plan = [(mount.kind, mount.path.removeprefix(f"{workspace}/")) for mount in policy(workspace).mounts()]
    own = [step for step in plan if not step[1].rpartition("/")[2].startswith((".git", ".agents", ".codex", ".aws"))]
    assert own == [
        ("writable", str(workspace)),
        ("absent", "gone"),
        ("read-only", "kept"),
        ("blank", "missing"),
        ("hidden", "secret"),
        ("hidden", "secret.txt"),
        ("writable", "kept/inner"),
        ("hidden", "a.env"),
        ("hidden", "sub/b.env"),
    ]


TRIED = {
    "touch new && echo > kept/inner/new && cat sub/deep/c.env": (0, "x\n"),
    "touch kept/new": (1, ""),
    "echo y > kept/x": (2, ""),
    "cat secret.txt || cat secret/x || ls secret || cat a.env || cat sub/b.env": (1, ""),
    "echo y > missing": (2, ""),
    "rm -f missing": (1, ""),
    "mkdir gone": (1, ""),
    "mv kept away": (1, ""),
    "mv secret away": (1, ""),
    "ln -s /usr .git": (1, ""),
    "umount secret || umount secret.txt": (1, ""),
}


@pytest.mark.parametrize("script", TRIED, ids=lambda script: script[:20])
def test_the_kernel_obeys(script: str, workspace: Path) -> None:
    done = run(policy(workspace), script, workspace)
    code, output = TRIED[script]
    assert (done.returncode != 0) == (code != 0), done.stderr
    assert done.stdout == output
    assert (workspace / "secret.txt").read_text() == "x\n"


def test_what_stands_in_for_missing_files_goes(workspace: Path) -> None:
    assert run(policy(workspace), "ls missing gone", workspace).returncode == 0
    for _ in range(500):
        if not {"missing", "gone", ".git"} & {path.name for path in workspace.iterdir()}:
            return
        os.sched_yield()
        __import__("time").sleep(0.02)
    raise AssertionError(list(workspace.iterdir()))


def test_an_empty_file_of_ones_own_stays(workspace: Path) -> None:
    (workspace / "missing").touch()
    assert run(policy(workspace), "echo y > missing", workspace).returncode != 0
    assert (workspace / "missing").exists()


def test_modes(workspace: Path) -> None:
    assert policy(workspace, {":root": "read"}).mode == "read-only"
    assert policy(workspace, {":root": "write"}).mode == "workspace-write"
    assert policy(workspace, {":root": "write"}, enabled=True).mode == "danger-full-access"
    opened = policy(workspace, {":root": "read", str(workspace): "write"}, enabled=True)
    assert (opened.mode, opened.network, opened.writable_roots) == ("workspace-write", True, (workspace,))


BARE = {":minimal": "read", ":workspace_roots": {".": "write", "kept": "read", "secret": "deny", "missing": "read"}}


def confined(way: Way, policy: SandboxPolicy, script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run_in(way(policy), script, cwd)


def test_without_the_root_nothing_else_is_there(way: Way, workspace: Path) -> None:
    outside = workspace.parent / "outside"
    outside.write_text("x\n")
    script = (
        f"ls /; cat {outside}; cat secret/x; cat kept/x; touch kept/y new; cat /etc/passwd > /dev/null && echo read"
    )
    done = confined(way, policy(workspace, BARE), script, workspace)
    platform = {path[1:] for path in PLATFORM if path.count("/") == 1 and Path(path).is_dir()}
    top = sorted({workspace.parts[1], "dev", "proc", *platform})
    assert done.stdout.split() == [*top, "x", "read"], done.stderr
    assert "No such file" in done.stderr and "Permission denied" in done.stderr and "Read-only" in done.stderr
    assert (workspace / "new").exists() and outside.read_text() == "x\n"


def test_a_working_directory_that_is_not_there_is_the_root(way: Way, workspace: Path) -> None:
    assert confined(way, policy(workspace, {":minimal": "read"}), "pwd", workspace).stdout == "/\n"


def test_what_is_refused_is_there_or_is_not(workspace: Path) -> None:
    rules = policy(workspace, {**BARE, "/etc": "deny"}).rules
    assert rules is not None
    refused = {path: rules.refusal(Path(path)) for path in ("/opt/x", "/etc/x", "/usr/x", f"{workspace}/secret/x")}
    assert refused == {
        "/opt/x": errno.ENOENT,
        "/etc/x": errno.EACCES,
        "/usr/x": None,
        f"{workspace}/secret/x": errno.EACCES,
    }


@pytest.mark.parametrize(
    ("pattern", "denied"),
    [
        ("/w/[a-c]x", {"/w/ax", "/w/cx"}),
        ("/w/[!a-c]x", {"/w/dx", "/w/-x", "/w/[x"}),
        ("/w/[^a-c]x", {"/w/dx", "/w/-x", "/w/[x"}),
        ("/w/[-a]x", {"/w/-x", "/w/ax"}),
        ("/w/[x", {"/w/[x"}),
        ("/w/[c-a]x", set()),
        ("/w/?x", {"/w/ax", "/w/cx", "/w/dx", "/w/-x", "/w/[x"}),
    ],
)
def test_classes_of_a_pattern(pattern: str, denied: set[str]) -> None:
    names = ("/w/ax", "/w/cx", "/w/dx", "/w/-x", "/w/[x", "/w/y/x")
    rules = PathRules(places=(("read", Path("/")),), patterns=(pattern,))
    assert {name for name in names if rules.access(Path(name)) == "deny"} == denied


def test_a_range_the_wrong_way_round_is_found_where_it_is_looked_for(workspace: Path) -> None:
    def found(*patterns: str) -> BadRange | None:
        return PathRules(places=(), patterns=patterns).bad_range()

    assert found(f"{workspace}/[a-c]", f"{workspace}/sub/*[0-9z-a]") == BadRange(
        f"{workspace}/sub", "/*[0-9z-a]", "z", "a"
    )
    assert found(f"{workspace}/nowhere/[z-a]", f"{workspace}/[z-a") is None


@pytest.mark.parametrize("network", [False, True])
def test_what_may_not_be_read_stays_unread(way: Way, network: bool, place: Place) -> None:
    rules = PathRules(
        places=(("read", Path("/")), ("write", place.workspace), ("deny", place.outside)),
        patterns=(f"{place.root}/**/*.env",),
    )
    policy = replace(place.policy("workspace-write", network=network), rules=rules)
    (place.workspace / "a.env").write_text("as it was")
    pattern = Escape(name="a pattern", script='print("ESCAPED", open(WS + "/a.env").read())', proof="output")
    code, output = place.run(way(policy), place.argv(attempts([*READS, pattern])))
    assert (code, output.splitlines()[-1]) == (0, "tried all"), output
    assert "ESCAPED" not in output, output
    assert (place.outside / "kept").read_text() == "as it was"
