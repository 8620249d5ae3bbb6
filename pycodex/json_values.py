"""A JSON value that is read already, taken as a fixed set of fields, with the words of serde_json's `from_value`.

They are those of `pycodex.arguments` but name no place, and fields are looked at in the order of the object:
``invalid type: string "x", expected i64`` (captured: answers/completed_odd).
"""

from __future__ import annotations

from typing import Any

from pycodex.arguments import Field, Scalar, Struct, Type
from pycodex.json_reader import ArgumentsError, ArgumentStyle, described

__all__ = ["from_value"]

_U64_END = 1 << 64
_I64_BEGIN = -(1 << 63)


def from_value(value: Any, type_: Type, style: ArgumentStyle) -> Any:
    """`value` as that type: of a struct all fields by name, defaults filled in. Raises ArgumentsError."""
    if isinstance(type_, Struct):
        return _struct(value, type_, style)
    if isinstance(type_, Scalar):
        return _scalar(value, type_, style)
    raise TypeError(f"no value is read as {type_}")


def _struct(value: Any, struct: Struct, style: ArgumentStyle) -> dict[str, Any]:
    if isinstance(value, list):
        return _from_array(value, struct, style)
    if not isinstance(value, dict):
        raise _mismatch(value, f"struct {struct.name}", style)
    found: dict[str, Any] = {}
    for key, part in value.items():
        field = struct.field(key)
        if field is not None:
            found[field.name] = _field(part, field, style)
    for field in struct.fields:
        if field.name not in found:
            if field.required:
                raise ArgumentsError(f"missing field `{field.name}`")
            found[field.name] = field.default
    return found


def _from_array(value: list[Any], struct: Struct, style: ArgumentStyle) -> dict[str, Any]:
    elements = len(struct.fields)
    found: dict[str, Any] = {}
    for place, field in enumerate(struct.fields):
        if place < len(value):
            found[field.name] = _field(value[place], field, style)
        elif field.required or field.positional:
            plural = "" if elements == 1 else "s"
            raise ArgumentsError(
                f"invalid length {place}, expected struct {struct.name} with {elements} element{plural}"
            )
        else:
            found[field.name] = field.default
    if len(value) > elements:
        raise ArgumentsError(f"invalid length {len(value)}, expected fewer elements in array")
    return found


def _field(value: Any, field: Field, style: ArgumentStyle) -> Any:
    return None if value is None and field.optional else from_value(value, field.type, style)


def _scalar(value: Any, type_: Scalar, style: ArgumentStyle) -> Any:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    match type_.kind:
        case "any":
            return value
        case "string" if isinstance(value, str):
            return value
        case "bool" if isinstance(value, bool):
            return value
        case "float" if numeric:
            return float(value)
        case "int" if numeric:
            if isinstance(value, int) and type_.holds(value):
                return value
            if style.floats_are_numbers:  # a number is kept as it is written, and is none of that type
                raise ArgumentsError("invalid number")
            if isinstance(value, int) and _I64_BEGIN <= value < _U64_END:
                raise ArgumentsError(f"invalid value: {described(value)}, expected {type_.expected}")
    raise _mismatch(value, type_.expected, style)


def _mismatch(value: Any, expected: str, style: ArgumentStyle) -> ArgumentsError:
    return ArgumentsError(f"invalid type: {_kind(value, style)}, expected {expected}")


def _kind(value: Any, style: ArgumentStyle) -> str:
    if isinstance(value, list | dict):
        return "sequence" if isinstance(value, list) else "map"
    if not isinstance(value, int | float) or isinstance(value, bool):
        return described(value)
    if style.floats_are_numbers:
        return "number"
    within = isinstance(value, float) or _I64_BEGIN <= value < _U64_END
    return described(value if within else float(value))
