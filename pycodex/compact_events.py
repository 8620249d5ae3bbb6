"""Events of a compaction: a summary takes the place of what the thread said; `pycodex.protocol` has them beside all
others."""

from __future__ import annotations

from typing import Any, Literal

from pycodex.context_events import ContextItem
from pycodex.records import dataclass
from pycodex.turn_events import Usage

__all__ = ["CompactionSaid", "CompactionStarted", "ContextCompacted", "Phase", "Window"]

Item = dict[str, Any]
Phase = Literal["pre_turn", "mid_turn", "standalone_turn"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of the thread between two compactions."""

    number: int
    id: str
    previous: str
    first: str


@dataclass(frozen=True, kw_only=True)
class CompactionStarted:
    """The model is going to be asked for a summary."""

    turn_id: str
    phase: Phase


@dataclass(frozen=True, kw_only=True)
class CompactionSaid:
    """The model finished an item of its summary; it does not join the history."""

    turn_id: str
    item: Item


@dataclass(frozen=True, kw_only=True)
class ContextCompacted:
    """The history is another one now."""

    turn_id: str
    message: str
    """The summary, as the history has it."""
    summary: Item
    history: tuple[Item, ...]
    context: tuple[ContextItem, ...]
    """What of it says the context anew."""
    cut: Item | None
    """The message of the user that was kept in part."""
    window: Window
    response_id: str | None
    tokens: int
    """How many it has, as estimated."""
    thread: Usage
    started_at: float
    at: float
    read_as: str | None = None
    """How the model that summed it up reads a history."""
