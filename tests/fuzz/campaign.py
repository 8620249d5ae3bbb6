"""A campaign: many units, both agents on each, and what is found made small."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from captures.agents import Agent
from captures.scenario import Lane
from compare.declared import Declared
from fake_server import FakeServer
from tests.fuzz.calls import Group
from tests.fuzz.findings import Finding, signature
from tests.fuzz.judge import Mismatch, alike, first_mismatch
from tests.fuzz.shrink import shrink
from tests.fuzz.traces import Store, Trace, trace
from tests.fuzz.units import SIZE, calls_of, kinds_of, make_unit

__all__ = ["UNSTEADY", "Campaign", "Tally"]

_ROUNDS = 4
"""How often a unit goes on without the call that differed; more differences than that stay unseen in this run."""

_AGAIN = 3
"""How often both run again to tell a difference from what varies."""

UNSTEADY = "/unsteady"

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
    noise: list[Finding] = field(default_factory=list)
    """Where codex-cli, run again, did what the other agent had done, or a row says that it does both."""

    def add(self, groups: Sequence[Group], expected: Trace) -> None:
        """Count the calls of a unit that was compared to its end."""
        self.calls += kinds_of(groups)
        for call, tree in zip(calls_of(groups), expected.calls, strict=True):
            if PATCH in json.dumps(call.item):
                self.patches += 1
                self.applied += APPLIED in json.dumps(tree["requests"])


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
        groups = make_unit(self.seed, number, self.size, lane.role)
        tally = self.tallies[lane]
        expected: Trace | None = None
        actual: Trace | None = None
        settled: set[int | None] = set()
        for _ in range(_ROUNDS):
            if expected is None or actual is None:
                expected = await self._reference(groups, lane, fake)
                if self.reference_only:
                    return
                actual = await trace(groups, lane, self.agent, fake)
            mismatch = self._compare(expected, actual, groups, lane, settled)
            if mismatch is None:
                tally.add(groups, expected)
                return
            finding = await self._look_into(groups, mismatch, expected, actual, number, Runs(self, lane, fake))
            (tally.noise if finding.noise else tally.findings).append(finding)
            self._tell(finding)
            if not finding.steady or mismatch.call is None:
                settled.add(mismatch.call)
                continue
            # What comes later may follow from it: the rest is looked at without it.
            lost = _group_of(groups, mismatch.call)
            groups, expected, settled = groups[:lost] + groups[lost + 1 :], None, set()

    async def _reference(self, groups: Sequence[Group], lane: Lane, fake: FakeServer) -> Trace:
        known = self.store.load(groups, lane) if self.store else None
        if known is None:
            known = await trace(groups, lane, self.reference, fake)
            if self.store:
                self.store.save(groups, lane, known)
        return known

    def _compare(
        self, expected: Trace, actual: Trace, groups: Sequence[Group], lane: Lane, settled: Collection[int | None] = ()
    ) -> Mismatch | None:
        kinds = [call.kind for call in calls_of(groups)]
        return first_mismatch(expected, actual, kinds, str(lane), self.declared, self.used, settled)

    async def _look_into(
        self, groups: list[Group], mismatch: Mismatch, expected: Trace, actual: Trace, number: int, runs: Runs
    ) -> Finding:
        """Runs both again: is it so every time? Then makes it small, unless its like is small already."""
        call, text = mismatch.call, mismatch.text
        kind = "end" if call is None else calls_of(groups)[call].kind
        if call is not None:
            groups = groups[: _group_of(groups, call) + 1]
        note, noise = f"{self.agent.name} differs from itself", False
        for _ in range(_AGAIN):
            theirs, ours = await runs.both(groups)
            if alike(theirs, actual, call):
                note, noise = f"{self.reference.name} does both", True
                break
            if alike(theirs, expected, call) and alike(ours, actual, call):
                note = ""
                break
        if note and not noise:
            # Rows for what comes and goes say so; what stays is never excused by them.
            cell = f"{runs.lane}/fuzz/{kind}{UNSTEADY}"
            rows = [self.declared.find(cell, difference) for difference in mismatch.differences]
            noise = all(rows)
            self.used |= {row.id for row in rows if row is not None}
        mark = signature(kind, text)
        if not note and mark not in self._shrunk:
            self._shrunk.add(mark)
            groups, text = await self._shrink(groups, mismatch, runs)
        return Finding(
            lane=runs.lane, seed=self.seed, unit=number, kind=kind, text=text, groups=groups, note=note, noise=noise
        )

    async def _shrink(self, groups: Sequence[Group], mismatch: Mismatch, runs: Runs) -> tuple[list[Group], str]:
        surface, text = mismatch.differences[0].surface, mismatch.text

        async def differs(fewer: Sequence[Group]) -> bool:
            nonlocal text
            found = self._compare(*await runs.both(fewer), fewer, runs.lane)
            if found is None or found.differences[0].surface != surface:
                return False
            text = found.text
            return True

        return await shrink(groups, differs, self.budget), text


@dataclass(frozen=True)
class Runs:
    """Fresh runs of both agents, in one lane and on one server."""

    campaign: Campaign
    lane: Lane
    fake: FakeServer

    async def both(self, groups: Sequence[Group]) -> tuple[Trace, Trace]:
        theirs = await trace(groups, self.lane, self.campaign.reference, self.fake)
        return theirs, await trace(groups, self.lane, self.campaign.agent, self.fake)


def _group_of(groups: Sequence[Group], call: int) -> int:
    """The index of the group that holds a call."""
    for index, group in enumerate(groups):
        call -= len(group)
        if call < 0:
            return index
    raise IndexError(call)
