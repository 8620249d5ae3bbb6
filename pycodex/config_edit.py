"""Single keys of config.toml are changed in its text, which stays as its user wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

__all__ = ["set_keys", "with_keys"]

_TABLE = re.compile(r"\s*\[")


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
