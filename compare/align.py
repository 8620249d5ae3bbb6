"""Which element of one list answers to which of the other.

Equal ends are set aside, equal elements in between are anchors (difflib), and what lies between two anchors
is paired so that the pairs are as similar as can be. So one inserted, missing or changed element is one
difference where it happens. Ids count by kind only: their names are compared later, over aligned places
(`compare.ids`).
"""

from __future__ import annotations

import difflib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from compare.ids import skeleton

__all__ = [
    "Pair",
    "Profile",
    "align",
    "dump",
    "fingerprint",
    "in_place",
    "marks_of",
    "match_unordered",
    "profile",
    "same",
    "similarity",
]

_BIG = 2500
"""A gap with more pairs to weigh than this is paired by position, so that no input costs seconds."""

_SIMILAR = 0.3
"""Less alike than this: a missing element and an added one, unless as many are left on both sides."""

_MARKS = ("type", "name", "call_id", "role")
_WRAPPERS = ("$json", "item", "payload")
_OTHER = 0.4
"""What is left of likeness for each of an element's own names that differs."""


class Pair(NamedTuple):
    """Indexes that answer to each other; None: missing or added. `moved`: the same element elsewhere."""

    expected: int | None
    actual: int | None
    moved: bool = False


def in_place(length: int) -> list[Pair]:
    """Each element with the one at its own place."""
    return [Pair(index, index) for index in range(length)]


def dump(value: Any) -> str:
    """The value as text: equal exactly for values with the same types, values and key order."""
    return json.dumps(value, ensure_ascii=False)


def same(expected: Any, actual: Any) -> bool:
    """Strict equality: 1, 1.0 and true differ, and so do dicts with another key order."""
    if expected is actual:
        return True
    if type(expected) is not type(actual):
        return False
    if isinstance(expected, dict):
        if len(expected) != len(actual):
            return False
        for (key, value), (other, theirs) in zip(expected.items(), actual.items(), strict=True):
            if key != other or not (value is theirs or same(value, theirs)):
                return False
        return True
    if isinstance(expected, list):
        return len(expected) == len(actual) and all(map(same, expected, actual))
    return bool(expected == actual)


def fingerprint(value: Any) -> str:
    """Equal for elements that differ at most in the names of ids."""
    return skeleton(dump(value))


@dataclass(frozen=True, kw_only=True)
class Profile:
    """An element for judging likeness: its leaves (texts by line), and the names that say what it is."""

    leaves: Counter[Any]
    marks: Mapping[str, str]


def profile(value: Any) -> Profile:
    """The profile of one element: its leaves, each with the key it stands under, and its marks."""
    return Profile(leaves=_leaves(value), marks=marks_of(value))


def marks_of(value: Any) -> dict[str, str]:
    """The names that say what an element is, also those of the item that it wraps."""
    marks: dict[str, str] = {}
    inner, prefix = value, ""
    while isinstance(inner, dict):
        marks |= {prefix + key: inner[key] for key in _MARKS if isinstance(inner.get(key), str)}
        wrapper = next((key for key in _WRAPPERS if isinstance(inner.get(key), dict)), None)
        inner, prefix = (inner[wrapper], f"{prefix}{wrapper}.") if wrapper else (None, "")
    return marks


def _leaves(value: Any) -> Counter[Any]:
    found: Counter[Any] = Counter()
    stack: list[tuple[Any, Any]] = [("", value)]
    while stack:
        key, node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node.items())
        elif isinstance(node, list):
            stack.extend((key, item) for item in node)
        elif isinstance(node, str):
            found.update((key, line) for line in skeleton(node).split("\n"))
        else:
            found[key, type(node), node] += 1
    return found


def similarity(expected: Profile, actual: Profile) -> float:
    """0..1: the part of all leaves that both have, less for another type, name, role or call id."""
    total = expected.leaves.total() + actual.leaves.total()
    common = 2 * (expected.leaves & actual.leaves).total() / total if total else 1.0
    other = sum(1 for key, mark in expected.marks.items() if actual.marks.get(key, mark) != mark)
    return float(common * _OTHER**other)


def align(
    expected: Sequence[Any],
    actual: Sequence[Any],
    *,
    key: Callable[[Any], Any] = fingerprint,
    of: Callable[[Any], Profile] = profile,
) -> list[Pair]:
    """Pairs in order of `expected`, added elements where they stand.

    `key` says which elements are the same one, `of` what makes two elements alike.
    """
    start, stop = 0, 0
    shorter = min(len(expected), len(actual))
    while start < shorter and ((one := expected[start]) is (other := actual[start]) or same(one, other)):
        start += 1
    while stop < shorter - start and ((one := expected[-1 - stop]) is (other := actual[-1 - stop]) or same(one, other)):
        stop += 1
    pairs = in_place(start)
    pairs += _align_middle(
        expected[start : len(expected) - stop], actual[start : len(actual) - stop], start, key=key, of=of
    )
    pairs += [Pair(expected=len(expected) - i, actual=len(actual) - i) for i in range(stop, 0, -1)]
    return pairs


