"""What people see of servers and their calls, without --json (captured: mcp/plain, mcp/start_missing_plain)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pycodex.mcp.events import McpCallEnded, McpCallStarted, ServerState
from pycodex.paint import Painter
from pycodex.request import compact

__all__ = ["CallLines", "StartupLines", "WholeCalls"]

_SHOWN_LINES = 20


class StartupLines:
    """How the servers started: a line for each step, and one that sums up."""

    def lines(self, servers: Sequence[ServerState], log: Sequence[str], paint: Painter) -> list[str]:
        """In the order in which it was known, with what the `log` has of it."""
        told = [f"{paint('startup', 'mcp:')} {each.name} starting" for each in sorted(servers, key=lambda s: s.name)]
        told += log
        for each in servers:
            if each.state == "ready":
                told.append(f"{paint('startup', 'mcp:')} {each.name} ready")
            else:
                told.append(f"{paint('startup', 'mcp:')} {each.name} failed: {each.problem}")
        sums = []
        for state in ("ready", "failed"):
            names = [each.name for each in servers if each.state == state]
            sums += [f"{state}: {', '.join(names)}"] if names else []
        return [*told, f"{paint('startup', 'mcp startup:')} {'; '.join(sums)}"]


class WholeCalls:
    """A call with its arguments, then with its result, as JSON (0.115.0)."""

    def started(self, event: McpCallStarted, paint: Painter) -> str:
        return f"{paint('heading', 'tool')} {paint('command', _shown(event))}\n"

    def ended(self, event: McpCallEnded, paint: Painter) -> str:
        role, word = ("failure", "failed") if event.failed else ("success", "success")
        head = f"{_shown(event)} {word} in {int(event.duration * 1000)}ms:"
        told = [paint(role, head)]
        if event.result is not None:
            lines = json.dumps(event.result, indent=2, ensure_ascii=False).split("\n")
            told += [paint("output", line) for line in lines[:_SHOWN_LINES]]
        return "".join(f"{line}\n" for line in told)


def _shown(event: McpCallStarted | McpCallEnded) -> str:
    arguments = "" if event.arguments is None else compact(event.arguments)
    return f"{event.server}.{event.tool}({arguments})"


class CallLines:
    """A line when a call begins and one when it ends, with the error (0.169.0)."""

    def started(self, event: McpCallStarted, paint: Painter) -> str:
        return f"{paint('heading', 'mcp:')} {paint('command', f'{event.server}/{event.tool}')} started\n"

    def ended(self, event: McpCallEnded, paint: Painter) -> str:
        role, word = ("failure", "(failed)") if event.failed else ("success", "(completed)")
        line = f"{paint('heading', 'mcp:')} {paint('command', f'{event.server}/{event.tool}')} {paint(role, word)}\n"
        return line + (f"{event.error}\n" if event.error is not None else "")
