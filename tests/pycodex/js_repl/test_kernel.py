"""The kernel against the real Node: what becomes of cells that do not end, and of the kernel's process. What cells
say is in the recordings of `js_repl`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pycodex.code_mode.engine import find_engine
from pycodex.js_repl.kernel import Ended, Kernel, Wants
from pycodex.sandbox import SandboxPolicy
from pycodex.tools.base_tool import ToolError


class Bench:
    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.calls: list[tuple[str, str, str]] = []
        self.images: list[tuple[str, str | None]] = []
        self._cells = 0

    async def run(self, source: str, seconds: float = 20) -> Ended:
        self._cells += 1
        wants = Wants(call=self._call, show=lambda url, detail: self.images.append((url, detail)))
        return await self.kernel.run(f"cell{self._cells}", source, seconds, wants)

    async def _call(self, id: str, name: str, given: str) -> Any:
        self.calls.append((id, name, given))
        if name == "refused":
            raise ToolError("not this one")
        return {"given": given}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    policy = SandboxPolicy(enforced=False)
    kernel = await Kernel.start(find_engine(os.environ), tmp_path, {"HOME": "/nowhere"}, policy)
    yield Bench(kernel)
    kernel.end()


def said(text: str) -> Ended:
    return Ended(text=text, failed=False)


async def test_cells_call_and_show_and_keep_what_they_declare(bench: Bench) -> None:
    source = "const r = await codex.tool('t', { a: 1 }); await codex.emitImage('data:,x'); console.log(codex.homeDir)"
    assert await bench.run(source) == said("/nowhere")
    assert await bench.run("console.log(r.given)") == said('{"a":1}')
    assert bench.calls == [("cell1-tool-0", "t", '{"a":1}')]
    assert bench.images == [("data:,x", None)]
    assert await bench.run("await codex.tool('refused')") == Ended(text="not this one", failed=True)


async def test_an_endless_loop_ends_the_kernel(bench: Bench) -> None:
    ended = await bench.run("for (;;);", seconds=0.5)
    assert (ended.failed, bench.kernel.alive) == (True, False)
    assert bench.kernel._process.returncode is not None


async def test_what_nobody_catches_ends_the_kernel_in_its_words(bench: Bench) -> None:
    ended = await bench.run("setTimeout(() => { throw new Error('late') }); await new Promise(() => {})")
    assert ended.text.startswith("js_repl kernel uncaught exception: late; kernel reset.")
    after = await bench.run("1")
    assert (after.failed, bench.kernel.alive) == (True, False)


async def test_a_long_source_and_a_long_output_come_whole(bench: Bench) -> None:
    text = "x" * 3_000_000
    assert await bench.run(f"console.log('{text}')") == said(text)


async def test_a_cell_cannot_pretend_to_have_come_further(bench: Bench) -> None:
    await bench.run("import.meta.reach?.('forged'); throw new Error('early'); var forged = 1")
    assert await bench.run("console.log(typeof forged)") == said("undefined")
