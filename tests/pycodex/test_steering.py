import asyncio

import pytest

from pycodex.steering import Steering


async def test_texts_wait_in_order_and_are_taken_once() -> None:
    steering = Steering()
    steering.put("a")
    steering.put("b")
    assert steering.take() == ["a", "b"]
    assert steering.take() == []


async def test_work_is_cut_short_when_something_comes() -> None:
    steering = Steering()
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cut")

    running = asyncio.create_task(steering.until_come(work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    steering.put("a")
    await running
    assert ended == ["cut"]


async def test_work_that_ends_or_fails_does_so() -> None:
    async def fails() -> None:
        raise ValueError("no")

    await Steering().until_come(asyncio.sleep(0))
    with pytest.raises(ValueError, match="no"):
        await Steering().until_come(fails())


async def test_who_waits_may_be_cancelled_and_the_work_with_it() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    running = asyncio.create_task(Steering().until_come(work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()
