"""The process that runs cells: started by the first of them, in the sandbox of commands, and ended by a reset, by a
cell that takes too long, or by itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pycodex.records import dataclass
from pycodex.sandbox import SandboxPolicy, enforce
from pycodex.spawn import spawn

__all__ = ["Ended", "Kernel", "Wants"]

_SCRIPT = Path(__file__).parent / "kernel.mjs"
_LONGEST_LINE = 1 << 30
_LATE = "js_repl execution timed out; kernel reset, rerun your request"
_GONE = "js_repl kernel exited unexpectedly"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The end of a cell."""

    text: str
    failed: bool


@dataclass(frozen=True, kw_only=True)
class Wants:
    """What a cell can ask for while it runs."""

    call: Callable[[str, str, str], Awaitable[Any]]
    """Calls a tool, under an id, with JSON. Raises ToolError."""
    show: Callable[[str, str | None], None]
    """Shows the model an image: its URL, and its detail."""


class Kernel:
    """One process; `alive` until it is ended, or ends."""

    def __init__(self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, stdin: int, rest: int) -> None:
        self.alive = True
        self._process = process
        self._reader = reader
        self._stdin = os.fdopen(stdin, "wb", buffering=0)
        self._unread = rest
        self._calls: set[asyncio.Task[None]] = set()
        asyncio.get_running_loop().add_reader(rest, self._discard)

    @classmethod
    async def start(cls, node: str, cwd: Path, env: Mapping[str, str], sandbox: SandboxPolicy) -> Kernel:
        """A kernel that waits for its first cell. Raises StartError and SandboxUnavailable."""
        argv = [node, "--experimental-vm-modules", "--no-warnings", "--expose-internals", str(_SCRIPT)]
        read, write = os.pipe()
        try:
            process, (out, rest), _ = await asyncio.to_thread(
                lambda: spawn(argv, cwd, env, tty=False, confinement=enforce(sandbox), stdin=read)
            )
        except BaseException:
            os.close(write)
            raise
        reader = asyncio.StreamReader(limit=_LONGEST_LINE)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(out, "rb", buffering=0))
        return cls(process, reader, write, rest)

    async def run(self, id: str, source: str, seconds: float, wants: Wants) -> Ended:
        """Run a cell to its end; one that takes longer ends the kernel."""
        try:
            async with asyncio.timeout(seconds):
                await self._tell({"type": "run", "id": id, "source": source})
                return await self._ended(id, wants)
        except TimeoutError:
            self.end()
            return Ended(text=_LATE, failed=True)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """End it at once, with all that it has called."""
        if not self.alive:
            return
        self.alive = False
        for call in self._calls:
            call.cancel()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        asyncio.get_running_loop().remove_reader(self._unread)
        os.close(self._unread)
        self._stdin.close()
        self._process.wait()

    async def _ended(self, id: str, wants: Wants) -> Ended:
        while line := await self._reader.readline():
            message = json.loads(line)
            match message["type"]:
                case "call" | "image":
                    task = asyncio.create_task(self._answer(message, id, wants))
                    self._calls.add(task)
                    task.add_done_callback(self._calls.discard)
                case "end" if message["id"] == id:
                    await asyncio.gather(*self._calls)  # also those that the cell did not wait for
                    error = message.get("error")
                    return Ended(text=message["output"] if error is None else error, failed=error is not None)
        self.end()
        return Ended(text=_GONE, failed=True)

    async def _answer(self, message: Mapping[str, Any], cell: str, wants: Wants) -> None:
        from pycodex.tools.base_tool import ToolError

        answer: dict[str, Any] = {"type": "answer", "id": message["id"]}
        try:
            if not message["id"].startswith(f"{cell}-"):  # of a cell that has ended (captured: js_repl/tools)
                raise ToolError("js_repl exec context not found")
            if message["type"] == "image":
                wants.show(message["url"], message["detail"])
            else:
                answer["value"] = await wants.call(message["id"], message["tool"], message["arguments"])
        except ToolError as error:
            answer["error"] = str(error)
        await self._tell(answer)

    async def _tell(self, message: Mapping[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        with contextlib.suppress(OSError, ValueError):
            await asyncio.to_thread(self._write, data)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._stdin.write(view) or 0 :]

    def _discard(self) -> None:
        if not os.read(self._unread, 1 << 16):
            asyncio.get_running_loop().remove_reader(self._unread)
