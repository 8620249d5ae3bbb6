"""A new context window in place of a full one, without a summary: how threads are compacted that are told of their
window (captures: tools/context_remaining*, tools/new_context)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.compact_events import CompactionStarted
from pycodex.compaction import Answer, Compaction

if TYPE_CHECKING:
    from pycodex.protocol import Item
    from pycodex.sampling import Failure
    from pycodex.upstream.compaction import Kept

__all__ = ["NewWindow"]


class NewWindow(Compaction):
    """Nothing outlives it but the context; the provider is not asked."""

    async def _run(self) -> Failure | None:
        self._emit(CompactionStarted(turn_id=self._turn.id, phase=self._phase))
        self._replace(Answer(), None, self._loop.now())
        return None

    def _summary(self, answer: Answer) -> tuple[Item, str]:
        return {}, ""

    def _kept(self, answer: Answer, summary: Item) -> tuple[list[Kept], list[Kept]]:
        return [], []
