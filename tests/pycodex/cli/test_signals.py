"""SIGINT and SIGTERM: the program ends at once, and no command outlives it."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from fake_server import FakeServer, Script
from tests.pycodex.sessions import CONFIG

ROOT = Path(__file__).parents[3]
# A child of its own in the background, and one in the foreground.
COMMAND = "sleep 61 & echo $! > background; echo $$ > foreground; touch begun; sleep 60"
SCRIPT = {
    "main": [{"output": [{"call": {"name": "exec_command", "arguments": {"cmd": COMMAND}, "call_id": "call_1"}}]}]
}


async def start(root: Path, port: int, version: str) -> asyncio.subprocess.Process:
    home, ws = root / "home", root / "ws"
    home.mkdir()
    ws.mkdir()
    (home / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "CODEX_HOME": str(home), "FAKE_KEY": "sk-x"}
    words = ("exec", "--upstream", version, "--json", "--skip-git-repo-check", "-s", "danger-full-access", "go")
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pycodex",
        *words,
        cwd=ws,
        env={**env, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    ("version", "number", "code"),
    [
        ("0.115.0", signal.SIGINT, 0),
        ("0.169.0", signal.SIGINT, 1),
        ("0.169.0", signal.SIGTERM, -signal.SIGTERM),
        ("0.169.0", signal.SIGHUP, -signal.SIGHUP),
    ],
)
async def test_commands_end_with_the_program(tmp_path: Path, version: str, number: signal.Signals, code: int) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data(SCRIPT))
        program = await start(tmp_path, int(server.url.rpartition(":")[2]), version)
        async with asyncio.timeout(20):
            while not (tmp_path / "ws" / "begun").exists():
                await asyncio.sleep(0.02)
        pids = [int((tmp_path / "ws" / name).read_text()) for name in ("background", "foreground")]
        assert all(map(alive, pids))
        began = time.monotonic()
        program.send_signal(number)
        await program.communicate()
    assert program.returncode == code
    assert time.monotonic() - began < 3
    for pid in pids:
        for _ in range(50):
            if not alive(pid):
                break
            await asyncio.sleep(0.02)
        assert not alive(pid)
