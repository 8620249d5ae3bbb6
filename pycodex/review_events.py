"""Reviews, and what other sub-agents do, as operation and events; `pycodex.protocol` has them beside all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.protocol import AgentFailure, DeprecationRaised, Event, Item, WarningRaised
    from pycodex.review import Target

__all__ = [
    "FailureTold",
    "ReviewEnded",
    "ReviewStarted",
    "ReviewTurn",
    "SettingsTold",
    "SubagentOpened",
    "SubagentTold",
]


@dataclass(frozen=True, kw_only=True)
class ReviewTurn:
    """The operation: let a sub-agent review this. `warnings` are told once it has begun."""

    target: Target
    warnings: tuple[WarningRaised | DeprecationRaised, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReviewStarted:
    """A review begins in the thread. `target`: as rollouts keep it, `hint`: in a few words; `shown`: those words for
    people."""

    turn_id: str
    target: Mapping[str, Any]
    hint: str
    shown: str
    at: float


@dataclass(frozen=True, kw_only=True)
class SubagentOpened:
    """The thread of a sub-agent is ready, and this is what it is warned of."""

    warnings: tuple[WarningRaised | DeprecationRaised, ...]


@dataclass(frozen=True, kw_only=True)
class SubagentTold:
    """What happened in the thread of a sub-agent and is told in the thread that began it. `records`: those that it left
    in the sub-agent's own rollout."""

    event: Event
    records: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class SettingsTold:
    """The rollout says the settings of its thread: once more, because a sub-agent is asked again, or (`chosen`) because
    the user has chosen others, which count at once (captured: interactive/model_sequence, plan_left)."""

    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class FailureTold:
    """A sub-agent's turn failed; the turn that waits for it goes on to its end."""

    failure: AgentFailure


@dataclass(frozen=True, kw_only=True)
class ReviewEnded:
    """The review is over. `review`: as rollouts keep it, None if there is none; both items joined the history, the
    second says `text`."""

    turn_id: str
    review: Mapping[str, Any] | None
    user_item: Item
    item: Item
    text: str
    at: float
