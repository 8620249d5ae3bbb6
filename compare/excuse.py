"""Noise rules at work: which of upstream's own variations admits what the candidate shows.

Rules come from the expected recording (`captures.noise`) and are looked up along the walk, place by place.
What a rule admits is no difference; what lies outside a rule is one, and its text says outside of what.

An `unordered` rule with `among` lets only these change places: headers and keys by name, elements by index.
An element or key that upstream's committed recording lacks but other runs showed is an `optional` rule with
`forms`: at the key itself, or at `*` of the list; it admits these forms and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from captures.noise import NoiseRule
from compare.align import dump, fingerprint
from compare.ids import rename
from compare.surfaces import ANY, Key

__all__ = ["Admission", "RuleNode", "RuleTree", "Rules", "range_text"]

_VALUE_KINDS = ("number", "text", "one_of")


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What the value rules of a place say of a value: admitted by `rule` or outside of it.

    `value` has upstream's names for its ids, and `pairs` are the ids that met.
    """

    admitted: bool
    rule: int
    value: Any
    pairs: tuple[tuple[str, str], ...] = ()


class RuleNode:
    """The rules of one place, and the way to the places below it."""

    __slots__ = ("below", "rules")

    def __init__(self) -> None:
        self.below: dict[Key, RuleNode] = {}
        self.rules: list[int] = []


Rules = tuple[RuleNode, ...]
"""The nodes that speak of one place (an index and `*` may both); empty where no rule is at or below it."""


class RuleTree:
    """All noise rules of a recording, found by place."""

    def __init__(self, rules: Sequence[NoiseRule] = ()) -> None:
        self.rules = tuple(rules)
        self._root = RuleNode()
        for number, rule in enumerate(self.rules):
            node = self._root
            for key in rule.path:
                node = node.below.setdefault(key, RuleNode())
            node.rules.append(number)

    def root(self) -> Rules:
        return (self._root,) if self.rules else ()

    @staticmethod
    def below(here: Rules, key: Key) -> Rules:
        """The rules one step down."""
        if not here:
            return ()
        return tuple(node.below[k] for node in here for k in dict.fromkeys((key, ANY)) if k in node.below)

    def of_kind(self, here: Rules, kind: str) -> int | None:
        """The number of the first rule of this kind at the place."""
        return next((n for node in here for n in node.rules if self.rules[n].kind == kind), None)

    def value(self, here: Rules, expected: Any, actual: Any) -> Admission | None:
        """What the value rules say about `actual`; None where there is no value rule."""
        last = self._lines(here, expected, actual)
        if last is not None and last.admitted:
            return last
        for number in (n for node in here for n in node.rules):
            rule = self.rules[number]
            if rule.kind not in _VALUE_KINDS:
                continue
            value: Any = actual
            pairs: list[tuple[str, str]] = []
            if rule.kind == "text" and isinstance(actual, str) and isinstance(expected, str):
                value, pairs = rename(expected, actual)
            if rule.kind == "number" and not rule.admits(expected):
                continue  # a rule for many places speaks of numbers only, and null may stand at one of them
            if rule.admits(value) or (rule.kind == "one_of" and _is_form(actual, rule.args["forms"])):
                return Admission(admitted=True, rule=number, value=value, pairs=tuple(pairs))
            last = Admission(admitted=False, rule=number, value=value)
        return last

    def _lines(self, here: Rules, expected: Any, actual: Any) -> Admission | None:
        """What the rules for lines say of two texts; None where there is none, or where one has more lines."""
        numbers = [n for node in here for n in node.rules if self.rules[n].kind == "line"]
        if not numbers or not isinstance(expected, str) or not isinstance(actual, str):
            return None
        renamed, pairs = rename(expected, actual)
        ours, theirs = expected.split("\n"), renamed.split("\n")
        if len(ours) != len(theirs):
            return None
        used: list[tuple[int, str]] = []
        for one, two in zip(ours, theirs, strict=True):
            if one == two:
                continue
            number = next((n for n in numbers if self.rules[n].admits(one)), None)
            if number is None:
                return None
            if not self.rules[number].admits(two):
                return Admission(admitted=False, rule=number, value=two)
            used.append((number, two))
        if not used:
            return None
        return Admission(admitted=True, rule=used[0][0], value=used[0][1], pairs=tuple(pairs))

    def absent(self, here: Rules) -> int | None:
        """The rule that lets the key or element at this place be absent."""
        numbers = (n for node in here for n in node.rules if self.rules[n].kind == "optional")
        return next((n for n in numbers if not self.rules[n].args.get("forms")), None)

    def extra(self, here: Rules, actual: Any) -> int | None:
        """The rule that lets `actual` stand at this place, where the committed recording has nothing."""
        numbers = [n for node in here for n in node.rules if self.rules[n].kind == "optional"]
        return next((n for n in numbers if _is_form(actual, self.rules[n].args.get("forms", ()))), None)

    def among(self, number: int) -> frozenset[Any] | None:
        """The elements that an `unordered` rule speaks of: names, or indexes of a list; None where of all."""
        among = self.rules[number].args.get("among")
        return None if among is None else frozenset(among)

    def order(self, number: int, ours: Sequence[str], theirs: Sequence[str]) -> list[int] | None:
        """The order in which to read `theirs` so that it stands as `ours`; None where the rule does not
        allow it.

        An `unordered` rule may name the elements that change places (`among`); all others keep theirs.
        """
        among = self.among(number)
        free = set(theirs) if among is None else among
        if [None if n in free else n for n in ours] != [None if n in free else n for n in theirs]:
            return None
        slots: dict[str, list[int]] = {}
        for position, name in enumerate(theirs):
            slots.setdefault(name, []).append(position)
        if sorted(ours) != sorted(theirs):
            return None
        return [slots[name].pop(0) for name in ours]

    def name(self, number: int) -> str:
        """The rule as a person says it: what it allows."""
        return range_text(self.rules[number])


def range_text(rule: NoiseRule) -> str:
    """What a value rule allows, in a few words: `0..0.5`, `one of 3 forms`."""
    if rule.kind == "number":
        return f"{rule.args['lo']:g}..{rule.args['hi']:g}"
    if rule.kind in ("text", "line"):
        slots = ", ".join(f"{slot['lo']:g}..{slot['hi']:g}" for slot in rule.args["slots"])
        return f"{slots} in its numbers"
    if rule.kind == "one_of":
        return f"one of {len(rule.args['forms'])} forms"
    return rule.kind


def _is_form(actual: Any, forms: Sequence[Any]) -> bool:
    mark = fingerprint(actual)
    return any(mark == fingerprint(form) or dump(actual) == dump(form) for form in forms)
