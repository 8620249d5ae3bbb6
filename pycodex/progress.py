"""What a turn has brought so far, and one answer of it, while they run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.protocol import Item
from pycodex.records import dataclass, field
from pycodex.waiting import set_within

if TYPE_CHECKING:
    from pycodex.context import Turn
    from pycodex.sampling import Completed, Failure

__all__ = ["LONG", "SHORT", "Progress", "Said", "Sample", "answer_ended"]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the user says at once: a text, or several in its stead, and images by their paths; `sources`: of what it is
    made."""

    text: str
    images: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()
    silent: bool = False
    """Nobody says anything: it is what other agents have written that begins the turn."""


@dataclass(kw_only=True)
class Sample:
    """One answer: the calls it made (with their running tools), and how it ended."""

    calls: list[tuple[Item, asyncio.Task[str | list[Item] | None]]] = field(default_factory=list)
    begun: dict[str, float] = field(default_factory=dict)
    """When each call began, on the monotonic clock."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether its stream has come to its end."""
    recorded: int = 0
    """How many of their outputs are in the history."""
    settled: bool = False
    """Whether all are."""
    answered: bool = False
    """Whether the provider has begun to answer."""
    opened: bool = False
    """Whether a stream has begun."""
    message: str | None = None
    """The last message that says something."""
    planned: bool = False
    """Whether it has proposed a plan."""
    cut: bool = False
    """Whether it was broken off because something was entered."""
    completed: Completed | None = None
    failure: Failure | None = None


@dataclass(kw_only=True)
class Progress:
    """What a turn has brought so far."""

    turn: Turn
    items: list[Item] = field(default_factory=list)
    last_message: str | None = None
    """The text of the last message, whichever answer it was in."""
    final_message: str | None = None
    """The message of the last answer, once the turn is complete."""
    first_token_at: float | None = None
    sample: Sample | None = None
    rerouted: bool = False
    """Whether it was told that another model answers."""


LONG, SHORT = 0.2, 0.005
"""Seconds for which a tool lets an answer come to its end: one that is in no hurry, and any. codex-cli needs the short
while to begin a call, so what an answer says right behind one is told before what the call does."""


async def answer_ended(sample: Sample, seconds: float) -> None:
    """Wait until the answer has ended, but no longer than that."""
    await set_within(sample.ended, seconds)
