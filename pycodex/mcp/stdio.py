"""A server that is a process: a message a line on its stdin and stdout."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pycodex.request import compact

__all__ = ["ServerProcess", "server_environment"]

_USUAL = (
    "HOME",
    "LOGNAME",
    "PATH",
    "SHELL",
    "USER",
    "__CF_USER_TEXT_ENCODING",
    "LANG",
    "LC_ALL",
    "TERM",
    "TMPDIR",
    "TZ",
)
"""What a server has of the user's environment (captured: mcp/environment)."""

_GRACE = 2.0
"""Seconds that a server has to end."""

_LONGEST = 1 << 30


def server_environment(own: Mapping[str, str], more: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """The usual variables and `more` of one's `own`, and those that are `given` a value."""
    return {**{name: own[name] for name in (*_USUAL, *more) if name in own}, **given}


class ServerProcess:
    """The process of a server, in a group of its own, so that a key pressed in a terminal does not reach it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> ServerProcess:
        """Raises OSError."""
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                *argv,
                cwd=cwd,
                env=dict(env),
                stdin=pipe,
                stdout=pipe,
                stderr=asyncio.subprocess.DEVNULL,
                process_group=0,
                limit=_LONGEST,
            )
        )

    async def send(self, message: Mapping[str, Any]) -> None:
        """Write a message. Raises OSError."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{compact(message)}\n".encode())
        await self._process.stdin.drain()

    async def read(self, received: Callable[[Any], None], bad: Callable[[str], bool]) -> None:
        """Give each message to `received` until the server is done, or until `bad` says of a line that it ends it."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            try:
                message = json.loads(line)
            except ValueError:
                if bad(line.decode(errors="replace").removesuffix("\n")):
                    return
                continue
            received(message)

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def aclose(self) -> None:
        """Let it end, and see that it does."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(_GRACE):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
