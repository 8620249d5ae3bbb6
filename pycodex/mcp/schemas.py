"""The schemas of a server's tools as the model is given them (captured: mcp/schemas, mcp/schemas_big).

0.115.0 knows six types, one each, and their descriptions (`plain_schema`); 0.169.0 keeps more of what a schema says
(`kept_schema`), and less of one that is long. Both sort properties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pycodex.request import compact

__all__ = ["BadSchema", "kept_schema", "plain_schema"]


class BadSchema(Exception):
    """A schema that cannot be told the model; the message is serde's."""


_TYPES = ("boolean", "string", "integer", "number", "array", "object")
_PICKED = ("object", "array", "string", "number", "integer", "boolean")
_OBJECT, _ARRAY = ("properties", "required", "additionalProperties"), ("items", "prefixItems")
_STRING = ("enum", "const", "format")
_NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def _inferred(schema: Mapping[str, Any]) -> str | None:
    """The type of a schema that names none, by what else it says."""
    for kind, keys in (("object", _OBJECT), ("array", _ARRAY), ("string", _STRING), ("number", _NUMBER)):
        if any(key in schema for key in keys):
            return kind
    return None


# --- 0.115.0 ---


def plain_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a tool's arguments. Raises BadSchema."""
    whole = dict(schema)
    if whole.get("properties") is None:
        whole["properties"] = {}
    return _plain(whole)


def _plain(schema: Any) -> dict[str, Any]:
    if isinstance(schema, bool):
        return {"type": "string"}
    if not isinstance(schema, Mapping):
        raise BadSchema("invalid type: map, expected variant identifier")
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each in _PICKED), None)
    kind = kind if isinstance(kind, str) else _inferred(schema) or "string"
    if kind not in _TYPES:
        known = ", ".join(f"`{each}`" for each in _TYPES)
        raise BadSchema(f"unknown variant `{kind}`, expected one of {known}")
    told = {"description": schema["description"]} if isinstance(schema.get("description"), str) else {}
    if kind == "object":
        return {"type": kind, **_object(schema, _plain)}
    if kind == "array":
        return {"type": kind, "items": _plain_items(schema), **told}
    return {"type": "number" if kind == "integer" else kind, **told}


def _plain_items(schema: Mapping[str, Any]) -> dict[str, Any]:
    items = schema.get("items")
    if isinstance(items, list):
        raise BadSchema("invalid type: map, expected variant identifier")
    return {"type": "string"} if items is None else _plain(items)


def _object(schema: Mapping[str, Any], reduced: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """What is kept of an object's schema, each schema in it `reduced`."""
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        raise BadSchema("invalid type: sequence, expected a map")
    found: dict[str, Any] = {"properties": {name: reduced(properties[name]) for name in sorted(properties)}}
    required = schema.get("required")
    if required is not None:
        if not isinstance(required, list):
            raise BadSchema(f"invalid type: string {compact(required)}, expected a sequence")
        found["required"] = list(required)
    more = schema.get("additionalProperties")
    if more is not None:
        found["additionalProperties"] = more if isinstance(more, bool) else reduced(more)
    return found


# --- 0.169.0 ---

_COMBINED = ("anyOf", "oneOf", "allOf")
_DEFINITIONS = ("$defs", "definitions")
_KEYS = ("$ref", "type", "description", "encrypted", "enum", "items", "properties", "required", "additionalProperties")
_BOUNDS = ("minItems", "maxItems")
_LONG = 5000
"""Bytes of a schema that may keep all it says."""
_DEEP = 3
"""How deep a schema may be that is longer without descriptions."""


def kept_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a tool's arguments. Raises BadSchema."""
    whole = dict(schema)
    if whole.get("properties") is None:
        whole["properties"] = {}
    kept = _kept(whole)
    kept.setdefault("properties", {})
    kept = _in_order(_with_definitions(kept, whole))
    return _shortened(kept)


def _kept(schema: Any) -> dict[str, Any]:
    if isinstance(schema, bool):
        return {"type": "string"}
    if not isinstance(schema, Mapping):
        raise BadSchema("invalid type: map, expected variant identifier")
    kept: dict[str, Any] = {}
    combined = [key for key in _COMBINED if isinstance(schema.get(key), list)]
    kind = _kept_type(schema, combined=bool(combined) or "$ref" in schema)
    if kind is not None:
        kept["type"] = kind
    elif not combined and "$ref" not in schema:
        return {}
    if isinstance(schema.get("$ref"), str):
        kept["$ref"] = schema["$ref"]
    if isinstance(schema.get("description"), str):
        kept["description"] = schema["description"]
    if schema.get("encrypted") is True:
        kept["encrypted"] = True
    if isinstance(schema.get("enum"), list):
        kept["enum"] = schema["enum"]
    elif "const" in schema:
        kept["enum"] = [schema["const"]]
    kinds = kind if isinstance(kind, list) else [kind]
    if "array" in kinds or "items" in schema:
        items = schema.get("items")
        if isinstance(items, list):
            raise BadSchema("invalid type: map, expected variant identifier")
        kept["items"] = {"type": "string"} if items is None else _kept(items)
    kept.update({key: schema[key] for key in _BOUNDS if isinstance(schema.get(key), int)})
    if "object" in kinds or "properties" in schema:
        kept.update(_object(schema, _kept))
    for key in combined:
        kept[key] = [_kept(each) for each in schema[key]]
    return kept


def _kept_type(schema: Mapping[str, Any], *, combined: bool) -> str | list[str] | None:
    kind = schema.get("type")
    if isinstance(kind, list):
        known = [each for each in kind if each in _TYPES or each == "null"]
        if known:
            return known if len(known) > 1 else known[0]
        kind = None
    if isinstance(kind, str):
        return kind if kind in _TYPES or kind == "null" else None
    return None if combined or kind is not None else _inferred(schema)


def _references(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(each) for each in value.values()))
    return set().union(*(_references(each) for each in value)) if isinstance(value, list) else set()


