"""Texts that are entered while a turn runs: they join it where the dialect lets them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

__all__ = ["Steering"]


class Steering:
    """What waits to join the running turn, in order of entry."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._come = asyncio.Event()

    def put(self, text: str) -> None:
        """Something is entered."""
        self._texts.append(text)
        self._come.set()

    @property
    def waits(self) -> bool:
        """Whether something waits."""
        return bool(self._texts)

    def take(self) -> list[str]:
        """What waits, which then waits no longer."""
        texts, self._texts = self._texts, []
        self._come.clear()
        return texts

    async def until_come(self, work: Coroutine[Any, Any, None]) -> None:
        """The work, ended at once where something waits or comes."""
        running, come = asyncio.ensure_future(work), asyncio.ensure_future(self._come.wait())
        try:
            await asyncio.wait({running, come}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await _ended(running)
            raise
        finally:
            come.cancel()
        if running.done():
            running.result()
        else:
            await _ended(running)


async def _ended(task: asyncio.Future[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
