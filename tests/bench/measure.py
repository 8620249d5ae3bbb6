"""One start of a command, measured from outside: wall and CPU seconds, peak memory, time to its first request."""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Figures", "median", "ratio", "run_once"]

_LAUNCH = Path(__file__).parent / "launch.py"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Seconds and bytes of one run; `first_request` is the time from the start to the first complete request.

    `cpu` and `peak` are of the command and every child that it waited for.
    """

    wall: float
    cpu: float
    first_request: float
    peak: float


async def run_once(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], first_request: Callable[[], float | None] = lambda: None
) -> Figures:
    """Starts the command (its first word is a path) and waits for its end. `first_request` gives unix seconds.

    Raises RuntimeError with its stderr where it fails: a failed run is no measurement.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(_LAUNCH), *argv),
        cwd=cwd,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, told = await process.communicate()
    words = printed.split()
    if process.returncode != 0 or words[0] != b"0":
        code = words[0].decode() if words else "none"
        raise RuntimeError(f"{' '.join(argv)}: exit code {code}\n{told.decode(errors='replace')}")
    started, wall, cpu, peak = (float(word) for word in words[1:])
    moment = first_request()
    return Figures(wall=wall, cpu=cpu, peak=peak, first_request=wall if moment is None else moment - started)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of runs that stood next to each other in time."""
    return median([a / max(b, 1e-9) for a, b in zip(ours, theirs, strict=True)])
