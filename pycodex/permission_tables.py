"""The types of the tables `[permissions.NAME]`: a value of another type ends the run with serde's words.

Captures: config/permission_profiles_wrong, config/permission_profiles_types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pycodex.config_schema import config_error, unknown_variant, wrong_type
from pycodex.records import dataclass

__all__ = ["PermissionTypes", "check_tables"]

_DEPTH = "glob_scan_max_depth"
_NETWORK_FIELDS = 13


@dataclass(frozen=True, kw_only=True)
class PermissionTypes:
    """What differs between versions. A field is named with what serde expects there: `a boolean`, `a string`, a
    struct, `allow|deny` for one of these words, `struct NAME of X` for a table of such, `a sequence of X`."""

    accesses: tuple[str, ...]
    """What may be said of a path."""
    has_depth: bool
    """Whether `glob_scan_max_depth` is a key of its own among the paths."""
    fields: Mapping[str, str]
    """Of a profile, beside `filesystem` and `network`."""
    network: Mapping[str, str]
    """Of a profile's network."""


def check_tables(permissions: Any, types: PermissionTypes) -> None:
    """Raises ConfigError for a value of a wrong type; the messages name the table only."""
    for _, table in _items(permissions, "struct PermissionsToml"):
        for key, value in _items(table, "struct PermissionProfileToml"):
            if key == "filesystem":
                _check_files(value, types)
            elif key == "network":
                _check_network(value, types)
            elif key in types.fields:
                _check(value, types.fields[key])


def _items(value: Any, expected: str) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise _error(wrong_type(value, expected))
    return sorted(value.items())


def _error(message: str) -> Exception:
    return config_error(message, "permissions")


def _check_files(files: Any, types: PermissionTypes) -> None:
    for path, permission in _items(files, "struct FilesystemPermissionsToml"):
        if path == _DEPTH and types.has_depth:
            if isinstance(permission, int) and not isinstance(permission, bool) and permission < 0:
                raise _error(f"invalid value: integer `{permission}`, expected usize")
            if isinstance(permission, bool) or not isinstance(permission, int):
                raise _error(wrong_type(permission, "usize"))
            continue
        inner = permission.values() if isinstance(permission, Mapping) else [permission]
        if not all(isinstance(access, str) and access in types.accesses for access in inner):
            raise _error("data did not match any variant of untagged enum FilesystemPermissionToml")


def _check_network(network: Any, types: PermissionTypes) -> None:
    if network == []:
        raise _error(f"invalid length 0, expected struct NetworkToml with {_NETWORK_FIELDS} elements")
    for key, value in _items(network, "struct NetworkToml"):
        if key in types.network:
            _check(value, types.network[key])


def _check(value: Any, expected: str) -> None:
    table, of, inner = expected.partition(" of ")
    if of and table == "a sequence":
        if not isinstance(value, list):
            raise _error(wrong_type(value, table))
        for each in value:
            _check(each, inner)
    elif of:
        for _, each in _items(value, table):
            _check(each, inner)
    elif "|" in expected:
        _check_word(value, tuple(expected.split("|")))
    elif not _FITS[table.partition(" ")[2] if table.startswith("a ") else "map"](value):
        raise _error(wrong_type(value, expected))


def _check_word(value: Any, words: tuple[str, ...]) -> None:
    if isinstance(value, Mapping) and len(value) != 1:
        raise _error("invalid value: map, expected map with a single key")
    if not isinstance(value, str):
        raise _error(wrong_type(value, "string or map"))
    if value not in words:
        raise _error(unknown_variant(value, words))


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "map": lambda value: isinstance(value, Mapping),
}
