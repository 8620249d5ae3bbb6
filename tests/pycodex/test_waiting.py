import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from pycodex.waiting import printed_within

WAITS = ["/bin/sh", "-c", "sleep 60 & echo $! > child.part; mv child.part child; echo said; wait"]


async def child_of(folder: Path) -> int:
    """The process id of what the program has started."""
    while not (folder / "child").exists():
        await asyncio.sleep(0.01)
    return int((folder / "child").read_text())


async def is_gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z":
                return True
        await asyncio.sleep(0.01)
    return False


async def test_what_is_printed_of_a_program_that_succeeds(tmp_path: Path) -> None:
    assert await printed_within(10, ["/bin/echo", "said"], tmp_path, {}) == b"said\n"
    assert await printed_within(10, ["/bin/false"], tmp_path, {}) is None
    assert await printed_within(10, [str(tmp_path / "none")], tmp_path, {}) is None


async def test_nothing_outlives_a_wait_that_takes_too_long(tmp_path: Path) -> None:
    waiting = asyncio.create_task(printed_within(0.3, WAITS, tmp_path, {"PATH": "/usr/bin:/bin"}))
    child = await child_of(tmp_path)
    assert await waiting is None
    assert await is_gone(child)


async def test_nothing_outlives_a_wait_that_is_cancelled(tmp_path: Path) -> None:
    waiting = asyncio.create_task(printed_within(60, WAITS, tmp_path, {"PATH": "/usr/bin:/bin"}))
    child = await child_of(tmp_path)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await is_gone(child)
