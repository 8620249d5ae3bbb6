"""Sub-agents: threads that another thread begins for a purpose of its own, such as a review."""

from __future__ import annotations

from typing import Any

from pycodex.records import dataclass

__all__ = ["Parent", "Subagent"]


@dataclass(frozen=True, kw_only=True)
class Subagent:
    """What a sub-agent is, in its settings. Nobody can be asked anything by it, and it has no agents of its own."""

    kind: str
    """As requests and rollouts name it: `review`."""
    instructions: str
    """Its base prompt."""
    features_off: frozenset[str] = frozenset()
    recorded: Any = None
    """As rollouts name it, where that is not by its kind."""
    unsaid: frozenset[str] = frozenset()
    """What its world state leaves out."""


@dataclass(frozen=True, kw_only=True)
class Parent:
    """The turn that began a sub-agent's thread."""

    thread_id: str
    session_id: str
    turn_id: str
    root_turn_id: str
    kind: str
    """As Subagent.kind."""
    trigger: str | None = None
    """What began the sub-agent's turn, where it is told."""
