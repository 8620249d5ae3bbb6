"""Cells against the real engine: what a program can reach, and what becomes of one that misbehaves. What it says is in
the recordings of `code_mode`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pycodex.tools.base_tool import ToolError
from tests.pycodex.code_mode.benches import Bench, style_of

STYLE = style_of("0.169.0")


TOOL = {"name": "tool", "description": "A tool."}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench("0.169.0", TOOL)
    yield made
    await made.session.aclose()


async def test_a_program_calls_tools_and_stores_values(bench: Bench) -> None:
    assert await bench.run(
        "store('k', 1); text((await tool_of(5)).given); function tool_of(x) { return tools.tool(x) }"
    )
    assert bench.calls == [("tool", "5")]
    assert await bench.run("text(load('k'))") == ["completed", "1"]


OUT = "constructor.constructor('return process')()"
DEEP = "(() => { const deep = () => { %s }; try { deep() } catch (e) { return e" + f".{OUT} }} }})()"
FRAMES = "Error.prepareStackTrace = (e, frames) => frames.map(f => f.getThis() ?? f.getFunction()).find(Boolean)"
ESCAPES = (
    f"import('x').{OUT}",
    "text.constructor('return process')()",
    "tools.tool.constructor('return process')()",
    f"tools.tool(1).{OUT}",
    f"(await tools.tool(1)).{OUT}",
    f"await import('node:fs').catch(e => e.{OUT})",
    f"(() => {{ try {{ text(Symbol.iterator in null) }} catch (e) {{ return e.{OUT} }} }})()",
    f"(() => {{ {FRAMES}; return new Error().stack ?? process }})()",
    DEEP % "deep()",
    DEEP % "text('x'); deep()",
    DEEP % "tools.tool(1); deep()",
    DEEP % "setTimeout(deep, 1); deep()",
)


@pytest.mark.parametrize("source", ESCAPES)
async def test_a_program_reaches_nothing_of_the_engine(bench: Bench, source: str) -> None:
    told = await bench.run(f"const found = {source}; text(typeof found.exit + typeof found.env)", yield_ms=20_000)
    assert told[-1].split("\n")[1:2] == ["ReferenceError: process is not defined"], told


async def test_an_endless_loop_is_left_and_ended(bench: Bench) -> None:
    assert await bench.run("text('before'); while (true) {}", yield_ms=300) == ["running", "before"]
    assert await bench.run("text('beside')") == ["completed", "beside"]
    look = await bench.session.wait("1", None, "turn", terminate=True)
    assert not isinstance(look, str)
    assert look.state == "terminated"
    assert await bench.session.wait("1", None, "turn", terminate=False) == "1"


async def test_a_dead_engine_takes_cells_and_values_along_once(bench: Bench) -> None:
    await bench.run("store('k', 1)")
    await bench.run("await new Promise(() => {})", yield_ms=50)
    with pytest.raises(ToolError, match=STYLE.lost):
        await bench.run("const all = []; while (true) all.push(new Array(1e6).fill(1.5))")
    with pytest.raises(ToolError, match="was replaced"):
        await bench.run("text(1)")
    assert await bench.run("text(load('k'))") == ["completed", "undefined"]
    with pytest.raises(ToolError, match=STYLE.stale):
        await bench.session.wait("2", None, "turn", terminate=False)


async def test_what_nobody_looks_at_is_bounded(bench: Bench) -> None:
    told: list[Any] = await bench.run("for (let i = 0; i < 30; i++) text('x'.repeat(1e6)); text('end')")
    assert told[-1].endswith("end")
    assert sum(map(len, told)) < (1 << 20) + 100


async def test_a_cell_that_is_ended_leaves_no_process(bench: Bench) -> None:
    await bench.run("await new Promise(() => {})", yield_ms=50)
    assert [pid for pid in os.listdir("/proc") if pid.isdigit() and _is_cell_of_ours(pid)]
    await bench.session.aclose()
    assert not [pid for pid in os.listdir("/proc") if pid.isdigit() and _is_cell_of_ours(pid)]


def _is_cell_of_ours(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            parent = stat.read().rsplit(")", 1)[1].split()[1]
        with open(f"/proc/{pid}/cmdline") as line:
            return parent == str(os.getpid()) and "cell.mjs" in line.read()
    except OSError:
        return False


async def test_what_was_called_before_the_end_is_under_way(bench: Bench) -> None:
    assert await bench.run("tools.tool(7); throw 'out'") == ["failed", "Script error:\nout"]
    assert bench.calls == [("tool", "7")]
