"""`--strict-config`: a key that means nothing to codex-cli is an error, with its place (captured: config/strict_*)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pycodex.config_keys import unknown_keys
from pycodex.config_layers import ConfigError, Layer
from pycodex.config_schema import check, wrong_feature
from pycodex.toml_errors import locate_value, render

__all__ = ["check_strictly", "locate_key"]

_READ_LATE = ("tui", "features")
"""Tables that are read after all others: what is unknown in them is told last."""

Path = tuple[str, ...]


def check_strictly(
    layers: Sequence[Layer],
    features: Collection[str] | None,
    enums: Mapping[str, tuple[str, ...] | None],
    *,
    feature_tables: Collection[str] = (),
    tables: str = "",
    commands: bool = False,
) -> None:
    """Raises ConfigError for the first key that means nothing; flags come first, then the files in their order.

    What the types are comes as in `pycodex.config_schema.check`.
    """
    flags = [layer for layer in layers if layer.path is None]
    for layer in flags:
        unknown = next(_unknown(layer.values, features), None)
        if unknown is not None and not _half_made(layer.values):
            shown = ".".join(unknown)
            raise ConfigError(
                f"Error loading config.toml: unknown configuration field `{shown}` in -c/--config override"
            )
    for layer in layers:
        if layer.path is None or not layer.text:
            continue
        try:
            check(layer.values, enums, feature_tables=feature_tables, tables=tables, commands=commands)
        except ConfigError as error:
            _place_wrong_type(layer, error, feature_tables)
        unknown = next(_unknown(layer.values, features), None)
        if unknown is not None:
            line, column, width = locate_key(layer.text, unknown) or (1, 1, 1)
            _fail(layer, line, column, width, f"unknown configuration field `{'.'.join(unknown)}`")


def _fail(layer: Layer, line: int, column: int, width: int, message: str) -> None:
    raise ConfigError(
        f"Error loading config.toml:\n{render(str(layer.path), layer.text, line, column, message, width)}"
    )


def _place_wrong_type(layer: Layer, error: ConfigError, feature_tables: Collection[str]) -> None:
    """A value of a wrong type is told with its place too. Raises ConfigError."""
    told = re.fullmatch(r"Error loading config\.toml: (.*)\nin `(.*)`\n", str(error), re.DOTALL)
    if told is None:
        raise error
    keys = tuple(told[2].split("."))
    if keys == ("features",):
        flags = layer.values["features"]
        wrong = (name for name in sorted(flags) if wrong_feature(name, flags[name], feature_tables) is not None)
        keys = (*keys, next(wrong, ""))
    place = locate_value(layer.text, keys)
    if place is None:
        raise error
    _fail(layer, *place, told[1])


def _half_made(values: Mapping[str, Any]) -> bool:
    """Whether flags give a part of a provider or server: then nothing is said of them by themselves."""
    providers, servers = values.get("model_providers"), values.get("mcp_servers")
    parts = [row for row in (providers.values() if isinstance(providers, Mapping) else ()) if "name" not in row]
    parts += [
        row
        for row in (servers.values() if isinstance(servers, Mapping) else ())
        if "command" not in row and "url" not in row
    ]
    return bool(parts)


def _unknown(values: Mapping[str, Any], features: Collection[str] | None) -> Iterator[Path]:
    early = {key: value for key, value in values.items() if key not in _READ_LATE}
    late = {key: values[key] for key in _READ_LATE if key in values}
    yield from unknown_keys({**early, **late}, features)


_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+')


def locate_key(text: str, path: Path) -> tuple[int, int, int] | None:
    """Line, column and width of the key at `path`: in the header of a table, or before its value."""
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)", line)
        end = line.find("]") if header else _equals(line)
        if end < 0:
            continue
        parts = [(match.span(), _bare(match[0])) for match in _PART.finditer(line[:end])]
        names = tuple(name for _, name in parts)
        if header:
            table = names
            if header[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                table = (*names, str(counts[names]))
        base = () if header else table
        whole = (*base, *names)
        if parts and len(path) > len(base) and path == whole[: len(path)]:
            start, stop = parts[len(path) - len(base) - 1][0]
            return number, start + 1, stop - start
        if not header and parts and path[: len(whole)] == whole:
            inside = re.search(rf"[{{,]\s*({re.escape(path[-1])})\s*=", line[end:])
            if inside:
                return number, end + inside.start(1) + 1, len(path[-1])
    return None


def _bare(part: str) -> str:
    return part[1:-1] if part[0] in "\"'" else part


def _equals(line: str) -> int:
    """Where the key of a line ends; -1 for a line without one."""
    match = re.match(r"\s*(?:" + _PART.pattern + r")(?:\s*\.\s*(?:" + _PART.pattern + r"))*\s*=", line)
    return match.end() - 1 if match else -1
