"""Noise learning: recordings of one binary beside each other; where they differ, the difference becomes a
rule.

A rule is as narrow as what was seen: numbers get the range seen (durations get room), texts that differ in
numbers get a template, other values up to eight forms; keys and elements that come and go become optional,
with the forms seen; what changes places becomes unordered, by name where it has one. Rules only grow, and
each has two values in its evidence that really differed. What cannot be put so stays a difference, and is
said.

How long something takes may differ wherever it is said, by luck not among the runs seen: a rule for a duration, or
for a line of a text that says one, holds at all places of its kind (`rollouts/*/lines/*/$json/payload/duration_ms`).
Each request repeats the history of the one before it, so a template for a text in the input holds in every
request (`requests/*/body/input/5/output`): the text itself, but for its numbers, is part of the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from captures.manifest import Manifest, read_manifest, write_manifest
from captures.noise import NoiseRule
from captures.recording import Tree, read_recording, write_recording
from compare.accept import refuse_edited
from compare.align import dump, fingerprint, match_unordered, profile, similarity
from compare.cells import CellName, find_cells, select
from compare.diff import compare_trees
from compare.difference import Difference
from compare.ids import rename
from compare.surfaces import ANY, Key, look_up
from compare.surfaces import Path as TreePath
from compare.templates import Template, is_duration_key, make_template, room, widen
from compare.words import show

__all__ = ["Learned", "learn", "learn_rules", "learned_lines"]

MOST_FORMS = 8
_EVIDENCE = 8
_LONG = 200
_ROUNDS = 6
_SAME_THING = 0.6
"""How alike two elements must be for one of them to be the other one moved."""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """The rules of one recording after learning; `unexplained`: differences that no rule could be made of."""

    rules: tuple[NoiseRule, ...]
    unexplained: tuple[str, ...] = ()
    new: int = 0


def learn(sources: Sequence[Path], into: Path, *, only: Sequence[str] = ()) -> dict[CellName, Learned]:
    """Learns from the runs in `sources` and writes the grown rules of each committed recording below `into`."""
    runs = [find_cells(source) for source in sources]
    cells = {
        cell: folder for cell, folder in select(find_cells(into), only).items() if any(cell in run for run in runs)
    }
    refuse_edited(into, sorted({cell.version for cell in cells}))
    done: dict[CellName, Learned] = {}
    for cell, folder in cells.items():
        recording = read_recording(folder)
        others = [read_recording(found[cell]).tree for found in runs if cell in found]
        done[cell] = learn_rules(recording.tree, others, recording.noise)
        if done[cell].rules != recording.noise:
            write_recording(recording.with_noise(done[cell].rules), folder, into.parent / "texts")
    for version in sorted({cell.version for cell in done}):
        write_manifest(read_manifest(into / version) or Manifest(version=version), into / version)
    return done


def learned_lines(done: Mapping[CellName, Learned]) -> list[str]:
    """What was learned, one line per recording that got something, and a sentence."""
    lines = []
    for cell, learned in done.items():
        if learned.new:
            lines.append(f"{cell}: {learned.new} new rules, {len(learned.rules)} in all")
        lines += [f"{cell}: no rule can say this: {text}" for text in learned.unexplained]
    rules = sum(len(learned.rules) for learned in done.values())
    return [*lines, f"{len(done)} recordings, {rules} noise rules"]


def learn_rules(base: Tree, others: Sequence[Tree], rules: Sequence[NoiseRule] = ()) -> Learned:
    """The rules that explain how `others` differ from `base`, on top of the known ones. Pure.

    One rule can lay open the next difference (below an optional key, say), so it goes on until nothing is
    new.
    """
    grown = tuple(replace(rule, runs=rule.runs + len(others)) for rule in rules)
    runs = max((rule.runs for rule in grown), default=len(others) + 1)
    for _ in range(_ROUNDS):
        before = grown
        for other in others:
            comparison = compare_trees(base, other, grown)
            for rule, value in comparison.admitted:
                grown = _seen(grown, rule, value, runs)
            for difference in comparison.differences:
                grown = _with(grown, difference, base, other, runs)
        if grown == before:
            break
    left = [d.text for other in others for d in compare_trees(base, other, grown).differences]
    return Learned(rules=grown, unexplained=tuple(dict.fromkeys(left)), new=len(grown) - len(rules))


def _with(
    rules: tuple[NoiseRule, ...], difference: Difference, base: Tree, other: Tree, runs: int
) -> tuple[NoiseRule, ...]:
    """The rules with the one that explains this difference; unchanged where none can."""
    made = _rule(rules, difference, base, other, runs)
    if made is None:
        return rules
    old, new = made
    return (*rules, new) if old is None else tuple(new if rule is old else rule for rule in rules)


def _seen(rules: tuple[NoiseRule, ...], rule: NoiseRule, value: Any, runs: int) -> tuple[NoiseRule, ...]:
    """The rules with one more value in the evidence of `rule`, which admits it already."""
    if rule.kind == "number":
        _, grown = _number(rules, rule.path, (value, value), runs)
    elif rule.kind in ("text", "line"):
        made = make_template([value], rule.args)
        if made is None:
            return rules
        observed = _evidence((*rule.observed, _numbers_in(value, made)))
        grown = replace(rule, args=made.args, observed=observed)
    else:
        return rules
    return tuple(grown if known.path == rule.path and known.args == rule.args else known for known in rules)


def _rule(
    rules: Sequence[NoiseRule], difference: Difference, base: Tree, other: Tree, runs: int
) -> tuple[NoiseRule | None, NoiseRule] | None:
    kind, path = difference.kind, difference.path
    if kind in ("missing", "added", "moved") and isinstance(path[-1], int):
        moved = _moved(rules, path[:-1], base, other, runs)
        if moved is not None:
            return moved
    if kind == "missing":
        return None, NoiseRule(path=path, kind="optional", observed=("present", "absent"), runs=runs)
    if kind == "added":
        place = path if isinstance(path[-1], str) else (*path[:-1], ANY)
        known = _find(rules, place, "optional", with_forms=True)
        return _forms(known, place, "optional", [difference.actual], ("absent",), runs)
    if kind == "order":
        orders = (difference.expected, difference.actual)
        names = [ours for ours, theirs in zip(*orders, strict=True) if ours != theirs]
        mixed = len(names) * 2 > len(difference.expected)  # a hash map: every key may stand anywhere
        return _unordered(rules, path, None if mixed else names, orders, runs)
    if kind == "moved":
        return None
    return _value(rules, path, look_up(base, path), difference.actual, runs)


def _moved(
    rules: Sequence[NoiseRule], holder: TreePath, base: Tree, other: Tree, runs: int
) -> tuple[NoiseRule | None, NoiseRule] | None:
    """The rule for elements that only change places: headers by name, others by index; None where more happened."""
    ours, theirs = look_up(base, holder, []), look_up(other, holder, [])
    if len(ours) != len(theirs):
        return None
    if holder[-1] == "head":
        orders = [header[0] for header in ours], [header[0] for header in theirs]
        names = [one for one, two in zip(*orders, strict=True) if one != two]
        return _unordered(rules, holder, names, orders, runs) if sorted(orders[0]) == sorted(orders[1]) else None
    partner = {p.expected: p.actual for p in match_unordered(ours, theirs) if p.expected != p.actual}
    moved = {i: j for i, j in partner.items() if i is not None and j is not None}
    alike = all(similarity(profile(ours[i]), profile(theirs[j])) >= _SAME_THING for i, j in moved.items())
    if not moved or not alike or len(moved) != len(partner):
        return None
    seen = [_short([values[index] for index in moved]) for values in (ours, theirs)]
    return _unordered(rules, holder, sorted(moved), seen, runs)


def _unordered(
    rules: Sequence[NoiseRule], path: TreePath, names: Sequence[Key] | None, seen: Sequence[Any], runs: int
) -> tuple[NoiseRule | None, NoiseRule]:
    known = _find(rules, path, "unordered")
    args: dict[str, Any] = {}
    if names is not None and (known is None or "among" in known.args):
        args = {"among": sorted({*names, *(known.args["among"] if known else ())})}
    observed = _evidence((*(known.observed if known else ()), *seen))
    return known, NoiseRule(path=path, kind="unordered", args=args, observed=observed, runs=runs)


def _value(
    rules: Sequence[NoiseRule], path: TreePath, ours: Any, theirs: Any, runs: int
) -> tuple[NoiseRule | None, NoiseRule] | None:
    if _is_number(ours) and _is_number(theirs):
        return _number(rules, path, (ours, theirs), runs)
    if isinstance(ours, str) and isinstance(theirs, str):
        theirs = rename(ours, theirs)[0]
        place = _in_every_request(path)
        for known in [rule for rule in rules if rule.path in (path, place) and rule.kind == "text"]:
            grown = make_template([theirs], known.args)
            if grown is not None:
                observed = _evidence((*known.observed, _numbers_in(theirs, grown)))
                return known, replace(known, args=grown.args, observed=observed, runs=runs)
        line = _line(rules, _anywhere(path), ours, theirs, runs)
        if line is not None:
            return line
        forms = _find(rules, path, "one_of")
        for form in [ours, *(forms.args["forms"] if forms else ())]:
            made = make_template([form, theirs]) if isinstance(form, str) else None
            if made is not None:
                seen = _evidence([_numbers_in(text, made) for text in (form, theirs)])
                return None, NoiseRule(path=place, kind="text", args=made.args, observed=seen, runs=runs)
    return _forms(_find(rules, path, "one_of"), path, "one_of", [ours, theirs], (), runs)


def _line(
    rules: Sequence[NoiseRule], place: TreePath, ours: str, theirs: str, runs: int
) -> tuple[NoiseRule | None, NoiseRule] | None:
    """The rule for the first line that no rule covers yet; None where the texts differ in more than durations."""
    if ours.count("\n") != theirs.count("\n"):
        return None
    pairs = [(one, two) for one, two in zip(ours.split("\n"), theirs.split("\n"), strict=True) if one != two]
    made = [make_template(pair) if len(pair[0]) <= _LONG else None for pair in pairs]
    if not all(one is not None and one.durations for one in made):
        return None
    known = [rule for rule in rules if rule.path == place and rule.kind == "line"]
    for pair, template in zip(pairs, made, strict=True):
        if template is None or any(all(map(rule.admits, pair)) for rule in known):
            continue
        for rule in known:
            grown = make_template(pair, rule.args)
            if grown is not None:
                observed = _evidence((*rule.observed, *pair))
                return rule, replace(rule, args=grown.args, observed=observed, runs=runs)
        return None, NoiseRule(path=place, kind="line", args=template.args, observed=_evidence(pair), runs=runs)
    return (known[0], known[0]) if known else None


def _number(
    rules: Sequence[NoiseRule], path: TreePath, values: tuple[float, float], runs: int
) -> tuple[NoiseRule | None, NoiseRule]:
    unit = is_duration_key(path)
    known = _find(rules, path, "number")
    if unit and known is None:
        path = _anywhere(path)
        known = _find(rules, path, "number")
    observed = sorted({*values, *(known.observed if known else ())})
    low, high = widen(observed[0], observed[-1], known.args if known else None)
    if unit:
        low, high = 0, max(high, room(observed[-1], unit))
    if len(observed) > _EVIDENCE:
        observed = [*observed[: _EVIDENCE - 1], observed[-1]]
    return known, NoiseRule(path=path, kind="number", args={"lo": low, "hi": high}, observed=tuple(observed), runs=runs)


def _forms(
    known: NoiseRule | None, path: TreePath, kind: str, values: Sequence[Any], also: Sequence[Any], runs: int
) -> tuple[NoiseRule | None, NoiseRule] | None:
    """`forms` grown by these values; None where there would be too many to be called forms."""
    forms: list[Any] = list(known.args["forms"]) if known else []
    for value in values:
        if all(fingerprint(value) != fingerprint(form) for form in forms):
            forms.append(value)
    if len(forms) > MOST_FORMS or (kind == "one_of" and len(forms) < 2):
        return None
    observed = _evidence(known.observed if known else (*also, *(_short(form) for form in forms)))
    return known, NoiseRule(path=path, kind=kind, args={"forms": forms}, observed=observed, runs=runs)


def _find(rules: Sequence[NoiseRule], path: TreePath, kind: str, *, with_forms: bool = False) -> NoiseRule | None:
    fitting = (rule for rule in rules if rule.path == path and rule.kind == kind)
    return next((rule for rule in fitting if not with_forms or rule.args.get("forms")), None)


def _anywhere(path: TreePath) -> TreePath:
    """All places of the kind of `path`: whatever stands under the same keys."""
    return tuple(ANY if isinstance(key, int) else key for key in path)


def _in_every_request(path: TreePath) -> TreePath:
    """The place in the history of any request, where `path` is one in the history of a certain request."""
    return ("requests", ANY, *path[2:]) if path[:1] == ("requests",) and path[2:4] == ("body", "input") else path


def _numbers_in(text: str, template: Template) -> Any:
    """Evidence for a text: a long one by what stands in its slots, for the rest of it stands in the rule."""
    return text if len(text) <= _LONG else template.numbers_in(text)


def _evidence(values: Sequence[Any]) -> tuple[Any, ...]:
    """Different values seen, the first few."""
    kept: dict[str, Any] = {dump(value): value for value in values}
    return tuple(list(kept.values())[:_EVIDENCE])


def _short(value: Any) -> Any:
    """Evidence for a large form: how it begins, and its hash, for the form itself stands in the rule."""
    return value if len(dump(value)) <= _LONG else show(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
