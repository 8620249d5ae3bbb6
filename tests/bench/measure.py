"""One start of a command, measured from outside: wall and CPU seconds, peak memory, time to its first request."""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Figures", "median", "run_once"]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Seconds and bytes of one run; `first_request` is the time from the start to the first complete request."""

    wall: float
    cpu: float
    first_request: float
    peak: int


async def run_once(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], first_request: Callable[[], float | None]
) -> Figures:
    """Starts the command, waits for its end and reads what the kernel accounted to it and its children.

    Raises RuntimeError with its stderr where it fails: a failed run is no measurement.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall_clock, start = time.time(), time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=cwd,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    peak = 0
    reader = asyncio.ensure_future(process.stderr.read()) if process.stderr else None
    while process.returncode is None:
        peak = max(peak, _peak(process.pid))
        try:
            await asyncio.wait_for(asyncio.shield(process.wait()), 0.005)
        except TimeoutError:
            continue
    wall = time.perf_counter() - start
    text = (await reader).decode(errors="replace") if reader else ""
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: exit code {process.returncode}\n{text}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    moment = first_request()
    return Figures(wall=wall, cpu=cpu, first_request=(moment or wall_clock) - wall_clock, peak=peak)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _peak(pid: int) -> int:
    """VmHWM of a process in bytes; 0 once it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            line = next((line for line in status if line.startswith("VmHWM:")), "")
    except OSError:
        return 0
    return int(line.split()[1]) * 1024 if line else 0


if os.name != "posix":
    raise RuntimeError("the bench reads /proc, so it runs on Linux only")
