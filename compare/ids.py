"""Identity placeholders: a candidate may name its ids otherwise, but needs the same ids in the same places.

A recording names its ids (`<uuid7:thread>`, `<chunk:1>`). Two recordings agree on them when one bijection
of names explains every aligned place. Where none does, the pairing seen most often is taken for the meant
one (ties go to the first), so one wrong id is one difference where it stands, not one wherever the right id
comes again. The kind is never part of the bargain: a `uuid4` where upstream has a `uuid7` is a difference
at every place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from captures.placeholders import IDENTITY as _IDENTITY

__all__ = ["Binding", "bind", "fits", "identities", "pair_identities", "rename", "skeleton"]

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
