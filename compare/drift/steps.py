"""The facts of two versions -> what came, went and changed between them. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compare.drift.facts import KINDS, PLAIN, Facts, numbers_of

__all__ = ["Lane", "Move", "Step", "Told", "common_lane", "compare_lanes", "lanes_of"]

_KEYED = ("item", "event", "record")


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One lane of a version's facts: role and model, the scenarios it was recorded in, and the facts."""

    role: str
    model: str
    scenarios: Sequence[str]
    facts: Facts
    not_run: Mapping[str, str]

    def seen(self, kind: str, thing: str, among: Sequence[str] | None = None) -> dict[str, list[str]]:
        """Scenario -> what the thing is there; only of these scenarios, if they are given."""
        found: dict[str, list[str]] = {}
        for value, places in self.facts.get(kind, {}).get(thing, []):
            for number in numbers_of(places):
                if among is None or self.scenarios[number] in among:
                    found.setdefault(self.scenarios[number], []).append(value)
        return found


@dataclass(frozen=True, kw_only=True)
class Move:
    """One thing that came (`new`), went (`gone`) or is otherwise (`changed`), and in words what of it."""

    kind: str
    thing: str
    how: str
    what: str = ""
    texts: tuple[str, str] | None = None
    scenario: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What moved between two lanes, of the scenarios that both were recorded in."""

    before: Lane
    after: Lane
    moves: tuple[Move, ...]
    scenarios: int


Told = Callable[[str], str]
"""A text by its name."""


def lanes_of(data: Mapping[str, Any]) -> list[Lane]:
    """The lanes of a file of facts."""
    return [
        Lane(
            role=lane["role"],
            model=lane["model"],
            scenarios=lane["scenarios"],
            facts=lane["facts"],
            not_run=lane["not_run"],
        )
        for lane in data["lanes"]
    ]


def common_lane(before: Sequence[Lane], after: Sequence[Lane], role: str) -> tuple[Lane, Lane] | None:
    """The lanes of a role to compare: those of one model if there is one, else the last and the first."""
    ours, theirs = ([lane for lane in lanes if lane.role == role] for lanes in (before, after))
    pairs = [(a, b) for a in ours for b in theirs if a.model == b.model]
    if pairs:
        return pairs[0]
    return (ours[-1], theirs[0]) if ours and theirs else None


def compare_lanes(before: Lane, after: Lane) -> Step:
    """What moved, by kind, and of each kind what came before what went and what changed."""
    common = [name for name in before.scenarios if name in set(after.scenarios)]
    moves = [move for kind in KINDS for move in _moves(kind, before, after, common)]
    return Step(before=before, after=after, moves=tuple(moves), scenarios=len(common))


def _moves(kind: str, before: Lane, after: Lane, common: Sequence[str]) -> list[Move]:
    found = []
    for thing in dict.fromkeys((*after.facts.get(kind, {}), *before.facts.get(kind, {}))):
        ours, theirs = before.seen(kind, thing, common), after.seen(kind, thing, common)
        if ours and not theirs:
            found.append(Move(kind=kind, thing=thing, how="gone"))
        elif theirs and not ours:
            scenario = _plainest(theirs)
            value = theirs[scenario][0]
            new = Move(kind=kind, thing=thing, how="new", what=_value(kind, value), scenario=scenario)
            found.append(new if kind != "text" else Move(**{**vars(new), "texts": ("", value)}))
        else:
            found += _changed(kind, thing, ours, theirs)
    return sorted(found, key=lambda move: ("new", "gone", "changed").index(move.how))


def _changed(
    kind: str, thing: str, ours: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]]
) -> list[Move]:
    """What is otherwise in the plainest scenario where it is; keys and parameters in all of them together."""
    differing = {
        name: (ours[name], theirs[name]) for name in ours if name in theirs and set(ours[name]) != set(theirs[name])
    }
    if not differing:
        return []
    scenario = _plainest(differing)
    before, after = differing[scenario]
    old = next((value for value in before if value not in after), before[0])
    new = next((value for value in after if value not in before), after[0])
    texts = None
    if kind in _KEYED:
        what = _key_words(*(_all_keys(side) for side in zip(*differing.values(), strict=True)))
        if not what:
            return []
    elif kind == "tool":
        what, texts = _tool_words(json.loads(old), json.loads(new))
    elif kind == "text":
        what, texts = "", (old, new)
    else:
        what = f"{_either(before)} -> {_either(after)}"
    return [Move(kind=kind, thing=thing, how="changed", what=what, texts=texts, scenario=scenario)]


def _either(values: Sequence[str]) -> str:
    """What a thing is in one scenario, which may start the program several times."""
    return " or ".join(f"`{value}`" for value in values)


def _plainest(names: Mapping[str, object]) -> str:
    return min(names, key=lambda name: (PLAIN.index(name) if name in PLAIN else len(PLAIN), name))


def _value(kind: str, value: str) -> str:
    """What a new thing is, in words."""
    if kind in _KEYED or kind in ("option", "text"):
        return ""
    if kind == "tool":
        names = json.loads(value)["parameters"]
        return f"parameters {', '.join(f'`{name}`' for name in names)}" if names else ""
    return f"`{value}`" if value else ""


def _all_keys(sides: Sequence[Sequence[str]]) -> set[str]:
    return {key for values in sides for value in values for key in value.split(", ")}


def _key_words(old: set[str], new: set[str]) -> str:
    """`+ id, status; - phase`."""
    parts = [
        f"{sign} {', '.join(f'`{key}`' for key in sorted(keys))}"
        for sign, keys in (("+", new - old), ("-", old - new))
        if keys
    ]
    return "; ".join(parts)


def _tool_words(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, tuple[str, str] | None]:
    ours, theirs = old["parameters"], new["parameters"]
    parts = list(_listed("new parameter", [name for name in theirs if name not in ours]))
    parts += _listed("parameter gone", [name for name in ours if name not in theirs])
    parts += _listed("other schema of", [name for name in theirs if name in ours and ours[name] != theirs[name]])
    if old["required"] != new["required"]:
        parts.append(f"required: {_names(old['required'])} -> {_names(new['required'])}")
    if old["type"] != new["type"]:
        parts.append(f"`{old['type']}` -> `{new['type']}`")
    if old["rest"] != new["rest"]:
        parts.append("other declaration")
    told = old["words"] != new["words"]
    if told:
        parts.append("other words")
    return "; ".join(parts) or "other order", (old["words"], new["words"]) if told else None


def _listed(label: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{label} {_names(names)}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
