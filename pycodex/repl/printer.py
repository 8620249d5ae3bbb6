"""Events as lines of a session: the answer as it streams, and a short line for each thing that is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex import protocol as p
from pycodex.citations import shown_text
from pycodex.plans import PLAN_BEGINS, PLAN_ENDS
from pycodex.shell import shlex_join

if TYPE_CHECKING:
    from pycodex.protocol import Event

__all__ = ["Printer", "shown_action"]

_SHOWN_LINES = 5
_BOLD, _DIM, _RED, _GREEN, _END = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[0m"


class Printer:
    """Feed events; whole lines go to `out`. `partial` is what has come of the line that is being written."""

    def __init__(self, out: Callable[[str], None], cwd: Path) -> None:
        self._out = out
        self._cwd = cwd
        self.partial = ""
        self.planning = False
        """Whether the turn is one of plan mode."""
        self._streamed = False

    def __call__(self, event: Event) -> None:
        match event:
            case p.TextStreamed():
                self._stream(event.text)
            case p.ItemDone(kept=True):
                self._item(event.item)
            case p.CommandStarted():
                self._out(f"{_BOLD}•{_END} Running {_script(event.argv)}")
            case p.CommandEnded():
                self._command(event)
            case p.PatchEnded():
                names = ", ".join(f"{change.kind} {_near(path, self._cwd)}" for path, change in event.changes.items())
                self._out(f"{_BOLD}•{_END} Patch {event.status}: {names}")
            case p.McpServersStarted():
                for server in event.servers:
                    if server.state == "failed":
                        self._out(f"{_BOLD}⚠{_END} The MCP server {server.name} did not start: {server.problem}")
            case p.McpCallStarted():
                self._out(f"{_BOLD}•{_END} Calling {event.server}.{event.tool}")
            case p.McpCallEnded():
                color = _RED if event.failed else _GREEN
                why = f": {event.error}" if event.error is not None else ""
                self._out(f"{color}•{_END} Called {event.server}.{event.tool}{why}")
            case p.PlanUpdated():
                self._plan(event)
            case p.WarningRaised():
                self._out(f"{_BOLD}⚠{_END} {event.message}")
            case p.DeprecationRaised():
                self._out(f"{_BOLD}⚠{_END} {event.summary} ({event.details})")
            case p.StreamRetry():
                self._out(f"{_DIM}Reconnecting... {event.progress} ({event.message}){_END}")
            case p.TurnFailed():
                self._cut()
                self._out(f"{_RED}■ {event.failure.message}{_END}")
            case p.TurnAborted():
                self._cut()
                self._out(f"{_RED}■ Conversation interrupted{_END}")
            case p.TextsReturned():
                self._out(f"{_DIM}not sent: {' · '.join(event.texts)}{_END}")
            case p.SampleFinished():
                self._cut()
            case _:
                pass

    def _stream(self, text: str) -> None:
        self._streamed = self._streamed or bool(text)
        *lines, self.partial = (self.partial + text).split("\n")
        for line in lines:
            self._line(line)

    def _line(self, line: str) -> None:
        """A line of the answer; the tags of a plan are a heading and its end."""
        tag = line.strip() if self.planning else ""
        if tag == PLAN_BEGINS:
            self._out(f"{_BOLD}•{_END} Proposed plan")
        elif tag != PLAN_ENDS:
            self._out(line)

    def _cut(self) -> None:
        """What is left of a line that nothing more comes of."""
        if self.partial:
            self._line(self.partial)
        self.partial, self._streamed = "", False

    def _item(self, item: p.Item) -> None:
        if item["type"] == "message" and item.get("role") == "assistant":
            if not self._streamed:
                self._stream(shown_text(item))
            self._cut()
        elif item["type"] == "reasoning":
            for part in item.get("summary", ()):
                self._out(f"{_DIM}{part['text']}{_END}")

    def _command(self, event: p.CommandEnded) -> None:
        good = event.exit_code == 0
        color = _GREEN if good else _RED
        code = "" if good else f" (exit code {event.exit_code})"
        self._out(f"{color}•{_END} Ran {_script(event.argv)}{code}")
        lines = event.output.splitlines()
        for line in lines[:_SHOWN_LINES]:
            self._out(f"{_DIM}  │ {line}{_END}")
        if len(lines) > _SHOWN_LINES:
            self._out(f"{_DIM}  │ … {len(lines) - _SHOWN_LINES} more lines{_END}")

    def _plan(self, event: p.PlanUpdated) -> None:
        self._out(f"{_BOLD}•{_END} Plan")
        marks = {"completed": "✔", "in_progress": "▸"}
        for text, status in event.steps:
            self._out(f"  {marks.get(status, '□')} {text}")


def shown_action(asked: p.ApprovalAsked) -> str:
    """What is asked about, in a line."""
    action = asked.action
    return ", ".join(action["files"]) if action["tool"] == "apply_patch" else _script(tuple(action["command"]))


def _near(path: str, cwd: Path) -> str:
    """The path from here, if it is below."""
    return str(Path(path).relative_to(cwd)) if Path(path).is_relative_to(cwd) else path


def _script(argv: tuple[str, ...]) -> str:
    """The command as its user would type it."""
    return argv[2] if len(argv) == 3 and argv[1] in ("-lc", "-c") else shlex_join(argv)
