"""AgentRuntime: the submission loop. Operations are taken in order; an interrupt overtakes them."""

from __future__ import annotations

import asyncio
import contextlib

from pycodex.agent import AgentLoop
from pycodex.protocol import Interrupt, Operation, ReviewTurn, Shutdown, TurnResult, UserTurn

__all__ = ["AgentRuntime"]


class AgentRuntime:
    """Runs one AgentLoop. `submit` gives a future of the turn's result (None for an operation without one)."""

    def __init__(self, loop: AgentLoop) -> None:
        self.loop = loop
        self._queue: asyncio.Queue[tuple[Operation, asyncio.Future[TurnResult | None]]] = asyncio.Queue()
        self._turn: asyncio.Task[TurnResult] | None = None

    def submit(self, operation: Operation) -> asyncio.Future[TurnResult | None]:
        """Hand in an operation."""
        done: asyncio.Future[TurnResult | None] = asyncio.get_running_loop().create_future()
        if isinstance(operation, Interrupt):
            if self._turn is not None:
                self._turn.cancel()
            done.set_result(None)
        else:
            self._queue.put_nowait((operation, done))
        return done

    async def run(self) -> None:
        """Take operations until Shutdown, then release what the tools and the model hold."""
        try:
            while True:
                operation, done = await self._queue.get()
                if isinstance(operation, Shutdown):
                    done.set_result(None)
                    return
                if isinstance(operation, UserTurn | ReviewTurn):
                    await self._run_turn(operation, done)
        finally:
            await self.loop.aclose()

    async def _run_turn(self, operation: UserTurn | ReviewTurn, done: asyncio.Future[TurnResult | None]) -> None:
        if isinstance(operation, ReviewTurn):
            self._turn = asyncio.create_task(self.loop.run_review(operation))
        else:
            self._turn = asyncio.create_task(self.loop.run_turn(operation.text, operation.images))
        try:
            done.set_result(await self._turn)
        except asyncio.CancelledError:
            done.cancel()
            # Only the turn was interrupted, unless this loop itself is being cancelled.
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
        except Exception as error:
            done.set_exception(error)
        finally:
            with contextlib.suppress(asyncio.CancelledError):
                self._turn = None
