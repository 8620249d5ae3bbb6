"""The types of the failure table of a Dialect: what a failure is told as, and whether and when it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.sampling import Failure

__all__ = ["FailureRule", "RetryStyle"]


@dataclass(frozen=True, kw_only=True)
class FailureRule:
    """A row of the failure table, first match wins.

    `request`: resent at request level (silent). `stream`: retried at stream level. Neither: final.
    `info` gives what the rollout keeps.
    """

    when: Callable[[Failure], bool]
    text: Callable[[Failure], str]
    request: bool = False
    stream: bool = False
    waits: bool = False
    """Whether the stream is tried again for as long as it takes (`RetryStyle.network_delays`), and not counted."""
    at_once: bool = False
    """Whether an event of a stream that tells of it ends the answer; any other counts when the stream has ended."""
    fills_window: bool = False
    """Whether the failure means that the context window is full."""
    reaches_limit: bool = False
    """Whether its headers tell of a limit that is used up."""
    guidance: str | None = None
    """Name of the text that the model is told before it is asked again."""
    log: str | None = None
    """A line for stderr."""
    counts: bool = False
    """Whether the tokens that the broken answer took are counted."""
    delay: Callable[[Failure], float | None] | None = None
    """Seconds that the failure itself asks to wait."""
    info: Callable[[Failure], Any]


@dataclass(frozen=True, kw_only=True)
class RetryStyle:
    """Two nested loops: resending a request before an answer, and asking again for a stream that broke."""

    rules: tuple[FailureRule, ...]
    first_delay: float
    """Seconds before the first retry; doubled each time."""
    jitter: float
    stream_limit: int
    """stream_max_retries above this is cut to it."""
    retry_after: bool
    """Whether a Retry-After header sets the delay."""
    network_delays: tuple[float, ...] = ()
    """Seconds between the tries to reach a provider that nobody answers for; the last one is repeated."""
    network_progress: str = ""
    """What stands for the count of such tries."""
