"""The tools of the namespace `clock`: what time it is, and a while in which nothing happens (captures: tools/clock)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from pycodex.arguments import U64, Field, Struct
from pycodex.protocol import Slept
from pycodex.time_reminder import current_time, told_time
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError, ToolOutput
from pycodex.tools.function_tool import FunctionTool

__all__ = ["CurrentTime", "Sleep"]

_SPACE = "clock"
_LONGEST = 43_200_000


class CurrentTime(BaseTool):
    """`curr_time`, whatever its arguments are."""

    name = "curr_time"
    namespace = _SPACE

    def parse(self, arguments: str) -> Mapping[str, Any]:
        return {}

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        return ToolOutput(content=told_time(), value={"current_time": current_time()})


class Sleep(FunctionTool):
    """`sleep`."""

    name = "sleep"
    namespace = _SPACE
    struct = Struct(name="SleepArgs", fields=(Field("duration_ms", U64, required=True),), deny_unknown=True)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        milliseconds = args["duration_ms"]
        if not 1 <= milliseconds <= _LONGEST:
            raise ToolError(f"duration_ms must be between 1 and {_LONGEST}")
        began, started = time.monotonic(), time.time()
        await asyncio.sleep(milliseconds / 1000)
        seconds = time.monotonic() - began
        await context.answer_ended()
        context.emit(Slept(call_id=context.call_id, milliseconds=milliseconds, started_at=started, at=time.time()))
        return f"Wall time: {seconds:.4f} seconds\nSleep completed."
