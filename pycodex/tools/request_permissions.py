"""The tool request_permissions: asks the person for access. Without a person none is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pycodex.arguments import (
    BOOL,
    STRING,
    STRINGS,
    VALUE,
    ArgumentsError,
    ArgumentStyle,
    Field,
    Struct,
    Type,
    parse_arguments,
    parse_value,
)
from pycodex.records import replace
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool

__all__ = ["RequestPermissions"]

_NETWORK = Struct(name="NetworkPermissions", fields=(Field("enabled", BOOL, optional=True),))
_FILES = Struct(
    name="FileSystemPermissions",
    fields=(Field("read", STRINGS, optional=True), Field("write", STRINGS, optional=True)),
)
_PROFILE = Struct(
    name="RequestPermissionProfile",
    fields=(Field("network", _NETWORK, optional=True), Field("file_system", _FILES, optional=True)),
    deny_unknown=True,
)
_ANY_FILES = replace(_PROFILE, fields=(_PROFILE.fields[0], Field("file_system", VALUE, optional=True)))
_OF_VALUE = Struct(
    name="RequestPermissionsArgs",
    fields=(Field("reason", STRING, optional=True), Field("permissions", _ANY_FILES, required=True)),
)
_GIVEN = '{"permissions":{"network":null,"file_system":null},"scope":"turn"}'


def _are_files(value: Any) -> bool:
    if not isinstance(value, dict):
        return value is None
    lists = [value[key] for key in ("read", "write") if value.get(key) is not None]
    return all(isinstance(paths, list) and all(isinstance(path, str) for path in paths) for paths in lists)


class RequestPermissions(FunctionTool):
    """`request_permissions`. `of_value`: the arguments are read from a value and no longer from the text, so that
    messages have no place."""

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
        assert self._prelude is not None
        try:
            parse_value(arguments, self._prelude, self._style)
        except ArgumentsError as error:
            raise ToolError(f"failed to parse function arguments: {error}") from None
        try:
            args = parse_arguments(arguments, _OF_VALUE, self._style)
        except ArgumentsError as error:
            # A number of a value has no type of its own.
            text = re.sub(r"invalid type: integer `-?[0-9]+`", "invalid type: number", str(error))
            raise ToolError(f"failed to parse function arguments: {text.rpartition(' at line ')[0]}") from None
        if not _are_files(args["permissions"]["file_system"]):
            text = "data did not match any variant of untagged enum FileSystemPermissionsDe"
            raise ToolError(f"failed to parse function arguments: {text}")
        return args

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        network, files = (args["permissions"][key] or {} for key in ("network", "file_system"))
        if network.get("enabled") is None and not files.get("read") and not files.get("write"):
            raise ToolError("request_permissions requires at least one permission")
        return _GIVEN