def _with_definitions(kept: dict[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """With the definitions that are referred to, from the schema or from one of them."""
    found: dict[str, dict[str, Any]] = {}
    waiting = _references(kept)
    seen: set[str] = set()
    while waiting:
        reference = waiting.pop()
        seen.add(reference)
        place, _, name = reference.removeprefix("#/").partition("/")
        table = whole.get(place) if place in _DEFINITIONS else None
        if isinstance(table, Mapping) and name in table:
            definition = found.setdefault(place, {})[name] = _kept(table[name])
            waiting |= _references(definition) - seen
    return {**kept, **{place: dict(sorted(found[place].items())) for place in _DEFINITIONS if place in found}}


_ORDER = (*_KEYS[:5], "items", *_BOUNDS, "properties", "required", "additionalProperties", *_COMBINED, *_DEFINITIONS)


def _in_order(schema: Any) -> Any:
    """The keys of each schema in the order in which they are written."""
    if not isinstance(schema, dict):
        return schema
    told = {key: schema[key] for key in _ORDER if key in schema}
    for key, value in told.items():
        if key in ("properties", *_DEFINITIONS):
            told[key] = {name: _in_order(each) for name, each in value.items()}
        elif key in _COMBINED:
            told[key] = [_in_order(each) for each in value]
        elif key in ("items", "additionalProperties"):
            told[key] = _in_order(value)
    return told


def _shortened(schema: dict[str, Any]) -> dict[str, Any]:
    """A long schema without descriptions; one that is still too long without definitions, and without what lies
    deep in it."""
    for shorten in (_without_descriptions, _without_definitions, lambda each: _without_depth(each, _DEEP)):
        if len(compact(schema).encode()) <= _LONG:
            break
        schema = shorten(schema)
    return schema


def _mapped(schema: Any, change: Any) -> Any:
    if isinstance(schema, dict):
        return {key: change(value) for key, value in schema.items()}
    return [change(each) for each in schema] if isinstance(schema, list) else schema


def _without_descriptions(schema: Any) -> Any:
    if isinstance(schema, dict):
        schema = {key: value for key, value in schema.items() if key != "description" or not isinstance(value, str)}
    return _mapped(schema, _without_descriptions)


def _without_definitions(schema: Any) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return {}
        schema = {key: value for key, value in schema.items() if key not in _DEFINITIONS}
    return _mapped(schema, _without_definitions)


def _without_depth(schema: Any, depth: int) -> Any:
    """What is made of others and lies that deep says nothing any more."""
    if not isinstance(schema, dict):
        return schema
    made = schema.get("type") in ("object", "array") or any(
        key in schema for key in ("properties", "items", *_COMBINED)
    )
    if depth == 0 and made:
        return {}
    told = dict(schema)
    for key, value in schema.items():
        if key == "properties":
            told[key] = {name: _without_depth(each, depth - 1) for name, each in value.items()}
        elif key in ("items", "additionalProperties"):
            told[key] = _without_depth(value, depth - 1)
        elif key in _COMBINED:
            told[key] = [_without_depth(each, depth - 1) for each in value]
    return told
