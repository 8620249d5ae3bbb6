"""Noise: how one binary differs from itself, as typed rules with their evidence.

A rule never says "ignore this path". It says what form the value at a path may take, and anything else there is a
difference. Rules are learned from repeated recordings of the same binary (`make capture NOISE=20`), stand in the
recording's `noise.json`, and only grow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

__all__ = ["KINDS", "NoiseError", "NoiseRule", "Path", "path_matches", "rules_from_json", "rules_to_json"]

Key = str | int
Path = tuple[Key, ...]

KINDS = ("number", "text", "line", "one_of", "optional", "unordered")

_NUMBER = r"\d+(?:\.\d+)?"


class NoiseError(ValueError):
    """A noise rule that is not of a known form; the message names the rule."""


@dataclass(frozen=True, kw_only=True)
class NoiseRule:
    """One typed rule about one place of a recording's tree.

    `path` is the place (keys and list indexes; `*` stands for any one index or key). `args` by kind:

    - `number`: `lo`, `hi`, both inclusive, for a number leaf;
    - `text`: `template` with `{0}`, `{1}` ... for the numbers that vary and `slots`, a list of `{lo, hi, decimals}`
      (`decimals` null where the printed precision varies too);
    - `line`: the same for one line of the texts at the place; the other lines stay as they are;
    - `one_of`: `forms`, the whole values seen;
    - `optional`: nothing; the key or element may be absent;
    - `unordered`: nothing; the keys of the dict or the elements of the list come in any order.

    `observed` are values really seen at the place (of a long text: what stood in its slots) and `runs` the number of
    recordings looked at.
    """

    path: Path
    kind: str
    args: Mapping[str, Any] = field(default_factory=dict)
    observed: tuple[Any, ...] = ()
    runs: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise NoiseError(f"noise rule at {'/'.join(map(str, self.path))}: unknown kind {self.kind!r}")

    def admits(self, value: object) -> bool:
        """True where the rule covers this value, for `line` a line; `optional` and `unordered` speak of places."""
        if self.kind == "number":
            return _is_number(value) and self.args["lo"] <= value <= self.args["hi"]
        if self.kind == "one_of":
            return any(_same(value, form) for form in self.args["forms"])
        if self.kind in ("text", "line"):
            return isinstance(value, str) and _fits(value, self.args["template"], self.args["slots"])
        return False


def path_matches(pattern: Sequence[Key], path: Sequence[Key]) -> bool:
    """Whether a rule's path names this place; `*` stands for any single key or index."""
    return len(pattern) == len(path) and all(p == "*" or p == k for p, k in zip(pattern, path, strict=True))


def rules_to_json(rules: Sequence[NoiseRule]) -> list[dict[str, Any]]:
    """The committed form, in the order of the paths so that a pull request shows only what grew."""
    ordered = sorted(rules, key=lambda rule: ([str(k).rjust(6) for k in rule.path], rule.kind))
    return [
        {"path": list(r.path), "kind": r.kind, **r.args, "observed": list(r.observed), "runs": r.runs} for r in ordered
    ]


def rules_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[NoiseRule, ...]:
    """The inverse of `rules_to_json`."""
    rules = []
    for row in data:
        rest = {k: v for k, v in row.items() if k not in ("path", "kind", "observed", "runs")}
        rules.append(
            NoiseRule(
                path=tuple(row["path"]),
                kind=row["kind"],
                args=rest,
                observed=tuple(row.get("observed", ())),
                runs=row.get("runs", 0),
            )
        )
    return tuple(rules)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(a: object, b: object) -> bool:
    return type(a) is type(b) and a == b


def _fits(value: str, template: str, slots: Sequence[Mapping[str, Any]]) -> bool:
    pattern, numbers = _pattern(template)
    match = pattern.fullmatch(value)
    if match is None:
        return False
    for text, number in zip(match.groups(), numbers, strict=True):
        slot = slots[number]
        decimals = len(text.partition(".")[2])
        if slot.get("decimals") is not None and slot["decimals"] != decimals:
            return False
        if not slot["lo"] <= float(text) <= slot["hi"]:
            return False
    return True


@lru_cache(maxsize=256)
def _pattern(template: str) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """What a template matches, and which slot each group is."""
    parts = re.split(r"\{(\d+)\}", template)
    pattern = "".join(f"({_NUMBER})" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile(pattern, re.DOTALL), tuple(int(number) for number in parts[1::2])
