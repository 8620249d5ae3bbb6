"""Identity placeholders: a candidate may name its ids otherwise, but needs the same ids in the same places.

A recording names its ids (`<uuid7:thread>`, `<chunk:1>`). Two recordings agree on them when one bijection
of names explains every aligned place. Where none does, the pairing seen most often is taken for the meant
one (ties go to the first), so one wrong id is one difference where it stands, not one wherever the right id
comes again. The kind is never part of the bargain: a `uuid4` where upstream has a `uuid7` is a difference
at every place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from captures.placeholders import IDENTITY as _IDENTITY
from compare.surfaces import Key, Path

__all__ = [
    "Binding",
    "Places",
    "Sightings",
    "WrongId",
    "bind",
    "fits",
    "identities",
    "pair_identities",
    "rename",
    "skeleton",
]

Binding = Mapping[str, str]
"""Placeholder of upstream -> placeholder of the candidate, one to one."""


def skeleton(text: str) -> str:
    """The text with ids reduced to their kinds: equal for two texts that differ in names only."""
    return _IDENTITY.sub(r"<\1>", text) if "<" in text else text


def identities(text: str) -> list[str]:
    """The identity placeholders of a text, in order, as often as they stand."""
    return [match.group() for match in _IDENTITY.finditer(text)] if "<" in text else []


def pair_identities(expected: str, actual: str) -> list[tuple[str, str]] | None:
    """The pairs of ids of two texts that are equal but for the names of ids; None where more differs."""
    if skeleton(expected) != skeleton(actual):
        return None
    return list(zip(identities(expected), identities(actual), strict=True))


def rename(expected: str, actual: str) -> tuple[str, list[tuple[str, str]]]:
    """`actual` with upstream's names by position, and the pairs; as it is where number or kinds differ."""
    ours, theirs = identities(expected), identities(actual)
    if [skeleton(i) for i in ours] != [skeleton(i) for i in theirs]:
        return actual, []
    names = iter(ours)
    return _IDENTITY.sub(lambda _: next(names), actual), list(zip(ours, theirs, strict=True))


def bind(sightings: Iterable[tuple[str, str]]) -> Binding:
    """The one-to-one binding that explains most sightings, taking the most frequent pairing first."""
    counts: dict[tuple[str, str], int] = {}
    for pair in sightings:
        counts[pair] = counts.get(pair, 0) + 1
    binding: dict[str, str] = {}
    taken: set[str] = set()
    for expected, actual in sorted(counts, key=lambda pair: -counts[pair]):  # stable: ties keep the order of sighting
        if expected not in binding and actual not in taken:
            binding[expected] = actual
            taken.add(actual)
    return binding


def fits(binding: Binding, expected: str, actual: str) -> bool:
    """True where the binding says that upstream's id is the candidate's."""
    return binding.get(expected) == actual


@dataclass(frozen=True, kw_only=True)
class WrongId:
    """A place where the binding says that another id belongs; `step` is when the walk was there."""

    step: int
    path: Path
    expected: str
    actual: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Text:
    """A text with ids; `holder` is the value that it is part of: itself, or for a key the dict it stands in."""

    path: Path
    text: str
    holder: Path


class Places:
    """Where the ids of a tree stand: looked up once, on the first question, for any number of comparisons."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree
        self._texts: list[_Text] = []
        self._holders: dict[str, list[int]] | None = None

    def of(self, names: Iterable[str]) -> Iterator[_Text]:
        """The texts that hold one of these ids, in the order of the tree."""
        if self._holders is None:
            self._holders = {}
            for number, found in enumerate(_texts(self._tree, ())):
                self._texts.append(found)
                for name in dict.fromkeys(identities(found.text)):
                    self._holders.setdefault(name, []).append(number)
        numbers = {number for name in names for number in self._holders.get(name, ())}
        return (self._texts[number] for number in sorted(numbers))


class Sightings:
    """Where a walk over two trees met which ids; costs nothing while all ids have the same names."""

    def __init__(self) -> None:
        self.equal: list[tuple[int, Path]] = []
        self.renamed: list[tuple[int, Path, str, str, list[tuple[str, str]]]] = []

    def see_equal(self, step: int, path: Path) -> None:
        """A part of both trees that is the same: its ids have the same names."""
        self.equal.append((step, path))

    def see_renamed(self, step: int, path: Path, expected: str, actual: str, pairs: list[tuple[str, str]]) -> None:
        """Two texts that differ, and the ids that stand in them at the same places."""
        self.renamed.append((step, path, expected, actual, pairs))

    def add(self, other: Sightings, *, after: int) -> None:
        """What another walk met, whose first step comes next to step `after` of this one."""
        self.equal += [(after + step, path) for step, path in other.equal]
        self.renamed += [(after + step, path, a, b, ids) for step, path, a, b, ids in other.renamed]

    def wrong(self, places: Places) -> Iterator[WrongId]:
        """The places that the best binding does not explain; `places` are those of the expected tree."""
        names = {name for *_, pairs in self.renamed for pair in pairs if pair[0] != pair[1] for name in pair}
        if not names:
            return
        met = [(step, path, text, text, _with_itself(text)) for step, path, text in self._equal_with(names, places)]
        met = sorted([*met, *self.renamed], key=lambda row: row[0])
        binding = bind(pair for *_, pairs in met for pair in pairs)
        for step, path, expected, actual, pairs in met:
            for ours, theirs in pairs:
                if not fits(binding, ours, theirs):
                    text = _explain(binding, ours, theirs)
                    yield WrongId(step=step, path=path, expected=expected, actual=actual, text=text)
                    break

    def _equal_with(self, names: Iterable[str], places: Places) -> Iterator[tuple[int, Path, str]]:
        """Texts in equal parts that hold one of these ids; of no other id anything says that its name changed."""
        steps = {path: step for step, path in self.equal}
        for found in places.of(names):
            ends = range(len(found.holder) + 1)
            step = next((steps[found.holder[:end]] for end in ends if found.holder[:end] in steps), None)
            if step is not None:
                yield step, found.path, found.text


def _with_itself(text: str) -> list[tuple[str, str]]:
    return [(name, name) for name in identities(text)]


def _explain(binding: Binding, ours: str, theirs: str) -> str:
    stands_for = next((upstream for upstream, other in binding.items() if other == theirs), None)
    note = f", which elsewhere stands for {stands_for}" if stands_for not in (None, ours) else ""
    return f"another id: upstream {ours}, got {theirs}{note}"


def _texts(value: Any, path: Path) -> Iterator[_Text]:
    """Every string at or below `path` that may hold an id, keys too."""
    if isinstance(value, str):
        if "<" in value:
            yield _Text(path=path, text=value, holder=path)
        return
    items: Iterable[tuple[Key, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        if isinstance(key, str) and "<" in key:
            yield _Text(path=(*path, key), text=key, holder=path)
        yield from _texts(item, (*path, key))
