"""Values in config.toml's tables that are of a wrong type, in serde's words (captured: config/table_types).

The types are a text of the dialect (`pycodex.upstream.config_types`): rows of a type, a colon, and its keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pycodex.arguments import Enum, Scalar
from pycodex.config_layers import ConfigError
from pycodex.config_schema import check_enum, check_value, config_error, wrong_type

__all__ = ["check_demands", "check_table"]

_COMPACT = "experimental_compact_prompt_file"
_INTEGER = re.compile(r"(?:a nonzero )?([iu])(\d+|size)")
_SIZE = 64


def check_table(key: str, value: Any, rows: str) -> None:
    """Raises ConfigError for the first value (in the order of the keys) below `key` that does not fit."""
    _check((key,), value, _types(rows))


def check_demands(values: Mapping[str, Any], removed: Sequence[str]) -> None:
    """Raises ConfigError for what cannot be done though its type is right.

    `removed`: keys that are no more.
    """
    for key in removed:
        if key in values:
            raise ConfigError(f"Error: `{key}` is no longer supported; remove it from config.toml")
    if _COMPACT in values:
        path = Path(values[_COMPACT])
        try:
            path.read_bytes()
        except OSError as error:
            why = f"{error.strerror} (os error {error.errno})"
            raise ConfigError(f"Error: failed to read experimental compact prompt file {path}: {why}") from None


@cache
def _types(rows: str) -> Mapping[str, str]:
    joined = rows.replace("\n    ", " ")
    pairs = (line.partition(": ") for line in joined.splitlines() if line)
    return {path: type_ for type_, _, paths in pairs for path in paths.split()}


def _check(path: tuple[str, ...], value: Any, types: Mapping[str, str]) -> None:
    starred = (path[0], "*", *path[2:]) if len(path) > 1 else path
    type_ = types.get(".".join(path)) or types.get(".".join(starred))
    if type_ is None:
        return
    type_, _, elsewhere = type_.partition(" @")
    if type_.startswith(_ROWS):
        _check_rows(path, value, type_, types)
        return
    _check_value(value, type_, elsewhere or ".".join(path))
    if isinstance(value, Mapping):
        for key in sorted(value):
            _check((*path, key), value[key], types)


def _check_rows(path: tuple[str, ...], value: Any, type_: str, types: Mapping[str, str]) -> None:
    """A sequence of tables: `rows of STRUCT with KEY ...`, the keys that each must have."""
    name, _, needed = type_.removeprefix(_ROWS).partition(" with ")
    where = ".".join(path)
    _check_value(value, "a sequence", where)
    for row in value:
        _check_value(row, f"struct {name}", where)
        for key in row:
            _check((*path, key), row[key], types)
        for key in needed.split():
            if key not in row:
                raise config_error(f"missing field `{key}`", where)


_ROWS = "rows of "


def _check_value(value: Any, type_: str, path: str) -> None:
    kind, _, rest = type_.partition(" ")
    if (bounds := _INTEGER.fullmatch(type_)) is not None:
        bits = _SIZE if bounds[2] == "size" else int(bounds[2])
        check_value(value, Scalar(type_, "int", bits, bounds[1] == "i"), path)
    elif type_.startswith("one of "):
        check_enum(value, Enum(name=path, variants=tuple(type_.split()[2:])), path)
    elif kind == "untagged":
        if not _UNTAGGED[rest](value):
            raise config_error(f"data did not match any variant of untagged enum {rest}", path)
    elif not isinstance(value, _PYTHON.get(type_, Mapping)) or (type_ == "f64" and isinstance(value, bool)):
        raise config_error(wrong_type(value, type_), path)


_PYTHON: Mapping[str, Any] = {
    "a boolean": bool,
    "a string": str,
    "path string": str,
    "string or map": (str, Mapping),
    "a sequence": list,
    "f64": (int, float),
}
"""What else stands for a table."""


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _search(value: Any) -> bool:
    """A switch, or how to search."""
    if not isinstance(value, Mapping):
        return isinstance(value, bool)
    place = value.get("location", {})
    return (
        value.get("context_size", "low") in ("low", "medium", "high")
        and _texts(value.get("allowed_domains", []))
        and isinstance(place, Mapping)
        and all(isinstance(place.get(key, ""), str) for key in ("country", "region", "city", "timezone"))
    )


_UNTAGGED: Mapping[str, Callable[[Any], bool]] = {
    "Notifications": lambda value: isinstance(value, bool) or _texts(value),
    "Repr": lambda value: isinstance(value, str) or _texts(value),
    "WebSearchToolConfigInput": _search,
}
