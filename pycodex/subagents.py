"""Sub-agents: threads that another thread begins for a purpose of its own, such as a review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pycodex.records import dataclass, field

if TYPE_CHECKING:
    from pycodex.context import ContextManager

__all__ = ["Parent", "Subagent", "root_of"]


@dataclass(frozen=True, kw_only=True)
class Subagent:
    """What a sub-agent is, in its settings. Nobody can be asked anything by it."""

    kind: str
    """As requests and rollouts name it: `review`."""
    instructions: str | None = None
    """Its base prompt, where that is not the one of its model."""
    features_off: frozenset[str] = frozenset()
    recorded: Any = None
    """As rollouts name it, where that is not by its kind."""
    label: str | None = None
    """As headers name it, where they name one of a kind."""
    unsaid: frozenset[str] = frozenset()
    """What its world state leaves out."""
    named: Mapping[str, str] = field(default_factory=dict)
    """What the first record of its rollout says of its name."""
    agents: Literal["v1", "v2", "disabled"] = "disabled"
    """Which kind of other agents it belongs to."""
    begins: bool = False
    """Whether it may begin others."""
    path: str | None = None
    """Its path in a team."""


@dataclass(frozen=True, kw_only=True)
class Parent:
    """The turn that began a sub-agent's thread."""

    thread_id: str
    session_id: str
    turn_id: str
    root_turn_id: str
    kind: str
    """As Subagent.kind."""
    label: str | None = None
    """As headers name it, where that is not by its kind."""
    trigger: str | None = None
    """What began the sub-agent's turn, where it is told."""
    path: str | None = None
    """The path in a team of who began it."""


def root_of(context: ContextManager, turn_id: str) -> str:
    """The turn that everything began with: of a sub-agent's, one of its parent; of the goal's, one of the user's."""
    parent = context.thread.parent
    return context.roots.get(turn_id, turn_id) if parent is None else parent.root_turn_id
