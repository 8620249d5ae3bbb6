"""The tool write_stdin: type into a running command, or wait for more of its output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.processes import Session
from pycodex.tools.base_tool import ToolContext, ToolError, ToolOutput
from pycodex.tools.exec_command import SessionTool, clamp, parsed, report

__all__ = ["WriteStdin"]

_INTERRUPT = "\x03"


class WriteStdin(SessionTool):
    """`write_stdin`, with the ProcessManager of exec_command."""

    name = "write_stdin"

    def parse(self, arguments: str) -> Mapping[str, Any]:
        style = self._style
        if style.stdin_prelude is not None:
            self._session(parsed(arguments, style.stdin_prelude, style.argument_style))
        return parsed(arguments, style.stdin_struct, style.argument_style)

    def _session(self, args: Mapping[str, Any]) -> Session:
        session = self._processes.get(args["session_id"])
        if session is None:
            raise ToolError(f"write_stdin failed: Unknown process id {args['session_id']}")
        return session

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        style = self._style
        session = self._session(args)
        chars: str = args["chars"]
        asked = args.get("yield_time_ms")
        yield_ms = clamp(asked, style.default_write_yield_ms, style)
        if not chars:
            wanted = style.default_write_yield_ms if asked is None else asked
            yield_ms = max(style.min_empty_poll_ms, min(wanted, style.max_empty_poll_ms))
        elif session.tty:
            try:
                await session.write(chars.encode())
            except BrokenPipeError:
                # It ended between two calls; what it said last is what the model needs.
                yield_ms = 0
        elif chars == _INTERRUPT and style.interrupt_without_tty:
            session.interrupt()
        else:
            raise ToolError(
                "write_stdin failed: stdin is closed for this session; "
                "rerun exec_command with tty=true to keep stdin open"
            )
        snapshot = await session.collect(yield_ms)
        if snapshot.exit_code is not None:
            self._processes.release(session)
        return report(session, snapshot, args.get("max_output_tokens"), style, self._truncate, self._policy)
