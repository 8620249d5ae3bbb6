"""Cells of 0.115.0 against the real engine: what a program that leaves its realm can reach, and what becomes of one
that misbehaves. What programs say is in the recordings of `code_mode/old_*`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pycodex.tools.base_tool import ToolError
from tests.pycodex.code_mode.benches import Bench, style_of

STYLE = style_of("0.115.0")


TOOL = {"name": "a_tool", "tool": "a-tool", "description": "A tool.", "space": "", "own": "a_tool"}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench("0.115.0", TOOL)
    yield made
    await made.session.aclose()


async def test_a_tool_is_called_by_its_own_name(bench: Bench) -> None:
    assert await bench.run("text((await tools.a_tool([5])).given); text(ALL_TOOLS)") == [
        "completed",
        "[5]",
        '[{"name":"a_tool","description":"A tool."}]',
    ]
    assert bench.calls == [("a-tool", "[5]")]


@pytest.mark.parametrize("way", ["text.constructor", "tools.a_tool.constructor", "(await tools.a_tool()).constructor"])
async def test_a_program_outside_its_realm_makes_no_code(bench: Bench, way: str) -> None:
    state, told = await bench.run(f"{way}{'.constructor' if '()' in way else ''}('return process')()")
    assert (state, "EvalError" in told) == ("failed", True)


async def test_half_of_a_pair_ends_the_engine_for_the_turn(bench: Bench) -> None:
    for source in ("text('\\udc00')", "text(1)"):
        with pytest.raises(ToolError, match=STYLE.lost):
            await bench.run(source)
    assert await bench.run("text(1)", turn="next") == ["completed", "1"]


async def test_a_thread_without_memory_says_so(bench: Bench) -> None:
    state, *told = await bench.run("const all = []; while (true) all.push(new Array(1e6).fill(1.5))")
    assert (state, "ERR_WORKER_OUT_OF_MEMORY" in told[-1]) == ("failed", True)
    assert await bench.run("text(1)") == ["completed", "1"]
