"""The schemas of a server's tools as the model is given them (captured: mcp/schemas, mcp/schemas_big).

0.115.0 knows six types, one each, and their descriptions (`plain_schema`); 0.169.0 keeps more of what a schema says
(`kept_schema`), and less of one that is long. Both sort properties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pycodex.json_reader import described
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
    if isinstance(schema, list):
        raise BadSchema(_list_wrong(schema))
    if not isinstance(schema, Mapping):
        raise BadSchema(_wrong(schema, "internally tagged enum JsonSchema"))
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each in _PICKED), None)
    kind = kind if isinstance(kind, str) else _inferred(schema) or "string"
    if kind not in _TYPES:
        raise BadSchema(_unknown(kind))
    if kind == "object":
        properties = _properties(schema.get("properties", {}), _plain)
        return {"type": kind, "properties": properties, **_about_properties(schema, _plain_more)}
    described = schema.get("description")
    if described is not None and not isinstance(described, str):
        raise BadSchema(_wrong(described, "a string"))
    told = {} if described is None else {"description": described}
    if kind == "array":
        return {"type": kind, "items": _plain_items(schema), **told}
    return {"type": "number" if kind == "integer" else kind, **told}


def _plain_items(schema: Mapping[str, Any]) -> dict[str, Any]:
    return _plain(schema["items"]) if "items" in schema else {"type": "string"}


def _plain_more(schema: Any) -> dict[str, Any]:
    try:
        return _plain(None if isinstance(schema, list) else schema)
    except BadSchema:
        raise BadSchema("data did not match any variant of untagged enum AdditionalProperties") from None


_VARIANTS = {"boolean": 1, "string": 1, "number": 1, "array": 2, "object": 3}
"""How many fields a schema of a type has, beside that."""


def _list_wrong(schema: list[Any]) -> str:
    """What is wrong with a list: it is read as a schema whose type comes first, or its place among the types."""
    if not schema:
        return "missing field `type`"
    first = schema[0]
    if isinstance(first, int) and not isinstance(first, bool) and first >= 0:
        if first >= len(_VARIANTS):
            return f"invalid value: integer `{first}`, expected variant index 0 <= i < {len(_VARIANTS)}"
        first = list(_VARIANTS)[first]
    if not isinstance(first, str):
        return _wrong(first, "variant identifier")
    if first not in _TYPES:
        return _unknown(first)
    name = "number" if first == "integer" else first
    fields = _VARIANTS[name]
    told = f"struct variant JsonSchema::{name.title()} with {fields} element{'s' * (fields > 1)}"
    return f"invalid length {len(schema) - 1}, expected {told}"


def _unknown(kind: str) -> str:
    return f"unknown variant `{kind}`, expected one of {', '.join(f'`{each}`' for each in _TYPES)}"


def _wrong(value: Any, expected: str) -> str:
    kind = "map" if isinstance(value, dict) else "sequence" if isinstance(value, list) else described(value)
    return f"invalid type: {kind}, expected {expected}"


def _properties(properties: Any, reduced: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Each of them `reduced`."""
    if not isinstance(properties, Mapping):
        raise BadSchema(_wrong(properties, "a map"))
    return {name: reduced(properties[name]) for name in sorted(properties)}


def _about_properties(schema: Mapping[str, Any], reduced: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Which have to be there, and what others may be like."""
    found: dict[str, Any] = {}
    if (required := schema.get("required")) is not None:
        if not isinstance(required, list):
            raise BadSchema(_wrong(required, "a sequence"))
        for name in required:
            if not isinstance(name, str):
                raise BadSchema(_wrong(name, "a string"))
        found["required"] = list(required)
    if (more := schema.get("additionalProperties")) is not None:
        found["additionalProperties"] = more if isinstance(more, bool) else reduced(more)
    return found


# --- 0.169.0 ---

_COMBINED = ("anyOf", "oneOf", "allOf")
_DEFINITIONS = ("$defs", "definitions")
_KEYS = ("$ref", "type", "description", "encrypted", "enum", "items", "properties", "required", "additionalProperties")
_READ = {
    "$ref": str,
    "description": str,
    "encrypted": bool,
    "enum": list,
    "minItems": int,
    **dict.fromkeys(_COMBINED, list),
}
"""What is read of a schema as it is, and has to be of that kind, or null (captured: mcp/odd_schemas)."""
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
    if kept.get("type") == "null":
        raise BadSchema("arguments that are null")
    kept.setdefault("properties", {})
    kept = _in_order(_with_definitions(kept, whole))
    return _shortened(kept)


def _kept(schema: Any) -> dict[str, Any]:
    if isinstance(schema, bool):
        return {"type": "string"}
    if not isinstance(schema, Mapping):
        raise BadSchema("invalid type: map, expected variant identifier")
    kept: dict[str, Any] = {}
    combined = [key for key in _COMBINED if key in schema]
    kind = _kept_type(schema, combined=bool(combined) or "$ref" in schema)
    if kind is not None:
        kept["type"] = kind
    elif not combined and "$ref" not in schema:
        return {}
    for key, wanted in _READ.items():
        if (value := schema.get(key)) is not None:
            if not isinstance(value, wanted) or (isinstance(value, int) and value < 0):
                raise BadSchema(f"`{key}` is none")
            kept[key] = value
    if "enum" not in kept and "const" in schema:
        kept["enum"] = [schema["const"]]
    kinds = kind if isinstance(kind, list) else [kind]
    items = schema.get("items", {"type": "string"} if "array" in kinds else None)
    if items is not None:
        kept["items"] = _kept(items)
    properties = schema.get("properties", {} if "object" in kinds else None)
    if properties is not None:
        kept["properties"] = _properties(properties, _kept)
    kept.update(_about_properties(schema, _kept))
    kept.update({key: [_kept(each) for each in kept[key]] for key in combined if key in kept})
    return kept


def _kept_type(schema: Mapping[str, Any], *, combined: bool) -> str | list[str] | None:
    kind = schema.get("type")
    if isinstance(kind, list):
        known = [each for each in kind if each in _TYPES or each == "null"]
        if known:
            return known if len(known) > 1 else known[0]
        kind = None
    if isinstance(kind, str) and (kind in _TYPES or kind == "null"):
        return kind
    return None if combined else _inferred(schema)


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


_ORDER = (*_KEYS[:5], "items", "minItems", "properties", "required", "additionalProperties", *_COMBINED, *_DEFINITIONS)


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
