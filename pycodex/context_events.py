"""Events of the context: what the agent and the user put into the history; `pycodex.protocol` has them beside all
others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.ids import uuid7
from pycodex.records import dataclass, field

__all__ = ["ContextItem", "ContextRecorded", "GoalChanged", "NotesRecorded", "Part", "UserMessageRecorded"]

Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Where one content part of a context message comes from: a kind (`permissions.instructions`) and a provenance."""

    text: str
    kind: str
    provenance: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ContextItem:
    """A developer or user message that the agent itself put into the history."""

    item: Item
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class ContextRecorded:
    """The context of a turn is settled; `items`: the messages that joined the history, possibly none."""

    turn_id: str
    items: tuple[ContextItem, ...]
    initial: bool
    """Whether this is the whole context of a new thread (else: what changed since the last turn)."""


@dataclass(frozen=True, kw_only=True)
class UserMessageRecorded:
    """The user's message joined the history."""

    turn_id: str
    item: Item
    text: str
    at: float
    images: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    """The text in parts, where it has several."""
    sources: tuple[Mapping[str, Any], ...] = ()
    """Of what the text is made, where it quotes another thread; then people are not told of it."""
    skills: tuple[tuple[str, str], ...] = ()
    """Names and files of the skills that the text names."""
    joined: bool = False
    """Whether it waited to join the turn."""
    id: str = field(default_factory=uuid7)
    """Under which people are told of it, where they are told of items by an id."""


@dataclass(frozen=True, kw_only=True)
class GoalChanged:
    """The user has changed the thread's goal, or cleared it (`goal` is None), and the model is told so by `item`, the
    one of that `number`."""

    item: ContextItem
    number: int
    goal: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class NotesRecorded:
    """The skills that the user named joined the history after the message, or guidance for the next attempt did."""

    turn_id: str
    items: tuple[ContextItem, ...]
