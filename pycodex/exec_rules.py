"""Rules about commands: `prefix_rule(pattern=["git", ["push", "fetch"]], decision="prompt")` in `*.rules` files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Literal

from pycodex.records import dataclass, field

__all__ = ["Decision", "Match", "Rule", "Rules", "RulesStyle", "fitting", "load_rules"]

Decision = Literal["allow", "prompt", "forbidden"]


@dataclass(frozen=True, kw_only=True)
class RulesStyle:
    """What differs between versions."""

    pattern: str = "PrefixPattern {{ first: {first}, rest: [{rest}] }}"
    """The debug form of a pattern in an error."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One prefix_rule."""

    pattern: tuple[tuple[str, ...], ...]
    """The words that may stand at each place."""
    decision: Decision
    justification: str | None


@dataclass(frozen=True, kw_only=True)
class Match:
    """A rule that fits a command: `prefix` are the words it fitted."""

    decision: Decision
    prefix: tuple[str, ...]
    justification: str | None


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All rules of one run. `hosts`: the paths that a program's name stands for, where that is restricted."""

    rules: tuple[Rule, ...] = ()
    hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rules)

    def allowed_prefixes(self) -> list[list[str]]:
        """The beginnings of commands that may run, sorted (captures: sandbox/rules_allow)."""
        allowed = (rule.pattern for rule in self.rules if rule.decision == "allow")
        return sorted(list(words) for pattern in allowed for words in product(*pattern))

    def matches(self, argv: Sequence[str]) -> list[Match]:
        """The rules that fit, by the program as it is written, else by its name alone."""
        found = fitting(self.rules, argv)
        name = argv[0].rpartition("/")[2] if argv else ""
        if not found and argv and name != argv[0] and argv[0] in self.hosts.get(name, (argv[0],)):
            found = fitting(self.rules, [name, *argv[1:]])
        return found


def fitting(rules: Iterable[Rule], argv: Sequence[str]) -> list[Match]:
    """The rules that fit the words as they stand."""
    return [
        Match(decision=rule.decision, prefix=tuple(argv[: len(rule.pattern)]), justification=rule.justification)
        for rule in rules
        if len(argv) >= len(rule.pattern)
        and all(word in words for word, words in zip(argv, rule.pattern, strict=False))
    ]


def load_rules(folders: Iterable[Path], style: RulesStyle) -> Rules:
    """The rules of all `*.rules` files in the folders, by name. Raises ConfigError with the text for stderr: a file
    that cannot be read ends the program before it begins, for a rule that forbids must never be lost."""
    paths = [path for folder in folders for path in sorted(folder.glob("*.rules")) if path.is_file()]
    if not paths:
        return Rules()
    from pycodex.rules_file import read_rules

    rules: list[Rule] = []
    hosts: dict[str, frozenset[str]] = {}
    for path in paths:
        read_rules(path, style, rules, hosts)
    return Rules(rules=tuple(rules), hosts=hosts)
