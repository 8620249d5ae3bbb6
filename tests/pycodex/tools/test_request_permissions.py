"""request_permissions without a person: what asks for nothing, and what cannot be read."""

import asyncio
import json
from typing import Any, cast

import pytest

from pycodex.arguments import STRING, Field, Struct
from pycodex.json_reader import ArgumentStyle
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.permission_entries import are_files, as_entries
from pycodex.tools.request_permissions import RequestPermissions

_PRELUDE = Struct(name="Place", fields=(Field("environment_id", STRING, optional=True),))
_OF_TEXT = RequestPermissions(ArgumentStyle(floats_are_numbers=False))
_OF_VALUE = RequestPermissions(ArgumentStyle(floats_are_numbers=True), prelude=_PRELUDE, of_value=True)
_ENTRY: dict[str, Any] = {"path": {"type": "path", "path": "/a"}, "access": "read"}


def _answer(tool: RequestPermissions, permissions: Any) -> str:
    """What the model is told."""
    text = permissions if isinstance(permissions, str) else json.dumps({"permissions": permissions})
    try:
        return asyncio.run(tool.run(cast(ToolContext, None), tool.parse(text)))
    except ToolError as error:
        return str(error)


def test_an_empty_list_is_a_permission_only_where_it_is_read_from_the_text() -> None:
    empty: dict[str, Any] = {"network": {}, "file_system": {"write": []}}
    assert _answer(_OF_TEXT, empty).startswith('{"permissions"')
    assert _answer(_OF_VALUE, empty) == "request_permissions requires at least one permission"


@pytest.mark.parametrize("tool", [_OF_TEXT, _OF_VALUE])
def test_nothing_is_no_permission(tool: RequestPermissions) -> None:
    for permissions in ({}, {"network": {"enabled": None}}, {"file_system": {"read": None}}):
        assert _answer(tool, permissions) == "request_permissions requires at least one permission"
    assert _answer(tool, {"network": {"enabled": False}}).startswith('{"permissions"')


def test_a_value_is_read_whole_before_its_fields() -> None:
    assert _answer(_OF_VALUE, '{"permissions":5,}').endswith("trailing comma at line 1 column 18")
    assert _answer(_OF_TEXT, '{"permissions":5,}').endswith("struct RequestPermissionProfile at line 1 column 16")
    twice = '{"permissions":{},"permissions":{"network":{"enabled":true}},"x":1e999}'
    assert _answer(_OF_VALUE, twice).startswith('{"permissions"')
    assert "duplicate field `permissions`" in _answer(_OF_TEXT, twice)


def test_a_list_of_a_value_is_counted() -> None:
    assert _answer(_OF_VALUE, [{"enabled": True}, None, 1]).endswith(
        "invalid length 3, expected fewer elements in array"
    )
    assert _answer(_OF_VALUE, {"network": [True, 1]}).endswith("invalid length 2, expected fewer elements in array")


def test_what_comes_first_is_wrong_first() -> None:
    assert "FileSystemPermissionsDe" in _answer(_OF_VALUE, {"file_system": {"x": 1}, "network": 5})
    assert "struct NetworkPermissions" in _answer(_OF_VALUE, {"network": 5, "file_system": {"x": 1}})


@pytest.mark.parametrize(
    "files",
    [
        {"entries": [_ENTRY]},
        {"entries": [{**_ENTRY, "x": 1}], "glob_scan_max_depth": 2},
        {"entries": [[["path", "/a"], {"none": None}]]},
        {"entries": [{"path": {"type": "special", "value": {"kind": "unknown", "path": "x"}}, "access": "read"}]},
        {"read": ["/a"], "write": None},
        [["/a"], ["/b"]],
        [[_ENTRY], 2],
        {},
        [],
    ],
)
def test_files_have_two_forms(files: Any) -> None:
    assert are_files(files)


@pytest.mark.parametrize(
    "files",
    [
        5,
        {"entries": None},
        {"entries": [5]},
        {"entries": [{**_ENTRY, "access": "all"}]},
        {"entries": [{**_ENTRY, "path": "/a"}]},
        {"entries": [{"path": {"type": "special", "value": {"kind": "odd"}}, "access": "read"}]},
        {"entries": [_ENTRY], "glob_scan_max_depth": 0},
        {"entries": [_ENTRY], "x": 1},
        {"read": ["/a"], "x": 1},
        [["/a"], None, 3],
    ],
)
def test_other_forms_are_none(files: Any) -> None:
    assert not are_files(files)


def test_lists_of_paths_become_entries() -> None:
    assert as_entries({"entries": [], "read": ["/a"]}) == {"entries": [_ENTRY]}
    assert as_entries({"read": [5], "write": None}) == {"read": [5]}
    with pytest.raises(ToolError, match="entries must be an array"):
        as_entries({"entries": None, "read": ["/a"]})
    with pytest.raises(ToolError, match="is invalid on 'linux'"):
        as_entries({"read": ["a\0b"]})
