"""The tool request_permissions: asks the person for access. Without a person none is given.

Captures: tools/request_permissions_values, _texts and _entries, in both versions.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from pycodex.arguments import (
    BOOL,
    STRING,
    VALUE,
    ArgumentsError,
    ArgumentStyle,
    Field,
    Judged,
    ListOf,
    Scalar,
    Struct,
    Type,
    parse_arguments,
    parse_value,
)
from pycodex.records import replace
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool
from pycodex.tools.permission_entries import allow_by_glob, are_files, as_entries

__all__ = ["RequestPermissions"]

_PATHS = ListOf(Scalar("path string", "string"))
_NETWORK = Struct(name="NetworkPermissions", fields=(Field("enabled", BOOL, optional=True, positional=True),))
_FILES = Struct(
    name="FileSystemPermissions",
    fields=(
        Field("read", _PATHS, optional=True, positional=True),
        Field("write", _PATHS, optional=True, positional=True),
    ),
)
_PROFILE = Struct(
    name="RequestPermissionProfile",
    fields=(
        Field("network", _NETWORK, optional=True, positional=True),
        Field("file_system", _FILES, optional=True, positional=True),
    ),
    deny_unknown=True,
)


def _files_problem(value: Any) -> str | None:
    return None if are_files(value) else "data did not match any variant of untagged enum FileSystemPermissionsDe"


_FILES_OF_VALUE = Field("file_system", Judged(_files_problem), optional=True, positional=True)
_OF_VALUE = Struct(
    name="RequestPermissionsArgs",
    fields=(
        Field("reason", STRING, optional=True),
        Field("permissions", replace(_PROFILE, fields=(_PROFILE.fields[0], _FILES_OF_VALUE)), required=True),
    ),
)
_GIVEN = '{"permissions":{"network":null,"file_system":null},"scope":"turn"}'


class RequestPermissions(FunctionTool):
    """`request_permissions`. `of_value`: the arguments are read from a value and no longer from the text, so that
    messages have no place and of a key that stands twice the last counts; files may then be asked for as entries, and
    an empty list of them asks for nothing."""

    name = "request_permissions"
    struct = Struct(
        name="RequestPermissionsArgs",
        fields=(Field("reason", STRING, optional=True, positional=True), Field("permissions", _PROFILE, required=True)),
    )

    def __init__(self, style: ArgumentStyle, *, prelude: Type | None = None, of_value: bool = False) -> None:
        super().__init__(style, prelude=prelude)
        self._of_value = of_value

    def parse(self, arguments: str) -> Mapping[str, Any]:
        if not self._of_value:
            return super().parse(arguments)
        value = self._read(lambda: self._value(arguments))
        permissions = value.get("permissions") if isinstance(value, dict) else None
        if isinstance(permissions, dict) and isinstance(permissions.get("file_system"), dict):
            permissions["file_system"] = as_entries(permissions["file_system"])
        try:
            return parse_arguments(json.dumps(_finite(value)), _OF_VALUE, self._style)
        except ArgumentsError as error:
            # A number of a value has no type of its own, and a list of a value is counted.
            text = re.sub(r"invalid type: integer `-?[0-9]+`", "invalid type: number", str(error))
            text = text.rpartition(" at line ")[0]
            if text == "trailing characters":
                text = f"invalid length {_too_long(permissions)}, expected fewer elements in array"
            raise ToolError(f"failed to parse function arguments: {text}") from None

    def _value(self, arguments: str) -> Any:
        assert self._prelude is not None
        self._check_environment(parse_value(arguments, self._prelude, self._style))
        return parse_value(arguments, VALUE, self._style)

    @staticmethod
    def _read(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ArgumentsError as error:
            raise ToolError(f"failed to parse function arguments: {error}") from None

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        network, files = (args["permissions"][key] for key in ("network", "file_system"))
        if self._of_value and allow_by_glob(files):
            raise ToolError("glob file system permissions only support deny-read entries")
        asks = network is not None and network["enabled"] is not None
        if not asks and not self._asks_for_files(files):
            raise ToolError("request_permissions requires at least one permission")
        return _GIVEN

    def _asks_for_files(self, files: Any) -> bool:
        if files is None:
            return False
        if self._of_value:
            lists = [files.get(key) for key in ("entries", "read", "write")] if isinstance(files, dict) else files
            return any(isinstance(paths, list) and paths for paths in lists)
        return files["read"] is not None or files["write"] is not None


def _finite(value: Any) -> Any:
    """The same with numbers that can be written; which number it is, is of no matter."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return 0.5 if isinstance(value, float) and not math.isfinite(value) else value


def _too_long(permissions: Any) -> int:
    """The length of the list that has more elements than fields."""
    network = permissions[:1] if isinstance(permissions, list) else [permissions.get("network")]
    return len(network[0]) if network and isinstance(network[0], list) and len(network[0]) > 1 else len(permissions)
