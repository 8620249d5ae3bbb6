"""Who may run beside whom: shared work side by side, exclusive work alone, in the order of arrival."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Turnstile"]


class Turnstile:
    """`async with turnstile.enter(alone=...)`: exclusive work waits for all that came before it, shared work for the
    exclusive work that did."""

    def __init__(self) -> None:
        self._shared: dict[asyncio.Event, None] = {}
        self._alone: dict[asyncio.Event, None] = {}

    @asynccontextmanager
    async def enter(self, *, alone: bool) -> AsyncIterator[None]:
        """Wait for one's turn; leaving lets the others on."""
        before = [*self._alone, *(self._shared if alone else ())]
        left = asyncio.Event()
        mine = self._alone if alone else self._shared
        mine[left] = None
        try:
            for done in before:
                await done.wait()
            yield
        finally:
            left.set()
            del mine[left]
