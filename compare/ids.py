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


class Sightings:
    """Where a walk over two trees met which ids; costs nothing while all ids have the same names."""

    def __init__(self) -> None:
        self._equal: list[tuple[int, Path, Any]] = []
        self._renamed: list[tuple[int, Path, str, str, list[tuple[str, str]]]] = []

    def equal(self, step: int, path: Path, value: Any) -> None:
        """A part of both trees that is the same: its ids have the same names."""
        self._equal.append((step, path, value))

    def renamed(self, step: int, path: Path, expected: str, actual: str, pairs: list[tuple[str, str]]) -> None:
        """Two texts that differ, and the ids that stand in them at the same places."""
        self._renamed.append((step, path, expected, actual, pairs))

    def wrong(self) -> Iterator[WrongId]:
        """The places that the best binding does not explain."""
        if not any(ours != theirs for *_, pairs in self._renamed for ours, theirs in pairs):
            return
        same = [(step, path, text, text) for step, path, value in self._equal for path, text in _texts(value, path)]
        met = [(step, path, a, b, list(zip(identities(a), identities(b), strict=True))) for step, path, a, b in same]
        met = sorted([*met, *self._renamed], key=lambda row: row[0])
        binding = bind(pair for *_, pairs in met for pair in pairs)
        for step, path, expected, actual, pairs in met:
            for ours, theirs in pairs:
                if not fits(binding, ours, theirs):
                    text = _explain(binding, ours, theirs)
                    yield WrongId(step=step, path=path, expected=expected, actual=actual, text=text)
                    break


def _explain(binding: Binding, ours: str, theirs: str) -> str:
    stands_for = next((upstream for upstream, other in binding.items() if other == theirs), None)
    note = f", which elsewhere stands for {stands_for}" if stands_for not in (None, ours) else ""
    return f"another id: upstream {ours}, got {theirs}{note}"


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every string at or below `path` that may hold an id, keys too, with its path."""
    if isinstance(value, str):
        if "<" in value:
            yield path, value
        return
    items: Iterable[tuple[Key, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        if isinstance(key, str) and "<" in key:
            yield (*path, key), key
        yield from _texts(item, (*path, key))
