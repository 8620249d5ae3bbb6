"""Values of wrong types in permission profiles; the rows are captures (config/permission_profiles_types, _network)."""

from __future__ import annotations

from typing import Any

import pytest

from pycodex.config_layers import ConfigError
from pycodex.permission_tables import check_tables
from pycodex.upstream.config_types import PERMISSION_TYPES_NEW, PERMISSION_TYPES_OLD

FILES = "data did not match any variant of untagged enum FilesystemPermissionToml"
BOTH: list[tuple[Any, str]] = [
    (5, "invalid type: integer `5`, expected struct PermissionsToml"),
    ({"x": 5}, "invalid type: integer `5`, expected struct PermissionProfileToml"),
    ({"x": {"filesystem": 5}}, "invalid type: integer `5`, expected struct FilesystemPermissionsToml"),
    ({"x": {"filesystem": {":root": "execute"}}}, FILES),
    ({"x": {"filesystem": {":root": ["read"]}}}, FILES),
    ({"x": {"filesystem": {":root": {"a": 5}}}}, FILES),
    ({"x": {"network": 5}}, "invalid type: integer `5`, expected struct NetworkToml"),
    ({"x": {"network": []}}, "invalid length 0, expected struct NetworkToml with 13 elements"),
    ({"x": {"network": {"enabled": "yes"}}}, 'invalid type: string "yes", expected a boolean'),
    ({"x": {"network": {"socks_url": 5}}}, "invalid type: integer `5`, expected a string"),
    ({"x": {"network": {"mode": "odd"}}}, "unknown variant `odd`, expected `limited` or `full`"),
    ({"x": {"network": {"mode": 5}}}, "invalid type: integer `5`, expected string or map"),
    ({"x": {"network": {"mode": {}}}}, "invalid value: map, expected map with a single key"),
]
ONLY_NEW: list[tuple[Any, str]] = [
    ({"x": {"extends": 5}}, "invalid type: integer `5`, expected a string"),
    ({"x": {"workspace_roots": 5}}, "invalid type: integer `5`, expected struct WorkspaceRootsToml"),
    ({"x": {"workspace_roots": {"/a": 5}}}, "invalid type: integer `5`, expected a boolean"),
    ({"x": {"network": {"domains": ["a"]}}}, "invalid type: sequence, expected struct NetworkDomainPermissionsToml"),
    ({"x": {"network": {"domains": {"a": "ask"}}}}, "unknown variant `ask`, expected `allow` or `deny`"),
    ({"x": {"network": {"mitm": True}}}, "invalid type: boolean `true`, expected struct NetworkMitmTomlUnchecked"),
]


def refusal(tables: Any, *, old: bool = False) -> str | None:
    try:
        check_tables(tables, PERMISSION_TYPES_OLD if old else PERMISSION_TYPES_NEW)
    except ConfigError as error:
        return str(error)
    return None


@pytest.mark.parametrize(("tables", "text"), BOTH)
def test_wrong_types(tables: Any, text: str) -> None:
    assert refusal(tables) == refusal(tables, old=True) == f"Error loading config.toml: {text}\nin `permissions`\n"


@pytest.mark.parametrize(("tables", "text"), ONLY_NEW)
def test_types_that_came_later(tables: Any, text: str) -> None:
    assert refusal(tables) == f"Error loading config.toml: {text}\nin `permissions`\n"
    assert refusal(tables, old=True) is None


def test_words_and_depth_differ() -> None:
    denied = {"x": {"filesystem": {":root": "deny"}}}
    assert (refusal(denied), FILES in (refusal(denied, old=True) or "")) == (None, True)
    deep = {"x": {"filesystem": {"glob_scan_max_depth": 2}}}
    assert (refusal(deep), FILES in (refusal(deep, old=True) or "")) == (None, True)
    below = {"x": {"filesystem": {"glob_scan_max_depth": -1}}}
    assert "invalid value: integer `-1`, expected usize" in (refusal(below) or "")
