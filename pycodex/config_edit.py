"""Single keys of config.toml are changed in its text, which stays as its user wrote it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["set_in_table", "set_keys", "with_keys", "with_table"]

_TABLE = re.compile(r"\s*\[")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NEAR = 2
"""How many names tables have in common that stand beside each other."""


def set_keys(config: Path, values: Mapping[str, str | None]) -> None:
    """Sets keys before the first table; None takes one away. The file is made where there is none."""
    text = config.read_text(encoding="utf-8") if config.exists() else ""
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(with_keys(text, values), encoding="utf-8")


def with_keys(text: str, values: Mapping[str, str | None]) -> str:
    """The text with these keys; a new one stands after the others (captured: interactive/model_effort)."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    for key, value in values.items():
        end = next((i for i, line in enumerate(lines) if _TABLE.match(line)), len(lines))
        while end and not lines[end - 1].strip():
            end -= 1
        at = next((i for i in range(end) if re.match(rf"\s*{key}\s*=", lines[i])), None)
        new = [] if value is None else [f"{key} = {json.dumps(value, ensure_ascii=False)}\n"]
        lines[slice(end, end) if at is None else slice(at, at + 1)] = new
    return "".join(lines)


def set_in_table(config: Path, table: Sequence[str], key: str, value: str) -> None:
    """Sets a key of a table, which is made after those beside it where there is none. What cannot be written so (the
    tables stand in a line) is left as it is."""
    text = config.read_text(encoding="utf-8") if config.exists() else ""
    wanted = with_table(text, table, key, value)
    try:
        found: Any = tomllib.loads(wanted)
        for name in table:
            found = found[name]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(wanted, encoding="utf-8")


def with_table(text: str, table: Sequence[str], key: str, value: str) -> str:
    """The text with that key in that table (captured: interactive/mcp_approval_kept)."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    heads = [(at, names) for at, line in enumerate(lines) if (names := _names_of(line)) is not None]
    own = next((at for at, names in heads if names == tuple(table)), None)
    new = f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
    if own is not None:
        end = _end_of(lines, own)
        at = next((i for i in range(own, end) if re.match(rf"\s*{key}\s*=", lines[i])), None)
        lines[slice(end, end) if at is None else slice(at, at + 1)] = [new]
        return "".join(lines)
    beside = [at for at, names in heads if names[:_NEAR] == tuple(table[:_NEAR])]
    end = _end_of(lines, beside[-1]) if beside else len(lines)
    lines[end:end] = [*(["\n"] if lines else []), f"[{'.'.join(map(_quoted, table))}]\n", new]
    return "".join(lines)


def _names_of(line: str) -> tuple[str, ...] | None:
    """The names of the table that begins with the line; None: none does."""
    if not _TABLE.match(line):
        return None
    try:
        found: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    names = []
    while isinstance(found, dict) and found:
        ((name, found),) = found.items()
        names.append(name)
    return tuple(names)


def _end_of(lines: Sequence[str], head: int) -> int:
    """Where a table ends, without the empty lines before the next one."""
    end = next((at for at in range(head + 1, len(lines)) if _names_of(lines[at]) is not None), len(lines))
    while not lines[end - 1].strip():
        end -= 1
    return end


def _quoted(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)
