"""Events about other agents; `pycodex.protocol` lists them with the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.records import dataclass, field

__all__ = [
    "NOT_FOUND",
    "AgentActivity",
    "AgentCallEnded",
    "AgentCallStarted",
    "AgentState",
    "JobBegan",
    "JobEnded",
    "JobProgressed",
    "MailRead",
    "Receiver",
]


@dataclass(frozen=True, kw_only=True)
class AgentState:
    """What an agent does: `pending_init`, `running`, `interrupted`, `completed`, `errored`, `shutdown`, `not_found`;
    `message` is what it said last, or what went wrong."""

    kind: str
    message: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to come of what it was asked."""
        return self.kind in ("completed", "errored", "shutdown", "not_found")

    def to_json(self) -> str | dict[str, str | None]:
        """As tools and rollouts tell it."""
        return {self.kind: self.message} if self.kind in ("completed", "errored") else self.kind


NOT_FOUND = AgentState(kind="not_found")


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """An agent that a call is about."""

    id: str
    nickname: str | None = None
    role: str | None = None


@dataclass(frozen=True, kw_only=True)
class AgentCallStarted:
    """A call about other agents begins. `tool` is its name for people."""

    call_id: str
    tool: str
    sender: str
    receivers: tuple[Receiver, ...] = ()
    prompt: str | None = None


@dataclass(frozen=True, kw_only=True)
class AgentCallEnded:
    """The call is done; `call`: as it is told now. `model` and `effort` are those of an agent that it began."""

    call: AgentCallStarted
    started_at: float
    at: float
    failed: bool
    states: Mapping[str, AgentState] = field(default_factory=dict)
    model: str | None = None
    effort: str | None = None


@dataclass(frozen=True, kw_only=True)
class AgentActivity:
    """Something about an agent of a team that its rollout is told, and people are not: `started`, `interacted`,
    `interrupted` (`id` is the call's), `completed`."""

    id: str
    kind: str
    agent_id: str
    path: str
    at: float
    model: str | None = None
    effort: str | None = None


@dataclass(frozen=True, kw_only=True)
class MailRead:
    """What another agent of the team has written joins the history."""

    turn_id: str
    item: dict[str, Any]
    triggers: bool
    at: float


@dataclass(frozen=True, kw_only=True)
class JobBegan:
    """Workers are about to be begun for the rows of a table. `wanted`: how many at once, where that was said; `limit`:
    of all agents; `at_once`: how many it will be."""

    job_id: str
    wanted: int | None
    limit: int
    at_once: int


@dataclass(frozen=True, kw_only=True)
class JobProgressed:
    """How many rows are what. `seconds_left`: about so many, where one can tell."""

    job_id: str
    total: int
    pending: int
    running: int
    completed: int
    failed: int
    seconds_left: int | None


@dataclass(frozen=True, kw_only=True)
class JobEnded:
    """All rows are done, so many of them without a result."""

    failed: int
