"""The cells of a thread: their ids, what they store for each other, and what becomes of them when the engine dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pycodex.code_mode.cell import Cell, Look, Wishes
from pycodex.tools.base_tool import ToolError, never

if TYPE_CHECKING:
    from pycodex.code_mode.pragma import Program
    from pycodex.code_mode.style import CodeStyle
    from pycodex.guardian import Decision

__all__ = ["CodeSession", "Cut"]

Cut = Callable[[], Awaitable[None]]
"""Waits for what ends a look before its time."""


class CodeSession:
    """The cells that run, and what they have stored by their ends."""

    def __init__(self, style: CodeStyle, engine: Callable[[], str]) -> None:
        self.style = style
        self._engine = engine
        self._cells: dict[str, Cell] = {}
        self._stored: dict[str, str] = {}
        self._count = 0
        self._generation = 1
        self._broken = False
        self._turn: str | None = None
        self._spare: asyncio.subprocess.Process | None = None
        self._program: str | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._asking = 0
        self._answered = asyncio.Event()

    async def execute(
        self, program: Program, tools: Sequence[Mapping[str, str]], wishes: Wishes, turn: str, cut: Cut = never
    ) -> tuple[str, Look]:
        """Run a program until it ends, yields, has taken its time, or until `cut`: the id of its cell, and what is to
        be seen.

        Raises ToolError where the engine is dead, or dies; or is missing.
        """
        self._check_engine(turn)
        process = await self._process()
        self._count += 1
        cell = Cell(self._prefix() + str(self._count), process, wishes, self.style)
        self._cells[cell.id] = cell
        task = cell.run(program.source, tools, self._stored)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        wanted = self.style.yield_ms if program.yield_time_ms is None else program.yield_time_ms
        return cell.id, await self._look(cell, wanted, cut)

    async def wait(self, id: str, yield_ms: int | None, turn: str, cut: Cut = never, *, terminate: bool) -> Look | str:
        """Look at a cell again, or end it; a text: there is no cell of that number. Raises ToolError as `execute`."""
        self._check_engine(turn)
        if terminate and not id and self.style.unnamed is not None:
            raise ToolError(self.style.unnamed)
        if self._generation > 1 and not id.startswith(self._prefix()):
            raise ToolError(self.style.stale)
        cell = self._cells.get(id)
        if cell is None:
            return id.removeprefix(self._prefix())
        if terminate:
            look = cell.terminate()
            self._settle(cell, look)
            return look
        return await self._look(cell, self.style.wait_yield_ms if yield_ms is None else yield_ms, cut)

    async def _look(self, cell: Cell, yield_ms: int, cut: Cut) -> Look:
        look = await cell.look(yield_ms / 1000, cut if self.style.input_ends_look else never)
        while self._asking and self.style.asking_holds_look:  # what was seen stays
            await self._answered.wait()
        if cell.state == "lost":
            self._lose_all()
            raise ToolError(self.style.lost)
        self._settle(cell, look)
        return look

    def _settle(self, cell: Cell, look: Look) -> None:
        if look.state != "running":
            self._cells.pop(cell.id, None)

    async def asked(self, answer: Awaitable[Decision]) -> Decision:
        """The answer to what somebody is asked for a cell."""
        self._asking += 1
        self._answered.clear()
        try:
            return await answer
        finally:
            self._asking -= 1
            if not self._asking:
                self._answered.set()

    def interrupt(self) -> None:
        """End every cell, also those that nobody looks at (captured: code_mode/interrupted), or none."""
        if self.style.outlives_interrupt:
            return
        for cell in self._cells.values():
            cell.terminate()
        self._cells.clear()

    def commit(self, stored: Mapping[str, str]) -> None:
        """What a cell has stored is there for those that begin from now on."""
        self._stored.update(stored)

    def _lose_all(self) -> None:
        if self._broken:
            return
        self._broken = True
        for cell in self._cells.values():
            cell.lose()
        self._cells.clear()
        self._stored.clear()
        self._count = 0
        self._generation += 1

    def _check_engine(self, turn: str) -> None:
        """`turn`: whether the engine that died is replaced may depend on it."""
        died, self._turn = self._turn, turn
        if any(cell.state == "lost" for cell in self._cells.values()):
            self._lose_all()
        if self._broken:
            if self.style.replaced is None and died == turn:
                raise ToolError(self.style.lost)
            self._broken = False
            if self.style.replaced is not None:
                raise ToolError(self.style.replaced)

    def _prefix(self) -> str:
        return "" if self._generation == 1 else self.style.generation.format(number=self._generation)

    async def _process(self) -> asyncio.subprocess.Process:
        """A process for a cell. The next one starts meanwhile, so that its cell need not wait."""
        from pycodex.code_mode.engine import EngineMissing, start

        try:
            self._program = self._program or self._engine()
        except EngineMissing as error:
            raise ToolError(str(error)) from None
        process, self._spare = self._spare, None
        if process is None or process.returncode is not None:
            process = await start(self._program, self.style.script, self.style.flags)
        self._spare = await start(self._program, self.style.script, self.style.flags)
        return process

    def kill(self) -> None:
        """End every cell, at once."""
        for cell in self._cells.values():
            cell.lose()
        self._cells.clear()
        if self._spare is not None:
            from pycodex.code_mode.engine import kill

            kill(self._spare)

    async def aclose(self) -> None:
        """End every cell, and wait until nothing is left of them."""
        from pycodex.code_mode.engine import leave

        self.kill()
        await asyncio.gather(*self._running)
        spare, self._spare = self._spare, None
        if spare is not None:
            await leave(spare)
