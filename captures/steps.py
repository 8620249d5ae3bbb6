"""The steps of an interactive run: what is entered, and what is waited for before.

A step waits for facts, never for a time: so many requests have come or are answered, a file is there, a gate opens, the
screen shows something. What an agent's screen looks like when it is ready, busy or asking stands in its toml, so that
the same steps drive every agent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captures.terminal import Terminal

__all__ = ["Facts", "Looks", "StepError", "play_steps"]

_LOOK = 0.03
_SETTLED = 0.4
"""Seconds without a change after which a screen is taken for drawn."""
_TYPED = 0.3
"""Seconds after which a key counts as pressed for itself, and not as part of what was pasted."""
_PATIENCE = 30.0


class StepError(Exception):
    """What a step waits for did not come; the message has the step and the screen."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What an agent's screen shows, as regular expressions; of any name that steps use."""

    patterns: Mapping[str, str] = field(default_factory=dict)

    def shows(self, name: str, screen: str) -> bool:
        return re.search(self.patterns.get(name, name), screen, re.MULTILINE) is not None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What can be known beside the screen. Requests of tracks that are aside count only as `aside_open`."""

    workspace: Path
    arrived: Callable[[], int]
    answered: Callable[[int], bool]
    """Whether the request of that number has come and its answer has ended."""
    aside_open: Callable[[], bool]
    open_gate: Callable[[str], None]


async def play_steps(steps: tuple[Mapping[str, Any], ...], terminal: Terminal, looks: Looks, facts: Facts) -> None:
    """Takes the steps in order. Raises StepError."""
    player = _Player(terminal, looks, facts)
    for number, step in enumerate(steps, 1):
        ((kind, value),) = step.items()
        await getattr(player, f"do_{kind}")(value, f"step {number} {dict(step)}")


class _Player:
    """One method for each kind of step."""

    def __init__(self, terminal: Terminal, looks: Looks, facts: Facts) -> None:
        self._terminal, self._looks, self._facts = terminal, looks, facts
        self._seen: dict[str, int] = {}

    async def do_type(self, text: str, where: str) -> None:
        self._terminal.paste(text)
        await asyncio.sleep(_TYPED)
        await self._settled(where)

    async def do_key(self, key: str, where: str) -> None:
        self._terminal.press(key)
        await asyncio.sleep(_TYPED)

    async def do_say(self, text: str, where: str) -> None:
        """Text and Enter."""
        await self.do_type(text, where)
        await self.do_key("enter", where)
        await self._settled(where)

    async def do_open(self, gate: str, where: str) -> None:
        self._facts.open_gate(gate)

    async def do_resize(self, size: list[int], where: str) -> None:
        self._terminal.resize(*size)
        await asyncio.sleep(_TYPED)
        await self._settled(where)

    async def do_wait(self, wanted: Mapping[str, Any], where: str) -> None:
        ((kind, value),) = wanted.items()
        facts = self._facts
        match kind:
            case "request":
                await self._until(lambda: facts.arrived() >= value, where)
            case "answered":
                await self._until(lambda: facts.answered(value), where)
            case "idle":
                await self._until(lambda: self._idle(value), where)
            case "file":
                await self._until(lambda: (facts.workspace / value).exists(), where)
            case _:
                await self._until(lambda: self._looks.shows(value, self._terminal.text()), where)
                await self._settled(where)

    def _idle(self, answered: int) -> bool:
        """The request of that number is answered (0: there need be none), and the program waits for a person."""
        facts = self._facts
        if not facts.answered(answered) or facts.aside_open() or self._terminal.quiet_for() <= _SETTLED:
            return False
        screen = self._terminal.text()
        return self._looks.shows("ready", screen) and not self._looks.shows("busy", screen)

    async def _settled(self, where: str) -> None:
        """What was entered is drawn; or it was the program's last."""
        ended = self._terminal.ended
        await self._until(lambda: ended() or self._terminal.quiet_for() > _SETTLED, where)

    async def _until(self, come: Callable[[], bool], where: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                while not come():
                    if self._terminal.ended():
                        raise StepError(f"{where}: the program has ended; the screen says:\n{self._terminal.text()}")
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            raise StepError(f"{where}: did not come; the screen says:\n{self._terminal.text()}") from None
