"""A catalog of models from a file (`model_catalog_json`), and how a model is found in a catalog by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pycodex.arguments import ArgumentsError, ArgumentStyle, Struct, parse_value
from pycodex.config_layers import ConfigError

__all__ = ["default_model", "find_row", "read_catalog", "template"]

Row = Mapping[str, Any]


def read_catalog(path: Path, struct: Struct, style: ArgumentStyle) -> list[dict[str, Any]]:
    """The rows of a file, every field filled in; `struct` is the whole of it. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(f"Error: {error.strerror} (os error {error.errno})") from error
    where = f"model_catalog_json path `{path}`"
    try:
        rows: list[dict[str, Any]] = parse_value(text, struct, style)["models"]
    except ArgumentsError as error:
        raise ConfigError(f"Error: failed to parse {where} as JSON: {error}") from error
    if not rows:
        raise ConfigError(f"Error: {where} must contain at least one model")
    return rows


def template(row: Row) -> str | None:
    """The row's base prompt that may have a place for a personality."""
    text = (row.get("model_messages") or {}).get("instructions_template")
    return text if isinstance(text, str) else None


def find_row(rows: Sequence[Row], name: str) -> Row | None:
    """The row of the longest slug that `name` begins with, also without a namespace (`one/name`) before it."""
    found = _by_prefix(rows, name)
    namespace, slash, rest = name.partition("/")
    if found is None and slash and "/" not in rest and namespace.replace("_", "").isalnum():
        found = _by_prefix(rows, rest)
    return found


def _by_prefix(rows: Sequence[Row], name: str) -> Row | None:
    fitting = [row for row in rows if name.startswith(row["slug"])]
    return max(fitting, key=lambda row: len(row["slug"]), default=None)


def default_model(rows: Sequence[Row]) -> str:
    """The model that is taken when none is named: the first in priority that is shown, else the first of all."""
    ranked = sorted(rows, key=lambda row: int(row["priority"]))
    shown = [row for row in ranked if row["visibility"] == "list" and row["supported_in_api"]]
    return str((shown or ranked)[0]["slug"])
