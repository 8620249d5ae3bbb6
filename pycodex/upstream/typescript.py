"""JSON schemas as TypeScript types, as declarations of tools for code have them (captured: code_mode/old_declared,
code_mode/mcp_types)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pycodex.request import compact

__all__ = ["type_of"]

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_PLAIN = {"string": "string", "boolean": "boolean", "null": "null", "number": "number", "integer": "number"}
_JOINED = {"anyOf": " | ", "oneOf": " | ", "allOf": " & "}
_UNKNOWN = "unknown"
_DEPTH = 2
"""How often a reference is followed within what it leads to."""


def type_of(schema: Any, *, comments: bool = False) -> str:
    """The type of what fits a schema; `unknown` where it says nothing that a type can say. With `comments`, an object
    with properties that are described stands in lines, their descriptions before them, and references are followed."""
    return _Types(schema if comments and isinstance(schema, Mapping) else None).of(schema)


class _Types:
    """`whole`: where references lead, if they are followed and descriptions are told."""

    def __init__(self, whole: Mapping[str, Any] | None) -> None:
        self._whole = whole
        self._within: list[str] = []
        """The references that are being followed."""

    def of(self, schema: Any) -> str:
        if not isinstance(schema, Mapping):
            return _UNKNOWN
        if "const" in schema:
            return compact(schema["const"])
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return " | ".join(map(compact, schema["enum"]))
        if self._whole is not None and isinstance(schema.get("$ref"), str):
            parts = (self._followed(self._whole, schema["$ref"]), self._said(schema))
            known = [part for part in parts if part != _UNKNOWN]  # both count (captured: code_mode/mcp_odd_schemas)
            return " & ".join(f"({part})" for part in known) if len(known) > 1 else "".join(known) or _UNKNOWN
        return self._said(schema)

    def _said(self, schema: Mapping[str, Any]) -> str:
        for key, sign in _JOINED.items():
            if isinstance(schema.get(key), list) and schema[key]:
                return sign.join(map(self.of, schema[key]))
        kind = schema.get("type")
        if isinstance(kind, list):
            return " | ".join(self._of_kind(each, schema) for each in kind)
        if kind is None:
            kind = _kind_of_parts(schema)
        return self._of_kind(kind, schema)

    def _followed(self, whole: Mapping[str, Any], reference: str) -> str:
        found: Any = whole
        for key in filter(None, reference.removeprefix("#").split("/")):
            found = found.get(key) if isinstance(found, Mapping) else None
        if self._within.count(reference) == _DEPTH or found is None:
            return _UNKNOWN
        self._within.append(reference)
        try:
            return self.of(found)
        finally:
            self._within.pop()

    def _of_kind(self, kind: Any, schema: Mapping[str, Any]) -> str:
        match kind:
            case "array":
                return self._array(schema)
            case "object":
                return self._object(schema)
            case str():
                return _PLAIN.get(kind, _UNKNOWN)
            case _:
                return _UNKNOWN

    def _array(self, schema: Mapping[str, Any]) -> str:
        if "items" in schema:
            return f"Array<{self.of(schema['items'])}>"
        if isinstance(schema.get("prefixItems"), list):
            return f"[{', '.join(map(self.of, schema['prefixItems']))}]"
        return "unknown[]"

    def _object(self, schema: Mapping[str, Any]) -> str:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, Mapping) else {}
        required = schema.get("required")
        needed = required if isinstance(required, list) else []
        told = self._whole is not None and any(_description(each) is not None for each in properties.values())
        lines = []
        for name in sorted(properties):
            lines += [f"// {line}" for line in _lines(properties[name])] if told else []
            lines.append(f"{_key(name)}{'' if name in needed else '?'}: {self.of(properties[name])};")
        others = schema.get("additionalProperties", not properties)
        if others is True or isinstance(others, Mapping):
            lines.append(f"[key: string]: {self.of(others)};")
        if told:
            return "\n".join(["{", *(f"  {line}" for line in lines), "}"])
        return f"{{ {' '.join(lines)} }}" if lines else "{}"


def _kind_of_parts(schema: Mapping[str, Any]) -> str:
    if schema.keys() & {"properties", "additionalProperties", "required"}:
        return "object"
    return "array" if schema.keys() & {"items", "prefixItems"} else ""


def _description(schema: Any) -> str | None:
    found = schema.get("description") if isinstance(schema, Mapping) else None
    return found if isinstance(found, str) else None


def _lines(schema: Any) -> list[str]:
    stripped = (line.strip() for line in (_description(schema) or "").split("\n"))
    return [line for line in stripped if line]


def _key(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else compact(name)
