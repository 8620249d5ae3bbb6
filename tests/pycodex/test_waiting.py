import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from pycodex.waiting import printed_within, unless

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


@pytest.mark.parametrize("comes", [True, False])
async def test_work_comes_to_its_end_unless_it_is_cut_off(comes: bool) -> None:
    async def work() -> bool:
        return comes

    assert await unless(work(), asyncio.Event().wait()) is comes
    cut = asyncio.Event()
    cut.set()
    assert await unless(asyncio.Event().wait(), cut.wait()) is None


async def test_work_ends_with_the_wait_for_it() -> None:
    ended = asyncio.Event()

    async def work() -> bool:
        try:
            return await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(unless(work(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(20):
        await ended.wait()
