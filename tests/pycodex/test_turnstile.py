"""Shared work runs side by side, exclusive work alone."""

from __future__ import annotations

import asyncio

import pytest

from pycodex.turnstile import Turnstile


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_order_of_arrival() -> None:
    turnstile, begun, gates = Turnstile(), [], {}

    async def work(name: str, alone: bool) -> None:
        gates[name] = asyncio.Event()
        async with turnstile.enter(alone=alone):
            begun.append(name)
            await gates[name].wait()

    rows = (("a", False), ("b", False), ("c", True), ("d", False), ("e", True))
    tasks = [asyncio.create_task(work(*row)) for row in rows]
    await _settle()
    assert begun == ["a", "b"]
    gates["a"].set()
    await _settle()
    assert begun == ["a", "b"]
    gates["b"].set()
    await _settle()
    assert begun == ["a", "b", "c"]
    gates["c"].set()
    await _settle()
    assert begun == ["a", "b", "c", "d"]
    gates["d"].set()
    gates["e"].set()
    await asyncio.gather(*tasks)
    assert begun == ["a", "b", "c", "d", "e"]


async def test_who_gives_up_lets_the_others_on() -> None:
    turnstile = Turnstile()
    gate = asyncio.Event()

    async def wait() -> None:
        async with turnstile.enter(alone=True):
            await gate.wait()

    first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
    await _settle()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    await second
