"""The judge: two trees in, differences out. Pure.

One walk over both trees at once. Lists are aligned first (`compare.align`), so an inserted element is one
difference; noise rules are looked up along the way (`compare.excuse`); ids are collected and bound at the
end (`compare.ids`). Nothing is removed before the walk, and the key order of the agent's own objects is
compared too.

The walk is our own, not a library's: key order, ids under a bijection, aligned lists and rules by place all
have a say at every step. `tests/compare/test_properties.py` holds it against deepdiff, an independent
witness.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from captures.noise import NoiseRule
from captures.recording import Recording
from compare.align import (
    Pair,
    Profile,
    align,
    fingerprint,
    in_place,
    marks_of,
    match_unordered,
    profile,
    same,
    similarity,
)
from compare.difference import Comparison, Difference, Kind
from compare.excuse import Rules, RuleTree
from compare.ids import Places, Sightings, identities, pair_identities, skeleton
from compare.surfaces import Path, Tree, is_structural, look_up, surface_of
from compare.words import machine_path, show, text_difference, where

__all__ = ["Judge", "compare_recordings", "compare_trees"]

_REPLACED = 0.25
"""An element that has less than this in common with its partner is shown as replaced, not leaf by leaf."""

_NUMBERED = (("requests",), ("runs",), ("rollouts",))
_RECORDS = ("requests", "responses", "runs", "rollouts")


def compare_recordings(expected: Recording, actual: Recording) -> Comparison:
    """Differences of `actual` from `expected`; the noise rules are those of `expected`."""
    return compare_trees(expected.tree, actual.tree, expected.noise)


def compare_trees(expected: Tree, actual: Tree, noise: Sequence[NoiseRule] = ()) -> Comparison:
    """Differences of two trees of the form that `captures.recording` describes."""
    return Judge(expected, noise).compare(actual)


class Judge:
    """One expected tree with its noise rules, made ready once for any number of candidates."""

    def __init__(self, expected: Tree, noise: Sequence[NoiseRule] = ()) -> None:
        self._expected, self._rules, self._places = expected, RuleTree(noise), Places(expected)

    def compare(self, actual: Tree) -> Comparison:
        """Differences of `actual` from the expected tree."""
        walk = _Walk(self._expected, actual, self._rules)
        walk.mapping(dict(self._expected), dict(actual), (), (), walk.rules.root())
        walk.bind_ids(self._places)
        found = tuple(difference for _, difference in sorted(walk.found, key=lambda pair: pair[0]))
        rules = walk.rules.rules
        return Comparison(
            differences=found,
            used=tuple(rules[number] for number in sorted(walk.used)),
            admitted=tuple((rules[number], value) for number, value in walk.admitted),
            pairs=walk.pairs,
        )


class _Walk:
    """One comparison: what was found, what was equal (for the ids in it), which rules were needed."""

    def __init__(self, expected: Tree, actual: Tree, rules: RuleTree) -> None:
        self.expected, self.actual, self.rules = expected, actual, rules
        self.found: list[tuple[int, Difference]] = []
        self.used: set[int] = set()
        self.admitted: list[tuple[int, Any]] = []
        self.pairs: dict[Path, list[Pair]] = {}
        self._step = 0  # orders what the walk meets, so that ids found wrong at the end stand where they happened
        self._ids = Sightings()
        self._request_pairs: list[Pair] | None = None

    # values

    def value(self, ours: Any, theirs: Any, path: Path, there: Path, rules: Rules) -> None:
        if same(ours, theirs):
            self._equal(path)
            return
        if isinstance(ours, str) and isinstance(theirs, str):
            pairs = pair_identities(ours, theirs)
            if pairs is not None:
                self._rename(path, ours, theirs, pairs)
                return
        outside = ""
        if rules:
            admission = self.rules.value(rules, ours, theirs)
            if admission is not None and admission.admitted:
                self.used.add(admission.rule)
                self.admitted.append((admission.rule, admission.value))
                if isinstance(ours, str) and isinstance(theirs, str):
                    self._rename(path, ours, theirs, list(admission.pairs))
                return
            if admission is not None:
                outside = f", outside the noise {self.rules.name(admission.rule)}"
        if isinstance(ours, dict) and isinstance(theirs, dict):
            self.mapping(ours, theirs, path, there, rules)
        elif isinstance(ours, list) and isinstance(theirs, list):
            self.sequence(ours, theirs, path, there, rules)
        elif isinstance(ours, str) and isinstance(theirs, str):
            at, what = text_difference(ours, theirs)
            self.report("changed", path, ours, theirs, f"{what}{outside}", at=at)
        else:
            self.report("changed", path, ours, theirs, f"upstream {show(ours)}, got {show(theirs)}{outside}")

    def _equal(self, path: Path) -> None:
        self._step += 1
        self._ids.see_equal(self._step, path)

    # containers

    def mapping(self, ours: dict[str, Any], theirs: dict[str, Any], path: Path, there: Path, rules: Rules) -> None:
        partner = _match_keys(ours, theirs)
        for key, value in ours.items():
            other = partner.get(key)
            if other == key and theirs[key] is value:
                self._equal((*path, key))
                continue
            here, below = (*path, key), self.rules.below(rules, key)
            if other is None:
                self._missing(here, value, below)
            else:
                if other != key:
                    self._rename(here, key, other, pair_identities(key, other) or [])
                self.value(value, theirs[other], here, (*there, other), below)
        met = set(partner.values())
        for key in theirs:
            if key not in met:
                self._added((*path, key), (*there, key), theirs[key], self.rules.below(rules, key))
        if not is_structural(path):
            self._key_order([partner[k] for k in ours if k in partner], [k for k in theirs if k in met], path, rules)

    def sequence(self, ours: list[Any], theirs: list[Any], path: Path, there: Path, rules: Rules) -> None:
        trial = self._as_they_stand(ours, theirs, path, there, rules)
        if trial is not None and not trial.found:
            if path == ("requests",):
                self._request_pairs = in_place(len(ours))
            self._adopt(trial)
            return
        self.pairs[path] = self._pairs(ours, theirs, path, rules)
        if trial is not None and self.pairs[path] == in_place(len(ours)):
            self._adopt(trial)
            return
        for pair in self.pairs[path]:
            if pair.expected is None:
                assert pair.actual is not None
                extra = pair.actual
                self._added((*path, extra), (*there, extra), theirs[extra], self.rules.below(rules, extra))
                continue
            here, value = (*path, pair.expected), ours[pair.expected]
            if not pair.moved and pair.actual is not None and theirs[pair.actual] is value:
                self._equal(here)
                continue
            below = self.rules.below(rules, pair.expected)
            if pair.actual is None:
                self._missing(here, value, below)
                continue
            other = theirs[pair.actual]
            if pair.moved:
                text = f"moved: upstream at {pair.expected + 1}, got at {pair.actual + 1}"
                self.report("moved", here, value, other, text)
            self._element(value, other, here, (*there, pair.actual), below)

    def _pairs(self, ours: list[Any], theirs: list[Any], path: Path, rules: Rules) -> list[Pair]:
        """Which elements belong together: by an `unordered` rule if there is one, else by alignment."""
        rule = self.rules.of_kind(rules, "unordered")
        if rule is None:
            return self._align(ours, theirs, path)
        among = self.rules.among(rule)
        if _is_head(path):
            order = self.rules.order(rule, [_header_name(h) for h in ours], [_header_name(h) for h in theirs])
            if order is None:
                return self._align(ours, theirs, path)
            pairs = [Pair(expected=i, actual=j) for i, j in enumerate(order)]
        elif among is not None and len(ours) != len(theirs):
            return self._align(ours, theirs, path)
        else:
            pairs = match_unordered(ours, theirs, among=among)
        if any(pair.expected != pair.actual for pair in pairs):
            self.used.add(rule)
        return pairs

    def _align(self, ours: list[Any], theirs: list[Any], path: Path) -> list[Pair]:
        if path == ("requests",):
            self._request_pairs = align(ours, theirs, of=_request_profile)
            return self._request_pairs
        if path == ("responses",) and self._request_pairs is not None and self._answers(ours, theirs):
            pairs = [p for p in self._request_pairs if p.expected is not None and p.actual is not None]
            return [Pair(expected=p.expected, actual=p.actual) for p in pairs]
        if _is_head(path):
            return align(ours, theirs, key=_header_name)
        return align(ours, theirs)

    def _as_they_stand(self, ours: list[Any], theirs: list[Any], path: Path, there: Path, rules: Rules) -> _Walk | None:
        """A walk over records each of which is paired with the one at its own place, if they may be.

        Where it finds nothing but noise, it is the walk: two runs that are alike must not change partners because a
        duration of one happens to be that of the other.
        """
        if path not in _NUMBERED or len(ours) != len(theirs):
            return None
        trial = _Walk(self.expected, self.actual, self.rules)
        for index, value in enumerate(ours):
            trial.value(value, theirs[index], (*path, index), (*there, index), self.rules.below(rules, index))
        return trial

    def _adopt(self, trial: _Walk) -> None:
        """Takes over what another walk met."""
        self.found += [(self._step + step, difference) for step, difference in trial.found]
        self.used |= trial.used
        self.admitted += trial.admitted
        self.pairs |= trial.pairs
        self._ids.add(trial._ids, after=self._step)
        self._step += trial._step

    def _answers(self, ours: list[Any], theirs: list[Any]) -> bool:
        """One response to each request on both sides: then requests and responses are missing together."""
        return len(ours) == len(self.expected["requests"]) and len(theirs) == len(self.actual["requests"])

    def _element(self, ours: Any, theirs: Any, path: Path, there: Path, rules: Rules) -> None:
        if _is_head(path[:-1]) and _is_header(ours) and _is_header(theirs) and ours[0] != theirs[0]:
            self._header(ours, theirs, path)
            return
        if not rules and ours is not theirs and _is_element(path, ours) and marks_of(ours) != marks_of(theirs):
            replaced = similarity(profile(ours), profile(theirs)) < _REPLACED
            if replaced:
                self.report("changed", path, ours, theirs, f"upstream {show(ours)}, got {show(theirs)}")
                return
        self.value(ours, theirs, path, there, rules)

    def _header(self, ours: list[Any], theirs: list[Any], path: Path) -> None:
        """Another name at this place of the head: one difference, with values only where they differ too."""
        if same(ours[1], theirs[1]):
            text = f"upstream {ours[0]}, got {theirs[0]}"
        else:
            text = f"upstream {_shown(path, ours)}, got {_shown(path, theirs)}"
        self.report("changed", path, ours, theirs, text, label="")

    # what is absent on one side

    def _missing(self, path: Path, value: Any, rules: Rules) -> None:
        rule = self.rules.absent(rules)
        if rule is not None:
            self.used.add(rule)
            return
        self.report("missing", path, value, None, f"missing: upstream has {_shown(path, value)}")

    def _added(self, path: Path, there: Path, value: Any, rules: Rules) -> None:
        rule = self.rules.extra(rules, value)
        if rule is not None:
            self.used.add(rule)
            return
        self.report("added", path, None, value, f"added: {_shown(path, value)}", there=there)

    def _key_order(self, ours: list[str], theirs: list[str], path: Path, rules: Rules) -> None:
        if ours == theirs:
            return
        rule = self.rules.of_kind(rules, "unordered")
        if rule is not None and self.rules.order(rule, ours, theirs) is not None:
            self.used.add(rule)
            return
        first = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
        text = f"key order: upstream {_keys(ours, first)}, got {_keys(theirs, first)}"
        self.report("order", path, ours, theirs, text)

    # ids

    def _rename(self, path: Path, ours: str, theirs: str, pairs: list[tuple[str, str]]) -> None:
        self._step += 1
        self._ids.see_renamed(self._step, path, ours, theirs, pairs)

    def bind_ids(self, places: Places) -> None:
        """Reports the ids that no one binding explains, where they happened."""
        for wrong in self._ids.wrong(places):
            self.report("changed", wrong.path, wrong.expected, wrong.actual, wrong.text, step=wrong.step)

    # reporting

    def report(
        self,
        kind: Kind,
        path: Path,
        ours: Any,
        theirs: Any,
        text: str,
        *,
        at: str = "",
        step: int | None = None,
        there: Path | None = None,
        label: Any = None,
    ) -> None:
        """One more difference; `there`: where the actual tree has what the expected one lacks.

        `label` is the value that names the place; the one that stands there if not given.
        """
        self._step += 1
        named = theirs if there else ours
        place = where(path, self.expected, named if label is None else label)
        difference = Difference(
            surface=surface_of(there, self.actual) if there else surface_of(path, self.expected),
            path=path,
            place=machine_path(there, self.actual) if there else machine_path(path, self.expected),
            kind=kind,
            expected=ours,
            actual=theirs,
            text=f"{place}{', ' + at if at else ''}: {text}",
        )
        self.found.append((self._step if step is None else step, difference))


def _match_keys(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, str]:
    """Key of ours -> key of theirs; keys that hold ids (file names) match but for the ids' names."""
    partner = {key: key for key in ours if key in theirs}
    if len(partner) < len(ours) and len(partner) < len(theirs):
        free: dict[str, list[str]] = {}
        for key in theirs:
            if key not in partner and identities(key):
                free.setdefault(skeleton(key), []).append(key)
        for key in ours:
            if key not in partner and free.get(skeleton(key)) and identities(key):
                partner[key] = free[skeleton(key)].pop(0)
    return partner


