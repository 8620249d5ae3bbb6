"""Cells among turns: what is entered, asked and interrupted while they run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from pycodex.guardian import Decision
from tests.pycodex.code_mode.benches import Bench

TOOL = {"name": "tool", "description": "A tool.\n\ndeclare const tools: { tool(args: {}): Promise<unknown>; };"}


@pytest.fixture(params=["0.169.0", "0.115.0"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    made = Bench(request.param, TOOL)
    yield made
    await made.session.aclose()


async def test_what_is_entered_ends_a_look_and_not_the_cell(bench: Bench) -> None:
    newer = bench.session.style.input_ends_look
    never_ends = "text('a'); await new Promise(() => {})" if newer else "text('a')"
    assert await bench.run(never_ends, cut=_soon) == (["running", "a"] if newer else ["completed", "a"])
    again = await bench.session.wait("1", 1, "turn", terminate=False)
    assert again == "1" if not newer else not isinstance(again, str) and again.state == "running"


async def test_what_waits_already_ends_a_look_at_once(bench: Bench) -> None:
    newer = bench.session.style.input_ends_look
    assert await bench.run("text('a')", cut=_at_once) == (["running"] if newer else ["completed", "a"])


async def test_an_interrupt_ends_every_cell_or_none(bench: Bench) -> None:
    assert await bench.run("text('a'); await new Promise(() => {})", yield_ms=50) == ["running", "a"]
    bench.session.interrupt()
    look = await bench.session.wait("1", 1, "turn", terminate=False)
    assert isinstance(look, str) != bench.session.style.outlives_interrupt
    assert await bench.run("text('on')") == ["completed", "on"]


async def test_no_look_ends_before_a_person_has_answered(bench: Bench) -> None:
    answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
    asked = asyncio.create_task(bench.session.asked(answer))
    await asyncio.sleep(0)
    looked = asyncio.create_task(bench.run("text('a')"))
    if bench.session.style.asking_holds_look:
        await asyncio.wait({looked}, timeout=0.5)
        assert not looked.done()
    else:
        assert await looked == ["completed", "a"]
    answer.set_result(Decision())
    assert await asked == Decision()
    assert await looked == ["completed", "a"]


async def _soon() -> None:
    await asyncio.sleep(0.3)


async def _at_once() -> None:
    pass
