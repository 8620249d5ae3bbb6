"""Moments of a run that a driver can see: a request has come, a file is there, the agent has printed something."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Moment", "Sight", "at"]

_LOOK = 0.02


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Exactly one is set. `request`: so many have come in the scenario. `file`: the workspace has it. `output`: a
    pattern found in what the agent has printed, on stdout or stderr."""

    request: int | None = None
    file: str | None = None
    output: str | None = None


@dataclass(kw_only=True)
class Sight:
    """What can be seen of a run so far."""

    workspace: Path
    requests: Callable[[], int]
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)

    def shows(self, moment: Moment) -> bool:
        if moment.request is not None:
            return self.requests() >= moment.request
        if moment.output is not None:
            texts = (text.decode(errors="replace") for text in (self.stdout, self.stderr))
            return any(re.search(moment.output, text) for text in texts)
        return (self.workspace / (moment.file or "")).exists()


async def at(moment: Moment, sight: Sight, act: Callable[[], Awaitable[None] | None]) -> None:
    """Waits for the moment, then acts."""
    while not sight.shows(moment):
        await asyncio.sleep(_LOOK)
    done = act()
    if done is not None:
        await done
