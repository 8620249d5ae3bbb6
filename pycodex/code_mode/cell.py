"""One cell: a program in a process of its own, what it says, and who waits for it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pycodex.code_mode.engine import kill, leave
from pycodex.code_mode.output import Retained, Said, text_item
from pycodex.protocol import Item
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.code_mode.style import CodeStyle

__all__ = ["Cell", "Look", "State", "Wishes"]

State = Literal["running", "completed", "failed", "terminated", "lost"]
_CHUNK = 1 << 20
_ON_ITS_WAY = 0.02
"""Seconds that what a program said may need from its process to this one."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look at a cell brought: its state, what it said since the last, and how long the look took."""

    state: State
    said: Said
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a program can ask for while it runs, beside saying something."""

    call: Callable[[str, str | None], Awaitable[tuple[str | None, str | None]]]
    """Calls a tool with JSON: gives JSON, or why not."""
    notify: Callable[[str], None]
    image: Callable[[str, str | None], Item]
    audio: Callable[[str], Item]
    store: Callable[[Mapping[str, str]], None]
    """Gets, at the end of a program that was not cut off, all that it stored."""


class Cell:
    """A cell that has been started."""

    def __init__(self, id: str, process: asyncio.subprocess.Process, wishes: Wishes, style: CodeStyle) -> None:
        self.id = id
        self.state: State = "running"
        self._process = process
        self._wishes = wishes
        self._calls_outlive = style.calls_outlive
        self._said = Retained(style.retained_bytes)
        self._stored: dict[str, str] = {}
        self._looker: asyncio.Future[Look] | None = None
        self._begun = asyncio.Event()
        self._since = 0.0
        self._calls: set[asyncio.Task[None]] = set()

    def run(self, source: str, tools: Sequence[Mapping[str, str]], stored: Mapping[str, str]) -> asyncio.Task[None]:
        """Let the program begin; the task ends when nothing is left of its process."""
        self._tell({"source": source, "tools": list(tools), "stored": list(stored.items())})
        return asyncio.create_task(self._read())

    async def look(self, seconds: float, cut: Callable[[], Awaitable[None]]) -> Look:
        """Wait for the end, for the program to yield, that long, or until `cut`; a cell that has ended is looked at
        once."""
        self._since = time.monotonic()
        if self.state != "running":
            return self._seen(self.state)
        if not seconds:  # nothing is waited for, not even what is on its way (captured: code_mode/yield)
            return self._seen("running")
        looker = self._looker = asyncio.get_running_loop().create_future()
        begun, cutting = asyncio.ensure_future(self._begun.wait()), asyncio.ensure_future(cut())
        try:
            await asyncio.wait({begun, cutting}, return_when=asyncio.FIRST_COMPLETED)
            if not cutting.done():
                longest = seconds + _ON_ITS_WAY
                await asyncio.wait({looker, cutting}, timeout=longest, return_when=asyncio.FIRST_COMPLETED)
            return looker.result() if looker.done() else self._seen("running")
        finally:
            self._looker = None
            begun.cancel()
            cutting.cancel()

    def terminate(self) -> Look:
        """End it at once; what it said is still to be read."""
        self._since = time.monotonic()
        self._end("terminated" if self.state == "running" else self.state)
        return self._seen(self.state)

    def lose(self) -> None:
        """End it without a word."""
        self._end("lost")

    def cancel_calls(self) -> None:
        """End what the program has called."""
        for call in self._calls:
            call.cancel()

    def _seen(self, state: State) -> Look:
        return Look(state=state, said=self._said.take(), seconds=time.monotonic() - self._since)

    def _show(self, state: State) -> None:
        if self._looker is not None and not self._looker.done():
            self._looker.set_result(self._seen(state))

    def _end(self, state: State) -> None:
        if self.state != "running":
            return
        self.state = state
        self._begun.set()
        if state not in ("completed", "failed") or not self._calls_outlive:
            self.cancel_calls()
        kill(self._process)
        self._show(state)

    def _tell(self, message: Mapping[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        if not stdin.is_closing():
            stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> None:
        """Take in the lines of the process. Its end without a last word loses the cell."""
        stdout = self._process.stdout
        assert stdout is not None
        pieces: list[bytes] = []
        while self.state == "running" and (data := await stdout.read(_CHUNK)):
            *lines, rest = data.split(b"\n")
            for line in lines:
                pieces.append(line)
                message = json.loads(b"".join(pieces))
                pieces.clear()
                if message["type"] == "ended" and self._calls:
                    # What was called before is under way, and is cut off or has failed (found by random programs).
                    await asyncio.sleep(0)
                self._take(message)
                if self.state != "running":
                    break
            pieces.append(rest)
        self._end("lost")
        await leave(self._process)

    def _take(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "begun":  # its time is counted from here
                self._since = time.monotonic()
                self._begun.set()
            case "text":
                text = message["text"] + message.get("tail", "")
                between = message["bytes"] - len(text.encode()) if "tail" in message else 0
                self._said.add(text_item(text), bytes_between=between)
            case "image":
                self._said.add(self._wishes.image(message["url"], message["detail"]))
            case "audio":
                self._said.add(self._wishes.audio(message["url"]))
            case "notify":
                self._wishes.notify(message["text"])
            case "store":
                self._stored[message["key"]] = message["value"]
            case "yield":
                self._show("running")
            case "call":
                task = asyncio.create_task(self._call(message["id"], message["tool"], message["input"]))
                self._calls.add(task)
                task.add_done_callback(self._calls.discard)
            case "ended":
                if (error := message["error"]) is not None:
                    self._said.add(text_item(f"Script error:\n{error}"))
                self._wishes.store(self._stored)
                self._end("completed" if error is None else "failed")

    async def _call(self, number: int, tool: str, given: str | None) -> None:
        value, error = await self._wishes.call(tool, given)
        if self.state != "running":
            return
        self._tell({"id": number, "value": value} if error is None else {"id": number, "error": error})
