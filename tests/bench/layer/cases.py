"""What the bench of the layer asks for, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.layer.backend import ChatBackend
from tests.bench.layer.client import read_streams
from tests.bench.layer.processes import cpu_seconds
from tests.bench.layer.servers import Running

__all__ = ["CASES", "Case", "Figures", "measure"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """So many streams at once, of so many tokens each, `pause` seconds apart; `shown` are names of Figures."""

    name: str
    streams: int
    tokens: int
    pause: float = 0.0
    shown: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One run of a case before one server: milliseconds of a token on its way (half of them take longer; one of a
    hundred does), tokens a second of all streams together, microseconds of processor time that a token costs."""

    middle: float
    slowest: float
    rate: float
    cpu: float


CASES = (
    Case(name="1 stream, a token each 20 ms", streams=1, tokens=100, pause=0.02, shown=("middle", "slowest")),
    Case(name="50 streams, a token each 100 ms", streams=50, tokens=20, pause=0.1, shown=("middle", "slowest")),
    Case(name="1 stream at full speed", streams=1, tokens=4_000, shown=("rate", "cpu")),
    Case(name="50 streams at full speed", streams=50, tokens=80, shown=("rate", "cpu")),
)


async def measure(case: Case, backend: ChatBackend, running: Running) -> Figures:
    """Run a case once. Raises RuntimeError where an answer is not whole."""
    backend.tokens, backend.pause = case.tokens, case.pause
    before, clock = cpu_seconds(running.pid), time.perf_counter()
    took = await read_streams(running.base_url, running.server.path, case.streams, case.tokens)
    wall, cpu = time.perf_counter() - clock, cpu_seconds(running.pid) - before
    took.sort()
    return Figures(
        middle=_rank(took, 0.5) * 1e3, slowest=_rank(took, 0.99) * 1e3, rate=len(took) / wall, cpu=cpu / len(took) * 1e6
    )


def _rank(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
