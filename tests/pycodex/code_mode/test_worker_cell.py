"""Cells of 0.115.0 against the real engine: what a program that leaves its realm can reach, and what becomes of one
that misbehaves. What programs say is in the recordings of `code_mode/old_*`."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping

import pytest

from pycodex.code_mode.cell import Wishes
from pycodex.code_mode.engine import find_engine
from pycodex.code_mode.output import text_item
from pycodex.code_mode.pragma import Program
from pycodex.code_mode.session import CodeSession
from pycodex.tools.base_tool import ToolError
from pycodex.upstream import load_dialect

STYLE = load_dialect("0.115.0").toolset.code


class Bench:
    def __init__(self) -> None:
        assert STYLE is not None
        self.session = CodeSession(STYLE, lambda: find_engine(os.environ))
        self.calls: list[tuple[str, str | None]] = []
        self.wishes = Wishes(
            call=self._call,
            notify=lambda text: None,
            image=lambda url, detail: {"type": "input_image", "image_url": url},
            audio=lambda url: text_item(url),
            store=self.session.commit,
        )

    async def _call(self, name: str, given: str | None) -> tuple[str | None, str | None]:
        self.calls.append((name, given))
        return json.dumps({"given": given}), None

    async def run(self, source: str, turn: str = "turn") -> list[str]:
        """The state, and the texts that the program said."""
        tools: list[Mapping[str, str]] = [
            {"name": "a_tool", "tool": "a-tool", "description": "A tool.", "space": "", "own": "a_tool"}
        ]
        program = Program(source=source, yield_time_ms=20_000)
        _, look = await self.session.execute(program, tools, self.wishes, turn)
        return [look.state, *(item["text"] for item in (*look.said.head, *look.said.tail))]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
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
    assert STYLE is not None
    for source in ("text('\\udc00')", "text(1)"):
        with pytest.raises(ToolError, match=STYLE.lost):
            await bench.run(source)
    assert await bench.run("text(1)", turn="next") == ["completed", "1"]


async def test_a_thread_without_memory_says_so(bench: Bench) -> None:
    state, *told = await bench.run("const all = []; while (true) all.push(new Array(1e6).fill(1.5))")
    assert (state, "ERR_WORKER_OUT_OF_MEMORY" in told[-1]) == ("failed", True)
    assert await bench.run("text(1)") == ["completed", "1"]
