"""`--trust`: the project is written down as trusted in config.toml, and the rest of the file stays as it is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from pycodex.toml_errors import locate_value

__all__ = ["trusted", "write_trust"]

_TABLE = re.compile(r"\s*\[")


def write_trust(config: Path, root: Path) -> None:
    """Set `[projects."<root>"] trust_level = "trusted"` in the file; it is made where there is none."""
    try:
        text = config.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(trusted(text, str(root)), encoding="utf-8")


def trusted(text: str, root: str) -> str:
    """The text of config.toml with `root` trusted (captured: config/trust_*)."""
    projects = tomllib.loads(text).get("projects", {})
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if (at := _inline(lines)) is not None:
        # Projects written in one line become tables of their own, the new one last, where the root's keys end.
        del lines[at]
        end = next((i for i, line in enumerate(lines) if _TABLE.match(line)), len(lines))
        while end and not lines[end - 1].strip():
            end -= 1
        tables = "".join(f"\n{_table(name, row)}" for name, row in {**projects, root: _WITH_TRUST}.items())
        return "".join([*lines[:end], tables, *lines[end:]])
    header = _header(root)
    if root in projects:
        place = locate_value(text, ("projects", root, "trust_level"))
        if place is not None:
            line = place[0] - 1
            lines[line] = 'trust_level = "trusted"\n'
            return "".join(lines)
        start = next(i for i, line in enumerate(lines) if line.strip() == header)
        end = _end_of_table(lines, start)
        return "".join([*lines[:end], 'trust_level = "trusted"\n', *lines[end:]])
    last = max((i for i, line in enumerate(lines) if line.startswith("[projects.")), default=None)
    at = len(lines) if last is None else _end_of_table(lines, last)
    gap = "\n" if at else ""
    return "".join([*lines[:at], f"{gap}{_table(root, _WITH_TRUST)}", *lines[at:]])


_WITH_TRUST = {"trust_level": "trusted"}


def _header(root: str) -> str:
    return f"[projects.{json.dumps(root, ensure_ascii=False)}]"


def _table(root: str, row: object) -> str:
    rows = row.items() if isinstance(row, dict) else ()
    return _header(root) + "\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in rows)


def _inline(lines: list[str]) -> int | None:
    """The line before any table that holds all projects."""
    for i, line in enumerate(lines):
        if _TABLE.match(line):
            return None
        if re.match(r"\s*projects\s*=", line):
            return i
    return None


def _end_of_table(lines: list[str], start: int) -> int:
    """Behind the last key of the table at `start`: empty lines and comments after it belong to what follows."""
    end = next((i for i in range(start + 1, len(lines)) if _TABLE.match(lines[i])), len(lines))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end
