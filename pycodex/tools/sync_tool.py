"""The tool test_sync_tool: calls that wait, and that wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from pycodex.arguments import STRING, U64, USIZE, Field, Struct
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool

__all__ = ["SyncTool"]

_BARRIER = Struct(
    name="BarrierArgs",
    fields=(
        Field("id", STRING, required=True),
        Field("participants", USIZE, required=True),
        Field("timeout_ms", U64, default=1000),
    ),
)


class SyncTool(FunctionTool):
    """`test_sync_tool`."""

    name = "test_sync_tool"
    struct = Struct(
        name="TestSyncArgs",
        fields=(
            Field("sleep_before_ms", U64, optional=True),
            Field("sleep_after_ms", U64, optional=True),
            Field("barrier", _BARRIER, optional=True),
        ),
    )
    _barriers: dict[str, asyncio.Barrier] = {}  # noqa: RUF012 - calls meet here

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        await _sleep(args["sleep_before_ms"])
        if args["barrier"] is not None:
            await self._meet(**args["barrier"])
        await _sleep(args["sleep_after_ms"])
        return "ok"

    async def _meet(self, id: str, participants: int, timeout_ms: int) -> None:
        if participants == 0:
            raise ToolError("barrier participants must be greater than zero")
        if timeout_ms == 0:
            raise ToolError("barrier timeout must be greater than zero")
        barrier = self._barriers.setdefault(id, asyncio.Barrier(participants))
        if barrier.parties != participants:
            raise ToolError(f"barrier {id} already registered with {barrier.parties} participants")
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await barrier.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            raise ToolError("test_sync_tool barrier wait timed out") from None
        finally:
            if self._barriers.get(id) is barrier and barrier.n_waiting == 0:
                del self._barriers[id]


async def _sleep(milliseconds: int | None) -> None:
    if milliseconds:
        await asyncio.sleep(milliseconds / 1000)
