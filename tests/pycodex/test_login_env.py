from __future__ import annotations

from pathlib import Path

from pycodex.login_env import login_environment
from pycodex.shell import Shell

SH = Shell(name="sh", path="/bin/sh")


async def test_profile_is_read_and_its_output_is_not(tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text("echo noise; export FROM_PROFILE='a\nb'; export SHLVL=3\n")
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "GIVEN": "1"}
    found = await login_environment(SH, env, tmp_path)
    assert found is not None
    assert (found["FROM_PROFILE"], found["GIVEN"], found["SHLVL"]) == ("a\nb", "1", "2")
    assert "PWD" not in found


async def test_shell_that_cannot_be_asked(tmp_path: Path) -> None:
    assert await login_environment(Shell(name="sh", path="/nope"), {}, tmp_path) is None
    (tmp_path / ".profile").write_text("exit 1\n")
    assert await login_environment(SH, {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, tmp_path) is None
