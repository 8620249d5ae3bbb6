"""What is tried again, and when: the failure table of a Dialect at work; no I/O.

Two nested loops use it: the client resends a request silently (`backoff`), and the agent asks again for a stream that
broke (`Retries`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.protocol import StreamRetry, WarningRaised
from pycodex.records import dataclass, field

if TYPE_CHECKING:
    from pycodex.sampling import Failure
    from pycodex.upstream.failures import FailureRule, RetryStyle

__all__ = ["Retries", "Retry", "backoff", "rule_for"]


def rule_for(failure: Failure, style: RetryStyle) -> FailureRule:
    """The row of the failure table that applies."""
    return next(rule for rule in style.rules if rule.when(failure))


def backoff(attempt: int, failure: Failure, style: RetryStyle, noise: Callable[[], float] | None = None) -> float:
    """Seconds to wait before retry number `attempt` (from 1)."""
    if style.retry_after and (wished := _retry_after(failure)) is not None:
        return wished
    if noise is None:
        from random import random

        noise = random
    spread = 1 + style.jitter * (2 * noise() - 1)
    return float(style.first_delay * 2 ** (attempt - 1) * spread)


def _retry_after(failure: Failure) -> float | None:
    value = failure.header("retry-after")
    return float(value) if value is not None and value.isdigit() else None


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Another try after `delay` seconds, and what is told of it; `plain`: by POST from now on."""

    delay: float
    event: StreamRetry | WarningRaised | None
    plain: bool = False


@dataclass(kw_only=True)
class Retries:
    """The tries for one answer of the model. `limit`: how often a stream that broke is asked for again.

    A provider that cannot be reached may be waited for instead, without end and without counting
    (captures/upstream/0.169.0/direct/faults/refused). A WebSocket is given up for POST, which is counted anew; the
    first of its failures is not told (captures/upstream/0.169.0/direct/faults/websocket_broken).
    """

    style: RetryStyle
    given_up: str
    limit: int
    _attempt: int = field(default=0, init=False)
    _waits: int = field(default=0, init=False)

    def after(self, failure: Failure) -> Retry | None:
        """The next try, or None: the failure is final."""
        rule = rule_for(failure, self.style)
        message = rule.text(failure)
        if rule.waits:
            return self._wait(message)
        if not rule.stream:
            return None
        if self._attempt < self.limit:
            self._attempt += 1
            delay = backoff(self._attempt, failure, self.style)
            words = f"{self._attempt}/{self.limit}"
            told = StreamRetry(message=message, progress=words, attempt=self._attempt, limit=self.limit, delay=delay)
            return Retry(delay=delay, event=None if failure.websocket and self._attempt == 1 else told)
        if not failure.websocket:
            return None
        self._attempt = 0
        return Retry(delay=0, event=WarningRaised(message=self.given_up.format(message=message)), plain=True)

    def _wait(self, message: str) -> Retry:
        delays = self.style.network_delays
        delay = delays[min(self._waits, len(delays) - 1)]
        self._waits += 1
        words = self.style.network_progress
        told = StreamRetry(message=message, progress=words, attempt=self._waits, limit=None, delay=delay)
        return Retry(delay=delay, event=told)
