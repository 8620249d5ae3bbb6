"""Events of a turn: how it begins and ends, its answers, and the tokens they took; `pycodex.protocol` has them beside
all others."""

from __future__ import annotations

from typing import Any, Literal

from pycodex.records import dataclass

__all__ = [
    "AgentFailure",
    "SampleDone",
    "SampleFinished",
    "SampleStarted",
    "StreamRetry",
    "TurnAborted",
    "TurnCompleted",
    "TurnFailed",
    "TurnStarted",
    "Usage",
    "WindowFilled",
]

Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of one answer, or a sum of such."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0
    total_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            cached_input_tokens=self.cached_input_tokens + other.cached_input_tokens,
            cache_write_input_tokens=self.cache_write_input_tokens + other.cache_write_input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_output_tokens=self.reasoning_output_tokens + other.reasoning_output_tokens,
            total_tokens=self.total_tokens + other.total_tokens,
        )


@dataclass(frozen=True, kw_only=True)
class TurnStarted:
    """`started_at`: unix seconds. `prompt` is the user's text. `by`: what the turn is for: a prompt, a command that
    the user runs, a compaction that is asked for, or the thread's goal."""

    turn_id: str
    prompt: str
    started_at: float
    by: Literal["prompt", "shell", "compact", "goal"] = "prompt"
    after: str | None = None
    """The turn that it goes on from."""


@dataclass(frozen=True, kw_only=True)
class SampleStarted:
    """The provider accepted a request and an answer begins."""

    turn_id: str


@dataclass(frozen=True, kw_only=True)
class SampleDone:
    """`response.completed`. `turn`, `thread`: sums up to and with this answer. `told` False: it says no usage."""

    turn_id: str
    response_id: str
    usage: Usage
    turn: Usage
    thread: Usage
    complete: bool = True  # False: it was `response.incomplete`
    apart: bool = False  # recorded, but not counted in `thread`
    told: bool = True


@dataclass(frozen=True, kw_only=True)
class SampleFinished:
    """The answer and every tool it called are done."""

    turn_id: str


@dataclass(frozen=True, kw_only=True)
class WindowFilled:
    """The provider says that the context window is full. `last`: what was missing to that; `thread`: the window."""

    turn_id: str
    last: Usage
    thread: Usage


@dataclass(frozen=True, kw_only=True)
class StreamRetry:
    """The stream broke and is tried again after `delay` seconds: `attempt` of `limit`, or for as long as it takes.

    `progress` says so in words: `1/5`, `waiting for network`.
    """

    message: str
    progress: str
    attempt: int
    limit: int | None
    delay: float


@dataclass(frozen=True, kw_only=True)
class AgentFailure:
    """Why a turn failed: the sentence people read, and the word that rollouts keep (`other`, `unauthorized` ...)."""

    message: str
    info: Any = "other"


@dataclass(frozen=True, kw_only=True)
class TurnCompleted:
    """`usage` is the sum over the thread, as `--json` prints it. Times are unix seconds."""

    turn_id: str
    last_agent_message: str | None
    usage: Usage
    started_at: float
    completed_at: float
    first_token_at: float | None


@dataclass(frozen=True, kw_only=True)
class TurnFailed:
    """As TurnCompleted, with the reason. `told`: people know it already."""

    turn_id: str
    last_agent_message: str | None
    failure: AgentFailure
    started_at: float
    completed_at: float
    first_token_at: float | None
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class TurnAborted:
    """The turn was interrupted; `item` is what the history now says of that. Times are unix seconds."""

    turn_id: str
    item: Item
    started_at: float
    completed_at: float
