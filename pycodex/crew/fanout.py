"""Workers for a job: one agent a row, some at once, until all rows are done (captures: agents/csv_*)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.crew.events import JobProgressed
from pycodex.tools.base_tool import ToolError

if TYPE_CHECKING:
    from pycodex.crew.crew import Crew
    from pycodex.crew.job import Item, Job
    from pycodex.crew.member import Member
    from pycodex.protocol import Emit

__all__ = ["Fanout"]

_PATIENCE = 0.25
"""How long is waited where there are as many agents as there may be, and none of them works for the job."""


class Fanout:
    """`at_once`: so many workers; `seconds`: as long as one may take."""

    def __init__(
        self,
        crew: Crew,
        job: Job,
        emit: Emit,
        *,
        at_once: int,
        seconds: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._crew = crew
        self._job = job
        self._emit = emit
        self._at_once = at_once
        self._seconds = seconds
        self._clock = clock
        self._began = clock()
        self._active: dict[str, tuple[Item, float]] = {}

    async def run(self, turn_id: str) -> None:
        """Until nothing is left to do."""
        if self._job.items:  # of a table without rows people are told nothing (captured: agents/csv_plain)
            self._tell()
        try:
            while True:
                self._begin(turn_id)
                if not self._active and next(self._job.pending(), None) is None:
                    return
                await self._settle()
        finally:
            for worker in list(self._active):
                await self._crew.closed(worker)

    def _begin(self, turn_id: str) -> None:
        for item in self._job.pending():
            if len(self._active) >= self._at_once:
                return
            try:
                worker: Member = self._crew.worker(self._job.id)
            except ToolError:  # as many agents as there may be
                return
            item.begin(worker.id)
            self._active[worker.id] = (item, self._clock() + self._seconds)
            self._crew.give(worker, [self._job.prompt(item)], turn_id)

    async def _settle(self) -> None:
        """Wait until a worker is done, or has taken too long."""
        if not self._active:
            await asyncio.sleep(_PATIENCE)
            return
        deadline = min(ends for _, ends in self._active.values())
        done = await self._crew.wait(self._active, max(deadline - self._clock(), 0))
        for worker, (item, ends) in list(self._active.items()):
            late = self._clock() >= ends
            if worker not in done and not late:
                continue
            del self._active[worker]
            await self._crew.closed(worker)
            item.end(None if worker in done else f"worker exceeded max runtime of {self._seconds}s")
            self._tell()

    def _tell(self) -> None:
        job, counts = self._job, self._job.counts()
        done = counts["completed"] + counts["failed"]
        spent, rest = self._clock() - self._began, len(job.items) - done
        self._emit(
            JobProgressed(
                job_id=job.id,
                total=len(job.items),
                pending=counts["pending"],
                running=counts["running"],
                completed=counts["completed"],
                failed=counts["failed"],
                seconds_left=int(rest * spent / done) if done else None,
            )
        )
