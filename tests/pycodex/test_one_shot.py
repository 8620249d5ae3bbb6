"""A command run to its end (captures: shell/shell_tool, shell/shell_truncation)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pycodex.one_shot import Finished, run_once
from pycodex.processes import ProcessManager
from pycodex.sandbox import SandboxPolicy
from pycodex.spawn import StartError
from tests.pycodex.test_processes import gone

ENV = {"PATH": "/usr/bin:/bin"}
FREE = SandboxPolicy(mode="danger-full-access")


@pytest.fixture
async def processes() -> AsyncIterator[ProcessManager]:
    manager = ProcessManager()
    yield manager
    await manager.shutdown()


async def run(processes: ProcessManager, cwd: Path, *argv: str, seconds: float = 30) -> Finished:
    return await run_once(argv, cwd, ENV, seconds=seconds, sandbox=FREE, processes=processes)


async def test_streams_are_kept_apart(processes: ProcessManager, tmp_path: Path) -> None:
    done = await run(processes, tmp_path, "sh", "-c", "echo err >&2; echo out; exit 3")
    assert (done.status, done.stdout, done.stderr, done.output) == (3, b"out\n", b"err\n", b"out\nerr\n")
    assert (await run(processes, tmp_path, "sh", "-c", "kill -TERM $$")).status == -15


async def test_too_long(processes: ProcessManager, tmp_path: Path) -> None:
    done = await run(processes, tmp_path, "sh", "-c", "echo $$; sleep 300 & wait", seconds=1)
    assert done.status is None
    await gone(int(done.stdout))


async def test_cancelled(processes: ProcessManager, tmp_path: Path) -> None:
    task = asyncio.create_task(run(processes, tmp_path, "sh", "-c", "echo $$ > pid.new; mv pid.new pid; sleep 300"))
    while not (tmp_path / "pid").exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int((tmp_path / "pid").read_text()))


async def test_a_child_that_holds_the_output(processes: ProcessManager, tmp_path: Path) -> None:
    done = await run(processes, tmp_path, "sh", "-c", "sleep 300 2>/dev/null & echo $! > pid; echo lost; echo kept >&2")
    assert (done.status, done.output) == (0, b"kept\n")
    child = int((tmp_path / "pid").read_text())
    os.kill(child, 9)  # it is alive: what a finished command leaves is left alone


async def test_errors(processes: ProcessManager, tmp_path: Path) -> None:
    for argv in (("nope",), ("",)):
        with pytest.raises(StartError, match="No such file"):
            await run(processes, tmp_path, *argv)


def test_room_for_two_streams() -> None:
    mega = 1024 * 1024
    both = Finished(status=0, stdout=b"o" * mega, stderr=b"e" * mega, seconds=0).output
    assert (both.count(b"o"), both.count(b"e")) == (mega // 3, mega - mega // 3)
    little = Finished(status=0, stdout=b"o" * mega, stderr=b"e" * 10, seconds=0).output
    assert (little.count(b"o"), little.count(b"e")) == (mega - 10, 10)
    other = Finished(status=0, stdout=b"o" * 10, stderr=b"e" * mega, seconds=0).output
    assert (other.count(b"o"), other.count(b"e")) == (10, mega - 10)
