"""A campaign: many units, both agents on each, and what is found made small."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from captures.agents import Agent
from captures.scenario import Lane
from compare.declared import Declared
from fake_server import FakeServer
from tests.fuzz.calls import Group
from tests.fuzz.findings import Finding, signature
from tests.fuzz.judge import Mismatch, first_mismatch
from tests.fuzz.shrink import shrink
from tests.fuzz.traces import Store, Trace, trace
from tests.fuzz.units import SIZE, calls_of, kinds_of, make_unit

__all__ = ["Campaign", "Tally"]

_ROUNDS = 4
"""How often a unit goes on without the call that differed; more differences than that stay unseen in this run."""

PATCH, APPLIED = "*** Begin Patch", "Success. Updated the following files"

Unit = tuple[Lane, int]


@dataclass(kw_only=True)
class Tally:
    """What a campaign has done in one lane: calls that were compared, by kind, and what it found."""

    calls: Counter[str] = field(default_factory=Counter)
    patches: int = 0
    applied: int = 0
    """Patches among the calls, and those that codex-cli applied."""
    findings: list[Finding] = field(default_factory=list)


@dataclass(kw_only=True)
class Campaign:
    """`reference` is taken as right; `agent` is held against it. `store` keeps the reference's side, if given."""

    reference: Agent
    agent: Agent
    declared: Declared
    seed: int
    store: Store | None = None
    size: int = SIZE
    jobs: int = 2
    most_findings: int = 20
    budget: int = 60
    reference_only: bool = False
    """Only fill the store."""
    used: set[str] = field(default_factory=set)
    tallies: dict[Lane, Tally] = field(default_factory=dict)
    _shrunk: set[str] = field(default_factory=set)
    _tell: Callable[[Finding], None] = lambda _: None

    async def run(
        self,
        units: Sequence[Unit],
        watch: Callable[[str], None] = lambda _: None,
        tell: Callable[[Finding], None] = lambda _: None,
    ) -> None:
        """Every unit; stops early where there is enough to look at. `watch` hears of each unit, `tell` of each
        finding."""
        self._tell = tell
        queue = list(reversed(units))
        self.tallies = {lane: Tally() for lane in dict.fromkeys(lane for lane, _ in units)}

        async def work() -> None:
            async with contextlib.AsyncExitStack() as stack:
                fake = await stack.enter_async_context(FakeServer())
                while queue and self._found < self.most_findings:
                    lane, number = queue.pop()
                    await self._unit(lane, number, fake)
                    watch(f"{lane.version} unit {number}, {self._found} found")

        await asyncio.gather(*(work() for _ in range(self.jobs)))

    @property
    def _found(self) -> int:
        return sum(len(tally.findings) for tally in self.tallies.values())

    async def _unit(self, lane: Lane, number: int, fake: FakeServer) -> None:
        groups = make_unit(self.seed, number, self.size)
        tally = self.tallies[lane]
        for _ in range(_ROUNDS):
            expected: Trace = await self._reference(groups, lane, fake)
            if self.reference_only:
                return
            actual = await trace(groups, lane, self.agent, fake)
            mismatch = self._compare(expected, actual, groups, lane)
            if mismatch is None:
                break
            finding = await self._look_into(groups, mismatch, expected, actual, lane, number, fake)
            tally.findings.append(finding)
            self._tell(finding)
            if mismatch.call is None:
                break
            groups = [group for index, group in enumerate(groups) if index != _group_of(groups, mismatch.call)]
        else:
            return
        tally.calls += kinds_of(groups)
        for call, tree in zip(calls_of(groups), expected.calls, strict=True):
            if PATCH in json.dumps(call.item):
                tally.patches += 1
                tally.applied += APPLIED in json.dumps(tree["requests"])

    async def _reference(self, groups: Sequence[Group], lane: Lane, fake: FakeServer) -> Trace:
        known = self.store.load(groups, lane) if self.store else None
        if known is None:
            known = await trace(groups, lane, self.reference, fake)
            if self.store:
                self.store.save(groups, lane, known)
        return known

    def _compare(self, expected: Trace, actual: Trace, groups: Sequence[Group], lane: Lane) -> Mismatch | None:
        kinds = [call.kind for call in calls_of(groups)]
        return first_mismatch(expected, actual, kinds, str(lane), self.declared, self.used)

    async def _look_into(
        self,
        groups: list[Group],
        mismatch: Mismatch,
        expected: Trace,
        actual: Trace,
        lane: Lane,
        number: int,
        fake: FakeServer,
    ) -> Finding:
        """Runs both once more: is it steady? Then makes it small, unless its like is small already."""
        kind = "end" if mismatch.call is None else calls_of(groups)[mismatch.call].kind
        again = await trace(groups, lane, self.reference, fake)
        actual_again = await trace(groups, lane, self.agent, fake)
        note = ""
        if self._compare(again, actual, groups, lane) is None or self._same_call(
            expected, again, groups, lane, mismatch
        ):
            note = f"{self.reference.name} differs from itself"
        elif self._same_call(expected, actual_again, groups, lane, mismatch, equal=True):
            note = f"{self.agent.name} differs from itself"
        found = groups
        if mismatch.call is not None:
            found = groups[: _group_of(groups, mismatch.call) + 1]
        text = mismatch.text
        mark = signature(kind, text)
        if not note and mark not in self._shrunk:
            self._shrunk.add(mark)
            found, text = await self._shrink(found, mismatch, lane, fake)
        return Finding(
            lane=lane,
            seed=self.seed,
            unit=number,
            kind=kind,
            text=text,
            groups=found,
            steady=not note,
            note=note,
        )

    def _same_call(
        self,
        one: Trace,
        two: Trace,
        groups: Sequence[Group],
        lane: Lane,
        mismatch: Mismatch,
        *,
        equal: bool = False,
    ) -> bool:
        """Whether two traces part at the call of the mismatch (`equal`: whether they do not)."""
        other = self._compare(one, two, groups, lane)
        parts = other is not None and other.call == mismatch.call
        return not parts if equal else parts

    async def _shrink(
        self, groups: Sequence[Group], mismatch: Mismatch, lane: Lane, fake: FakeServer
    ) -> tuple[list[Group], str]:
        surface = mismatch.differences[0].surface
        text = mismatch.text

        async def differs(fewer: Sequence[Group]) -> bool:
            nonlocal text
            expected = await trace(fewer, lane, self.reference, fake)
            actual = await trace(fewer, lane, self.agent, fake)
            found = self._compare(expected, actual, fewer, lane)
            if found is None or found.differences[0].surface != surface:
                return False
            text = found.text
            return True

        return await shrink(groups, differs, self.budget), text


def _group_of(groups: Sequence[Group], call: int) -> int:
    """The index of the group that holds a call."""
    for index, group in enumerate(groups):
        call -= len(group)
        if call < 0:
            return index
    raise IndexError(call)
