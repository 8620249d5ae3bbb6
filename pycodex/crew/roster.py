"""What all agents of a session share: how many there are, and what they are called."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycodex.records import dataclass, field

if TYPE_CHECKING:
    from pycodex.crew.job import Job

__all__ = ["Roster"]


@dataclass(kw_only=True)
class Roster:
    """How many there are, and the names that are taken."""

    count: int = 0
    taken: set[str] = field(default_factory=set)
    jobs: dict[str, Job] = field(default_factory=dict)
    """Those that workers report to."""
    rounds: int = 1

    def name(self, candidates: Sequence[str]) -> str:
        """A name that nobody has; where all are taken they are given again, with a number."""
        free = [name for name in candidates if self._numbered(name) not in self.taken]
        if not free:
            self.rounds += 1
            free = list(candidates)
        name = self._numbered(random.choice(free))
        self.taken.add(name)
        return name

    def _numbered(self, name: str) -> str:
        if self.rounds == 1:
            return name
        tens, ones = self.rounds // 10 % 10, self.rounds % 10
        ending = "th" if tens == 1 else {1: "st", 2: "nd", 3: "rd"}.get(ones, "th")
        return f"{name} the {self.rounds}{ending}"
