"""Declared differences: where one agent differs from upstream on purpose, with reason and evidence.

`compare/declared/<agent>.toml` is a ledger: each row names cells, surface and place, and in a full check a
row that excuses nothing is stale and fails. Upstream's own variation does not belong here: that is noise,
and is learned.

    [[difference]] id = "version-in-user-agent" cells = "0.169.0/*/exec/*"                       # one glob
    or several: <version>/<role>/<scenario id> surface = "head" path = "requests/*/head/user-agent"
    # `Difference.place`; `*` goes across slashes expected = "codex_exec/*"                        # globs
    of the values, optional; compact JSON if not a text actual = "pycodex/*" reason = "why it is meant to
    differ" evidence = "where a reader sees that it does"

A scenario that not every host can run is named here too, so that its verdict `not run` is allowed:

    [[not_run]] scenario = "context/skills_bundled" reason = "what it needs, and why that is not always there"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from compare.difference import Difference
from compare.surfaces import SURFACES

__all__ = ["FOLDER", "Declared", "DeclaredError", "NotRun", "Row", "parse_declared", "read_declared"]

FOLDER = Path(__file__).parent / "declared"

_TEXTS = ("id", "surface", "path", "reason", "evidence")
_OPTIONAL = ("expected", "actual")


class DeclaredError(ValueError):
    """A ledger that cannot be used; the message names the file, the row and the key."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One declared difference."""

    id: str
    cells: tuple[str, ...]
    surface: str
    path: str
    reason: str
    evidence: str
    expected: str = "*"
    actual: str = "*"

    def covers(self, cell: str, difference: Difference) -> bool:
        """`cell` is `<version>/<role>/<scenario id>`."""
        return (
            self.surface == difference.surface
            and any(fnmatchcase(cell, glob) for glob in self.cells)
            and fnmatchcase(difference.place, self.path)
            and fnmatchcase(_text(difference.expected), self.expected)
            and fnmatchcase(_text(difference.actual), self.actual)
        )


@dataclass(frozen=True, kw_only=True)
class NotRun:
    """A scenario that may be not run."""

    scenario: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The rows of one agent, in order; the first that covers a difference excuses it."""

    rows: tuple[Row, ...] = ()
    not_run: tuple[NotRun, ...] = ()

    @property
    def may_be_not_run(self) -> tuple[str, ...]:
        """Ids of scenarios."""
        return tuple(row.scenario for row in self.not_run)

    def find(self, cell: str, difference: Difference) -> Row | None:
        return next((row for row in self.rows if row.covers(cell, difference)), None)

    def stale(self, used: Collection[str]) -> tuple[str, ...]:
        """Ids of the rows that are not among the used ones."""
        return tuple(row.id for row in self.rows if row.id not in used)


def read_declared(path: Path) -> Declared:
    """Reads a ledger. Raises DeclaredError; a file that is not there is an error too, an empty one is not."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror}; make it, empty, for an agent that declares nothing"
        raise DeclaredError(message) from None
    return parse_declared(text, str(path))


def parse_declared(text: str, where: str = "declared differences") -> Declared:
    """The ledger of a TOML text; `where` names it in errors."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclaredError(f"{where}: {error}") from None
    for key in data:
        if key not in ("difference", "not_run"):
            raise DeclaredError(f"{where}: unknown key {key!r}; rows stand as [[difference]] or [[not_run]]")
    table = enumerate(data.get("difference", ()), 1)
    rows = tuple(_row(row, f"{where}: row {number}") for number, row in table)
    ids = [row.id for row in rows]
    for name in ids:
        if ids.count(name) > 1:
            raise DeclaredError(f"{where}: id {name!r} stands twice")
    return Declared(rows=rows, not_run=tuple(_not_run(row, where) for row in data.get("not_run", ())))


def _not_run(data: Mapping[str, Any], where: str) -> NotRun:
    if set(data) != {"scenario", "reason"} or not all(isinstance(value, str) and value for value in data.values()):
        raise DeclaredError(f"{where}: [[not_run]] has a scenario and a reason, both texts")
    return NotRun(**data)


def _row(data: Mapping[str, Any], where: str) -> Row:
    for key in data:
        if key not in (*_TEXTS, *_OPTIONAL, "cells"):
            raise DeclaredError(f"{where}: unknown key {key!r}")
    for key in (*_TEXTS, "cells"):
        if not data.get(key):
            raise DeclaredError(f"{where}: {key!r} is missing or empty")
    for key in (*_TEXTS, *_OPTIONAL):
        if key in data and not isinstance(data[key], str):
            raise DeclaredError(f"{where}: {key!r} is not a text")
    cells = [data["cells"]] if isinstance(data["cells"], str) else data["cells"]
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise DeclaredError(f"{where}: 'cells' is neither a text nor a list of texts")
    if data["surface"] not in SURFACES:
        raise DeclaredError(f"{where}: unknown surface {data['surface']!r}; there are {', '.join(SURFACES)}")
    return Row(**{**data, "cells": tuple(cells)})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