def match_unordered(
    expected: Sequence[Any], actual: Sequence[Any], *, among: Collection[int] | None = None
) -> list[Pair]:
    """Pairs of elements whatever their order: equal ones first, then the most similar, then what is left.

    With `among` only the elements at these indexes change places; the lists must have the same length then.
    """
    free_e = [i for i in range(len(expected)) if among is None or i in among]
    free_a = [j for j in range(len(actual)) if among is None or j in among]
    partner = {} if among is None else {i: i for i in range(len(expected)) if i not in among}
    partner |= _best_partners({i: expected[i] for i in free_e}, {j: actual[j] for j in free_a})
    added = sorted(set(range(len(actual))) - set(partner.values()))
    pairs = [Pair(expected=i, actual=partner.get(i)) for i in range(len(expected))]
    return pairs + [Pair(expected=None, actual=j) for j in added]


def _best_partners(ours: Mapping[int, Any], theirs: Mapping[int, Any]) -> dict[int, int]:
    partner: dict[int, int] = {}
    equal: dict[str, list[int]] = {}
    for j, value in theirs.items():
        equal.setdefault(fingerprint(value), []).append(j)
    for i, value in ours.items():
        if equal.get(mark := fingerprint(value)):
            partner[i] = equal[mark].pop(0)
    taken = set(partner.values())
    left = {i: profile(value) for i, value in ours.items() if i not in partner}
    right = {j: profile(value) for j, value in theirs.items() if j not in taken}
    for _, i, j in sorted((-similarity(left[i], right[j]), i, j) for i in left for j in right):
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    return partner


_Row = tuple[int | None, int | None, bool]
"""Index of ours, index of theirs, moved."""


def _align_middle(
    expected: Sequence[Any],
    actual: Sequence[Any],
    offset: int,
    *,
    key: Callable[[Any], Any],
    of: Callable[[Any], Profile],
) -> list[Pair]:
    rows: list[_Row] = []
    if len(expected) == len(actual) == 1:
        rows = [(0, 0, False)]
    elif not expected or not actual:
        rows = [
            *((i, None, False) for i in range(len(expected))),
            *((None, j, False) for j in range(len(actual))),
        ]
    else:
        ours, theirs = [key(v) for v in expected], [key(v) for v in actual]
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
            if tag == "equal":
                rows += [(i, j, False) for i, j in zip(range(i1, i2), range(j1, j2), strict=True)]
            else:
                rows += _pair_gap(expected, actual, range(i1, i2), range(j1, j2), of)
        rows = _pair_left_over(_join_moved(rows, ours, theirs))
    return [
        Pair(expected=None if i is None else i + offset, actual=None if j is None else j + offset, moved=moved)
        for i, j, moved in rows
    ]


def _pair_gap(
    expected: Sequence[Any], actual: Sequence[Any], ours: range, theirs: range, of: Callable[[Any], Profile]
) -> list[_Row]:
    """The order-keeping pairing of two runs of unequal elements with the greatest sum of similarities."""
    n, m = len(ours), len(theirs)
    if n == 0 or m == 0 or n * m > _BIG:
        return [*((i, None, False) for i in ours), *((None, j, False) for j in theirs)]
    left, right = [of(expected[i]) for i in ours], [of(actual[j]) for j in theirs]
    likeness = [[similarity(a, b) for b in right] for a in left]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            pair = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= _SIMILAR else -1.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    rows: list[_Row] = []
    i = j = 0
    while i < n or j < m:
        if i < n and j < m and likeness[i][j] >= _SIMILAR and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            rows.append((ours[i], theirs[j], False))
            i, j = i + 1, j + 1
        elif i < n and (j == m or best[i][j] == best[i + 1][j]):
            rows.append((ours[i], None, False))
            i += 1
        else:
            rows.append((None, theirs[j], False))
            j += 1
    return rows


def _join_moved(rows: list[_Row], ours: list[Any], theirs: list[Any]) -> list[_Row]:
    """A missing element that was added elsewhere is one moved element."""
    added = [j for i, j, _ in rows if i is None and j is not None]
    target: dict[int, int] = {}
    for i, j, _ in rows:
        if i is not None and j is None:
            found = next((other for other in added if theirs[other] == ours[i]), None)
            if found is not None:
                target[i] = found
                added.remove(found)
    gone = set(target.values())
    joined: list[_Row] = []
    for i, j, _ in rows:
        if i is not None and j is None and i in target:
            joined.append((i, target[i], True))
        elif i is not None or j not in gone:
            joined.append((i, j, False))
    return joined


def _pair_left_over(rows: list[_Row]) -> list[_Row]:
    """Between two pairs, as many missing as added: they are changed beyond likeness and belong together."""
    paired: list[_Row] = []
    for alone, group in itertools.groupby(rows, key=lambda row: row[0] is None or row[1] is None):
        run = list(group)
        ours, theirs = [i for i, _, _ in run if i is not None], [j for _, j, _ in run if j is not None]
        if alone and len(ours) == len(theirs):
            run = [(i, j, False) for i, j in zip(ours, theirs, strict=True)]
        paired += run
    return paired
