"""JSON schemas as TypeScript types, as declarations of tools for code have them (captured: code_mode/old_declared)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pycodex.request import compact

__all__ = ["type_of"]

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_PLAIN = {"string": "string", "boolean": "boolean", "null": "null", "number": "number", "integer": "number"}
_JOINED = {"anyOf": " | ", "oneOf": " | ", "allOf": " & "}


def type_of(schema: Any) -> str:
    """The type of what fits a schema; `unknown` where it says nothing that a type can say."""
    if not isinstance(schema, Mapping):
        return "unknown"
    if "const" in schema:
        return compact(schema["const"])
    if isinstance(schema.get("enum"), list):
        return " | ".join(map(compact, schema["enum"]))
    for key, sign in _JOINED.items():
        if isinstance(schema.get(key), list):
            return sign.join(map(type_of, schema[key]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_of_kind(each, schema) for each in kind)
    if kind is None:
        kind = _kind_of_parts(schema)
    return _of_kind(kind, schema)


def _kind_of_parts(schema: Mapping[str, Any]) -> str:
    if schema.keys() & {"properties", "additionalProperties", "required"}:
        return "object"
    return "array" if schema.keys() & {"items", "prefixItems"} else ""


def _of_kind(kind: Any, schema: Mapping[str, Any]) -> str:
    match kind:
        case "array":
            return _array(schema)
        case "object":
            return _object(schema)
        case str():
            return _PLAIN.get(kind, "unknown")
        case _:
            return "unknown"


def _array(schema: Mapping[str, Any]) -> str:
    if "items" in schema:
        return f"Array<{type_of(schema['items'])}>"
    if isinstance(schema.get("prefixItems"), list):
        return f"[{', '.join(map(type_of, schema['prefixItems']))}]"
    return "unknown[]"


def _object(schema: Mapping[str, Any]) -> str:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    lines = [
        f"{_key(name)}{'' if name in needed else '?'}: {type_of(properties[name])};" for name in sorted(properties)
    ]
    others = schema.get("additionalProperties", not properties)
    if others is True or isinstance(others, Mapping):
        lines.append(f"[key: string]: {type_of(others)};")
    return f"{{ {' '.join(lines)} }}" if lines else "{}"


def _key(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else compact(name)
