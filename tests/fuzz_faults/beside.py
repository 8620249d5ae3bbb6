"""A unit played by the real codex-cli and by pycodex, all surfaces compared by `compare`'s own judge.

What varies is learnt as in a capture: codex-cli runs again, and only what it does otherwise itself is excused.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from captures import canonical, placeholders, recording
from captures.agents import Agent
from captures.canonical import canonical_tree
from captures.driver import play
from captures.recording import Tree
from compare.diff import compare_trees
from compare.learn import learn_rules
from fake_server import FakeServer
from tests.fuzz_faults.units import Unit, scenario_of

__all__ = ["Beside", "Verdict"]

FIRST, MOST = 2, 5
"""How often codex-cli runs before it is held against pycodex, and at most."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`differences`: what stays, in words. `both`: codex-cli itself does now this and now that, and pycodex one of it.
    `problems`: what codex-cli did that the rules of this fuzzer do not foresee."""

    differences: tuple[str, ...] = ()
    both: bool = False
    problems: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Beside:
    """`folder` keeps what codex-cli did: it is the same tomorrow."""

    reference: Agent
    agent: Agent
    fake: FakeServer
    folder: Path
    _sources: bytes = field(init=False)

    def __post_init__(self) -> None:
        modules = (canonical, placeholders, recording)
        self._sources = b"".join(Path(str(module.__file__)).read_bytes() for module in modules)

    async def judge(self, unit: Unit) -> Verdict:
        """Both agents on the unit, again where they differ."""
        seen = await self._seen(unit, FIRST)
        ours, problems = await self._play(unit, self.agent)
        differences = _differ(seen, ours)
        tries = FIRST
        while differences and tries < MOST:
            tries += 1
            seen = await self._seen(unit, tries)
            differences = _differ(seen, ours)
            if differences:
                ours, problems = await self._play(unit, self.agent)
                differences = _differ(seen, ours)
        both = len({_shape(tree) for tree in seen}) > 1
        if differences and any(not compare_trees(one, ours, learn_rules(one, seen).rules).differences for one in seen):
            differences, both = (), True
        return Verdict(differences=(*differences, *problems), both=both, problems=self._complaints(unit))

    async def _seen(self, unit: Unit, count: int) -> list[Tree]:
        """What codex-cli did in so many runs."""
        path = self._path(unit)
        kept: list[Tree] = json.loads(gzip.decompress(path.read_bytes()))["trees"] if path.exists() else []
        complaints = self._complaints(unit)
        while len(kept) < count:
            tree, problems = await self._play(unit, self.reference)
            kept.append(tree)
            complaints = (*complaints, *problems)
            path.parent.mkdir(parents=True, exist_ok=True)
            data = {"trees": kept, "problems": list(dict.fromkeys(complaints))}
            path.write_bytes(gzip.compress(json.dumps(data).encode(), 5))
        return kept[:count]

    def _complaints(self, unit: Unit) -> tuple[str, ...]:
        path = self._path(unit)
        return tuple(json.loads(gzip.decompress(path.read_bytes()))["problems"]) if path.exists() else ()

    async def _play(self, unit: Unit, agent: Agent) -> tuple[Tree, tuple[str, ...]]:
        raw, problems = await play(scenario_of(unit), unit.lane, agent, self.fake)
        return canonical_tree(raw), tuple(f"{one.whose}: {one.where}: {one.message}" for one in problems)

    def _path(self, unit: Unit) -> Path:
        words = json.dumps([str(unit.lane), unit.data]).encode()
        return self.folder / f"{unit.name}_{hashlib.sha256(words + self._sources).hexdigest()[:12]}.json.gz"


def _differ(seen: Sequence[Tree], ours: Tree) -> tuple[str, ...]:
    base, *others = seen
    rules = learn_rules(base, others).rules
    return tuple(difference.text for difference in compare_trees(base, ours, rules).differences)


def _shape(tree: Tree) -> str:
    """What a run is, but for the noise inside of it: its requests and the kinds of its events."""
    kinds = [line["$json"].get("type") for run in tree["runs"] for line in run["stdout"] if isinstance(line, dict)]
    return json.dumps([len(tree["requests"]), kinds, [run["exit"] for run in tree["runs"]]])
