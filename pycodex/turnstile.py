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
        self._inside: dict[asyncio.Event, bool] = {}

    @asynccontextmanager
    async def enter(self, *, alone: bool) -> AsyncIterator[None]:
        """Wait for one's turn; leaving lets the others on."""
        before = [done for done, exclusive in self._inside.items() if alone or exclusive]
        left = asyncio.Event()
        self._inside[left] = alone
        try:
            for done in before:
                await done.wait()
            yield
        finally:
            left.set()
            del self._inside[left]
