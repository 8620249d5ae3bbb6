"""Quoting and shell lookup; the tables were measured on both binaries (JSONL field `command`, tool output
`$0`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycodex.shell import Shell, resolve_shell, shlex_join, user_shell


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("", "''"),
        ("a@b:c/d.e_f-g+h]", "a@b:c/d.e_f-g+h]"),
        ("a'b", '"a\'b"'),
        ("a\\b", '"a\\\\b"'),
        ("a`b", "'a`b'"),
        ("a$b", "'a$b'"),
        ("a!b", "'a!b'"),
        ("a^b", "a'^b'"),
        ("^a", "'^a'"),
        ("a'b^c", "\"a'b\"'^c'"),
        ("a'b$c'd", "\"a'b\"'$c'\"'d\""),
        ("a,b", "'a,b'"),
        ("a=b", "'a=b'"),
        ("~", "'~'"),
        ("é", "'é'"),
        ("é'x", '"é\'x"'),
        ("a\tb", "'a\tb'"),
        ('a"b', "'a\"b'"),
        ("a\"b'c", '"a\\"b\'c"'),
        ("[a", "'[a'"),
        ("'", '"\'"'),
        ("^'^", "'^'\"'\"'^'"),
        ("a'!b", "\"a'\"'!b'"),
        ("a\\^b$", "\"a\\\\\"'^b$'"),
        ("\\", '"\\\\"'),
        ("\n", "'\n'"),
        ("\x01x", "'\x01x'"),
        ("for i in $(seq 1 100); do printf 'x'; done", "'for i in $(seq 1 100); do printf '\"'x'; done\""),
        ("grep -v -E '^(npm_)'; echo $PATH", "\"grep -v -E '\"'^(npm_)'\"'; echo \"'$PATH'"),
    ],
)
def test_quoting(word: str, shown: str) -> None:
    assert shlex_join(["/bin/bash", "-lc", word]) == f"/bin/bash -lc {shown}"


def test_nul_has_no_quoting() -> None:
    assert shlex_join(["echo", "a\0b"]) == "<command included NUL byte>"


def test_user_shell_is_a_known_kind_and_exists() -> None:
    shell = user_shell()
    assert shell.name in ("bash", "zsh", "sh")
    assert Path(shell.path).is_file()
    assert shell.argv("x") == [shell.path, "-lc", "x"]
    assert shell.argv("x", login=False) == [shell.path, "-c", "x"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("sh", "bash", "zsh"):
        (tmp_path / name).write_text("#!/bin/true\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("requested", "keeps_path", "expected"),
    [
        ("bash", True, "USER"),
        ("bash.exe", True, "USER"),
        ("/nope/bash", True, "USER"),
        ("{}/bash", True, "{}/bash"),
        ("{}/bash", False, "USER"),
        ("sh", True, "{}/sh"),
        ("/bin/sh", False, "{}/sh"),
        ("/bin/sh", True, "/bin/sh"),
        ("Bash", True, "/bin/sh"),
        ("bash ", True, "/bin/sh"),
        ("python3", True, "/bin/sh"),
        ("powershell", True, "/bin/sh"),
        ("", True, "/bin/sh"),
    ],
)
def test_requested_shell(requested: str, keeps_path: bool, expected: str, folder: Path) -> None:
    user = Shell(name="bash", path="USER")
    found = resolve_shell(requested.format(folder), user, {"PATH": str(folder)}, keeps_path=keeps_path)
    assert found.path == expected.format(folder)
