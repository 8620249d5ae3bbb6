"""Tools that people see as a command of the tool's name (captures: js_repl/values, tools/artifacts)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pycodex.tool_events import CommandEnded, CommandStarted

if TYPE_CHECKING:
    from pycodex.tools.base_tool import ToolContext

__all__ = ["AsCommand"]


class AsCommand:
    """One call of such a tool: that it begins is told at once, that it has ended by `end`."""

    def __init__(self, context: ToolContext, name: str) -> None:
        self._context = context
        self._name = name
        context.emit(
            CommandStarted(
                call_id=context.call_id, argv=(name,), cwd=str(context.cwd), process_id="", started_at=time.time()
            )
        )
        self._begun = time.monotonic()

    def end(self, output: str, *, failed: bool) -> None:
        """It has ended, with that output."""
        context = self._context
        context.emit(
            CommandEnded(
                call_id=context.call_id,
                argv=(self._name,),
                cwd=str(context.cwd),
                process_id="",
                exit_code=int(failed),
                output=output,
                duration=time.monotonic() - self._begun,
                status="failed" if failed else "completed",
            )
        )
