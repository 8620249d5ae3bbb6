"""Reading `*.rules` files: Starlark, of which this knows what rules are made of (names, literals, sums, the calls).

Anything else is an error, and ends the program with codex-cli's words where it has the same error.
"""

from __future__ import annotations

import ast
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pycodex.config_layers import ConfigError
from pycodex.exec_rules import Decision, Rule, RulesStyle, fitting
from pycodex.rust import debug_string

__all__ = ["read_rules"]

_DECISIONS: tuple[Decision, ...] = ("allow", "prompt", "forbidden")


def read_rules(path: Path, style: RulesStyle, rules: list[Rule], hosts: dict[str, frozenset[str]]) -> None:
    """Add what one file says to `rules` and `hosts`. Raises ConfigError."""
    _File(path, style, rules, hosts).run()


class _File:
    """One file while it is read."""

    def __init__(self, path: Path, style: RulesStyle, rules: list[Rule], hosts: dict[str, frozenset[str]]) -> None:
        self._path, self._style, self._rules, self._hosts = path, style, rules, hosts
        self._names: dict[str, Any] = {}
        self._line = 1

    def run(self) -> None:
        try:
            tree = ast.parse(self._path.read_bytes())
        except SyntaxError as error:
            self._line = error.lineno or 1
            raise self._error(f"starlark error: error: Parse error: {error.msg}") from None
        except (OSError, ValueError) as error:
            raise ConfigError(f"Error loading rules:\n{self._path}: {error}") from None
        for statement in tree.body:
            self._line = statement.lineno
            self._statement(statement)

    def _error(self, text: str) -> ConfigError:
        where = f"(problem is on or around line {self._line})"
        return ConfigError(f"Error loading rules:\n{self._path}:{self._line}: {text} {where}")

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._names[name] = self._value(value)
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=args, keywords=keywords)):
                if name not in _CALLS:
                    raise self._error(f"starlark error: error: Variable `{name}` not found")
                given = {word.arg or "**": self._value(word.value) for word in keywords}
                given |= dict(zip(_CALLS[name], map(self._value, args), strict=False))
                if set(given) - set(_CALLS[name]):
                    raise self._error(f"error: unknown arguments of {name}")
                _HANDLERS[name](self, given)
            case _:
                raise self._error("starlark error: error: pycodex reads names, literals, sums and calls of rules only")

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=str() | bool() | int() | None as value):
                return value
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self._value(element) for element in elements]
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.Name(id=name):
                raise self._error(f"starlark error: error: Variable `{name}` not found")
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first, second = self._value(left), self._value(right)
                if type(first) is type(second) and isinstance(first, str | list):
                    return cast(Any, first) + second
        raise self._error("starlark error: error: pycodex reads names, literals and sums only")

    def prefix_rule(self, given: Mapping[str, Any]) -> None:
        """A rule, checked against its own examples."""
        wanted = given.get("decision") or "allow"
        decision = next((known for known in _DECISIONS if known == wanted), None)
        if decision is None:
            raise self._error(f"error: invalid decision: {wanted}")
        pattern = given.get("pattern")
        if not isinstance(pattern, list) or not pattern:
            raise self._error("error: invalid pattern element: pattern cannot be empty")
        places = tuple(tuple(place) if isinstance(place, list) else (place,) for place in pattern)
        if not all(place and all(isinstance(word, str) for word in place) for place in places):
            raise self._error("error: invalid pattern element: expected words and lists of words")
        rule = Rule(pattern=places, decision=decision, justification=given.get("justification"))
        unmatched = [example for example in self._examples(given.get("match")) if not fitting([rule], example)]
        if unmatched:
            raise self._error(
                f"expected every example to match at least one rule. rules: [{debug_string(self._debug(rule))}]; "
                f"unmatched examples: [{', '.join(debug_string(shlex.join(example)) for example in unmatched)}]"
            )
        for example in self._examples(given.get("not_match")):
            if fitting([rule], example):
                raise self._error(f"expected example to not match rule `{self._debug(rule)}`: `{shlex.join(example)}`")
        self._rules.append(rule)

    def host_executable(self, given: Mapping[str, Any]) -> None:
        """The paths that a name in a rule stands for."""
        name, paths = given.get("name"), given.get("paths")
        if not isinstance(name, str) or not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            raise self._error("error: host_executable expects a name and paths")
        self._hosts[name] = frozenset(str(Path(path).expanduser()) for path in paths)

    def network_rule(self, given: Mapping[str, Any]) -> None:
        """Rules for codex-cli's own proxy, which pycodex has not: refused, so that nobody relies on one."""
        raise self._error("error: network_rule is not supported by pycodex")

    def _examples(self, examples: Any) -> list[list[str]]:
        if examples is None:
            return []
        if not isinstance(examples, list):
            raise self._error("error: invalid example: expected a list")
        return [shlex.split(example) if isinstance(example, str) else example for example in examples]

    def _debug(self, rule: Rule) -> str:
        _, *rest = (_debug_place(place) for place in rule.pattern)
        pattern = self._style.pattern.format(first=debug_string(rule.pattern[0][0]), rest=", ".join(rest))
        reason = "None" if rule.justification is None else f"Some({debug_string(rule.justification)})"
        decision = rule.decision.capitalize()
        return f"PrefixRule {{ pattern: {pattern}, decision: {decision}, justification: {reason} }}"


def _debug_place(place: Sequence[str]) -> str:
    if len(place) == 1:
        return f"Single({debug_string(place[0])})"
    return f"Alts([{', '.join(map(debug_string, place))}])"


_CALLS: Mapping[str, Sequence[str]] = {
    "prefix_rule": ("pattern", "decision", "match", "not_match", "justification"),
    "host_executable": ("name", "paths"),
    "network_rule": ("host", "protocol", "decision", "justification"),
}
_HANDLERS: Mapping[str, Callable[[_File, Mapping[str, Any]], None]] = {
    "prefix_rule": _File.prefix_rule,
    "host_executable": _File.host_executable,
    "network_rule": _File.network_rule,
}