def _request_profile(request: Any) -> Profile:
    """What makes a request this request: not its schemas and prompt, which all requests of a thread share."""
    body = look_up(request, ("body",))
    if not isinstance(body, dict):
        return profile(request)
    return profile({**request, "body": {k: v for k, v in body.items() if k not in ("tools", "instructions")}})


def _is_head(path: Path) -> bool:
    return len(path) == 3 and path[0] == "requests" and path[2] == "head"


def _is_element(path: Path, value: Any) -> bool:
    """An object in a list that belongs to one surface, so that it may be shown as one difference."""
    return isinstance(value, dict) and (path[0] not in _RECORDS or len(path) > 2)


def _is_header(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _header_name(header: Any) -> str:
    return header[0] if _is_header(header) and isinstance(header[0], str) else fingerprint(header)


def _shown(path: Path, value: Any) -> str:
    """An element for reading; a header as it stands in a head."""
    return f"{value[0]}: {show(value[1])}" if _is_head(path[:-1]) and _is_header(value) else show(value)


def _keys(keys: list[str], first: int) -> str:
    """The keys around the first one out of place."""
    start, stop = max(0, first - 1), first + 4
    return f"{'…,' if start else ''}{','.join(keys[start:stop])}{',…' if stop < len(keys) else ''}"
