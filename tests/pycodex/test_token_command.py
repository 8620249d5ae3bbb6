import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from pycodex.provider import provider_from_table
from pycodex.token_command import CommandTokens, TokenError

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def tokens_of(script: str, folder: Path, **more: Any) -> CommandTokens:
    return CommandTokens.from_table({"command": "sh", "args": ["-c", script], "cwd": str(folder), **more})


async def test_a_command_is_run_once_and_again_where_its_token_is_refused(tmp_path: Path) -> None:
    tokens = tokens_of('echo x >>ran; echo "  $(wc -l <ran)"', tmp_path)
    assert await tokens.prepare(ENVIRONMENT) == []
    assert await tokens.prepare(ENVIRONMENT) == []
    assert tokens.token == "1"
    await tokens.renew(ENVIRONMENT)
    assert tokens.token == "2"


async def test_without_a_token_a_command_that_fails_is_run_twice(tmp_path: Path) -> None:
    tokens = tokens_of("echo x >>ran; echo no >&2; exit 4", tmp_path)
    problem = "provider auth command `sh` exited with status exit status: 4: no"
    assert await tokens.prepare(ENVIRONMENT) == [problem, problem]
    assert tokens.token is None
    with pytest.raises(TokenError, match="exit status: 4: no"):
        await tokens.renew(ENVIRONMENT)
    assert (tmp_path / "ran").read_text() == "x\n" * 3


async def test_an_old_token_is_kept_where_no_new_one_is_told(tmp_path: Path) -> None:
    tokens = tokens_of("echo x >>ran; [ -e fail ] && exit 1; echo one", tmp_path, refresh_interval_ms=1)
    assert await tokens.prepare(ENVIRONMENT) == []
    (tmp_path / "fail").touch()
    await asyncio.sleep(0.01)
    assert len(await tokens.prepare(ENVIRONMENT)) == 1
    assert tokens.token == "one"


async def test_zero_lets_a_token_become_as_old_as_it_may(tmp_path: Path) -> None:
    tokens = tokens_of("echo x >>ran; wc -l <ran", tmp_path, refresh_interval_ms=0)
    await tokens.prepare(ENVIRONMENT)
    await asyncio.sleep(0.01)
    await tokens.prepare(ENVIRONMENT)
    assert tokens.token == "1"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"command": "no-such-program"}, "failed to start: No such file or directory (os error 2)"),
        ({"command": "./none"}, "failed to start: No such file or directory (os error 2)"),
        ({"command": "a\0b"}, "failed to start: nul byte found in provided data"),
        ({"command": "sh", "args": ["-c", "kill -9 $$"]}, "exited with status signal: 9 (SIGKILL)"),
        ({"command": "sh", "args": ["-c", "printf '\\377'"]}, "wrote non-UTF-8 data to stdout"),
        ({"command": "echo"}, "produced an empty token"),
        ({"command": "sh", "args": ["-c", "sleep 30; true"], "timeout_ms": 200}, "timed out after 200 ms"),
    ],
)
async def test_what_went_wrong_is_said(table: dict[str, Any], words: str, tmp_path: Path) -> None:
    tokens = CommandTokens.from_table({"cwd": str(tmp_path), **table})
    with pytest.raises(TokenError) as raised:
        await tokens.renew(ENVIRONMENT)
    assert str(raised.value) == f"provider auth command `{table['command']}` {words}"


async def test_a_path_starts_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "token"
    script.write_text("#!/bin/sh\npwd\n")
    script.chmod(0o755)
    tokens = CommandTokens.from_table({"command": "bin/token", "cwd": str(tmp_path)})
    await tokens.renew(ENVIRONMENT)
    assert tokens.token == str(tmp_path)


def test_only_some_versions_look_at_it() -> None:
    table = {"name": "Mine", "auth": {"command": "true"}}
    assert provider_from_table("mine", table, commands=False).tokens is None
    assert provider_from_table("mine", table, commands=True).tokens is not None
