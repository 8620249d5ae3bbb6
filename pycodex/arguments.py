"""A tool call's `arguments`: JSON text read into a fixed set of fields, with serde_json's messages.

The model reads these messages, so they are part of what codex-cli says on the wire:
``missing field `cmd` at line 1 column 16``, ``invalid type: integer `1`, expected a string at line 1 column
9``. The reader below goes over the text as serde_json does, because a message carries the place where that
reader stood: types are checked while the text is read, and a struct stops at its first error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pycodex.json_reader import ArgumentsError, ArgumentStyle, Reader, described
from pycodex.records import dataclass

__all__ = [
    "BOOL",
    "F64",
    "I32",
    "I64",
    "STRING",
    "STRINGS",
    "U64",
    "USIZE",
    "VALUE",
    "ArgumentStyle",
    "ArgumentsError",
    "Enum",
    "Field",
    "Judged",
    "ListOf",
    "Map",
    "Scalar",
    "Struct",
    "Type",
    "parse_arguments",
    "parse_value",
]


@dataclass(frozen=True)
class Scalar:
    """A leaf type. `expected` is how messages call it; `bits` and `signed` bound integers."""

    expected: str
    kind: str
    bits: int = 64
    signed: bool = True

    def holds(self, value: int) -> bool:
        """Whether an integer is in range."""
        low = -(1 << (self.bits - 1)) if self.signed else 0
        high = (1 << (self.bits - 1 if self.signed else self.bits)) - 1
        return low <= value <= high


STRING = Scalar("a string", "string")
BOOL = Scalar("a boolean", "bool")
U64 = Scalar("u64", "int", 64, False)
USIZE = Scalar("usize", "int", 64, False)
I64 = Scalar("i64", "int", 64, True)
I32 = Scalar("i32", "int", 32, True)
F64 = Scalar("f64", "float")
VALUE = Scalar("any valid JSON value", "any")
"""Any JSON value, kept as it is."""


@dataclass(frozen=True)
class ListOf:
    """A JSON array of one type."""

    item: Type


@dataclass(frozen=True)
class Map:
    """A JSON object with free keys and values of one type."""

    value: Type


@dataclass(frozen=True, kw_only=True)
class Enum:
    """A string out of `variants`; messages list them in this order."""

    name: str
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One field. `required`: absent is an error. `optional`: null is allowed and means None; else null is an
    error.

    An absent field that is not required gets `default`. `positional`: an array must reach this field, though
    an object may lack it.
    """

    name: str
    type: Type
    required: bool = False
    optional: bool = False
    default: Any = None
    positional: bool = False
    aliases: tuple[str, ...] = ()
    """Other names in an object."""


@dataclass(frozen=True, kw_only=True)
class Struct:
    """A struct by name and fields, in declaration order. `elements`: the count that messages about arrays
    print, when the struct of the binary has more fields than are modelled here.

    """

    name: str
    fields: tuple[Field, ...]
    deny_unknown: bool = False
    elements: int | None = None
    buffered: bool = False
    """Whether it is read as a whole before its fields are looked at: their errors then stand at its end."""
    check: Callable[[dict[str, Any]], str | None] | None = None
    """What is wrong with the fields together; the message of an error."""

    def field(self, name: str) -> Field | None:
        """The field of that name, or that has it as an alias."""
        return next((field for field in self.fields if name == field.name or name in field.aliases), None)


@dataclass(frozen=True)
class Judged:
    """Any JSON value that `problem` finds nothing wrong with; what it says is the message of the error."""

    problem: Callable[[Any], str | None]


Type = Scalar | ListOf | Map | Enum | Struct | Judged
STRINGS = ListOf(STRING)


def parse_arguments(raw: str, struct: Struct, style: ArgumentStyle) -> dict[str, Any]:
    """The fields of `struct` by name, all present (defaults filled in). Raises ArgumentsError in serde_json's
    wording."""
    value: dict[str, Any] = parse_value(raw, struct, style)
    return value


def parse_value(raw: str, type_: Type, style: ArgumentStyle) -> Any:
    """The whole of `raw` read as one value of that type. Raises ArgumentsError."""
    reader = Reader(raw, style)
    value = _read(reader, type_)
    reader.end()
    return value


def _read(reader: Reader, type_: Type) -> Any:
    match type_:
        case Struct():
            return _read_struct(reader, type_)
        case ListOf():
            return _read_list(reader, type_)
        case Map():
            return _read_map(reader, type_)
        case Enum():
            return _read_enum(reader, type_)
        case Scalar(kind="any"):
            return reader.value()
        case Judged():
            value = reader.value()
            if (problem := type_.problem(value)) is not None:
                raise reader.wrong(problem)
            return value
    return _read_scalar(reader, type_)


def _read_scalar(reader: Reader, type_: Scalar) -> Any:
    first = reader.peek_value()
    if type_.kind == "string" and first == '"':
        return reader.string()
    if type_.kind == "bool" and first in "tf":
        return reader.literal()
    if type_.kind in ("int", "float") and (first == "-" or first.isdigit()):
        number = reader.number()
        if type_.kind == "float":
            return float(number)
        if isinstance(number, float):
            raise reader.wrong(f"invalid type: {described(number)}, expected {type_.expected}")
        if not type_.holds(number):
            raise reader.wrong(f"invalid value: {described(number)}, expected {type_.expected}")
        return number
    raise _wrong_type(reader, type_.expected)


def _read_enum(reader: Reader, type_: Enum) -> str:
    first = reader.peek_value()
    if first == "{":
        return _read_enum_from_object(reader, type_)
    if first != '"':
        raise reader.wrong_here("expected value")
    value = reader.string()
    if value not in type_.variants:
        raise reader.wrong(_unknown("variant", value, type_.variants))
    return value


def _read_enum_from_object(reader: Reader, type_: Enum) -> str:
    """serde's other spelling of a variant: `{"variant": null}`."""
    reader.enter()
    if reader.peek_value() != '"':
        raise reader.wrong_here("expected value")
    value = reader.string()
    if value not in type_.variants:
        raise reader.wrong(_unknown("variant", value, type_.variants))
    reader.colon()
    if reader.peek_value() != "n":
        raise _wrong_type(reader, "unit")
    reader.literal()
    reader.leave()
    return value


def _read_list(reader: Reader, type_: ListOf) -> list[Any]:
    if reader.peek_value() != "[":
        raise _wrong_type(reader, "a sequence")
    values = []
    for _ in reader.array():
        values.append(_read(reader, type_.item))
    return values


def _read_map(reader: Reader, type_: Map) -> dict[str, Any]:
    if reader.peek_value() != "{":
        raise _wrong_type(reader, "a map")
    values = {}
    for key in reader.object():
        reader.colon()
        values[key] = _read(reader, type_.value)
    return values


def _read_struct(reader: Reader, struct: Struct) -> dict[str, Any]:
    first = reader.peek_value()
    if struct.buffered and first == "{":
        return _read_buffered(reader, struct)
    return _read_struct_directly(reader, struct)


def _read_buffered(reader: Reader, struct: Struct) -> dict[str, Any]:
    start = reader.mark()
    reader.value()
    end = reader.mark()
    reader.back_to(start)
    try:
        return _read_struct_directly(reader, struct)
    except ArgumentsError as error:
        reader.back_to(end)
        raise reader.wrong(str(error).rpartition(" at line ")[0]) from None


def _read_struct_directly(reader: Reader, struct: Struct) -> dict[str, Any]:
    first = reader.peek_value()
    if first == "[":
        return _read_struct_from_array(reader, struct)
    if first != "{":
        raise _wrong_type(reader, f"struct {struct.name}")
    values: dict[str, Any] = {}
    for key in reader.object():
        field = struct.field(key)
        if field is None:
            if struct.deny_unknown:
                raise reader.wrong_field(_unknown("field", key, tuple(field.name for field in struct.fields)))
            reader.colon()
            reader.skip()
            continue
        if field.name in values:
            raise reader.wrong_field(f"duplicate field `{field.name}`")
        reader.colon()
        values[field.name] = _read_field(reader, field)
    return _with_defaults(reader, struct, values)


def _read_field(reader: Reader, field: Field) -> Any:
    if field.optional and reader.peek_value() == "n":
        return reader.literal()
    return _read(reader, field.type)


def _with_defaults(reader: Reader, struct: Struct, values: dict[str, Any]) -> dict[str, Any]:
    for field in struct.fields:
        if field.name not in values:
            if field.required:
                raise reader.wrong(f"missing field `{field.name}`")
            values[field.name] = field.default
    if struct.check is not None and (problem := struct.check(values)) is not None:
        raise reader.wrong(problem)
    return values


def _read_struct_from_array(reader: Reader, struct: Struct) -> dict[str, Any]:
    elements = len(struct.fields) if struct.elements is None else struct.elements
    values: dict[str, Any] = {}
    remaining = list(struct.fields)
    for _ in reader.array(len(remaining)):
        field = remaining.pop(0)
        values[field.name] = _read_field(reader, field)
    needed = next((field for field in remaining if field.required or field.positional), None)
    if needed is not None:
        plural = "" if elements == 1 else "s"
        expected = f"struct {struct.name} with {elements} element{plural}"
        # Fields with a default are passed over: the length is said where the first one without is missing.
        raise reader.wrong(f"invalid length {struct.fields.index(needed)}, expected {expected}")
    return _with_defaults(reader, struct, values)


def _wrong_type(reader: Reader, expected: str) -> ArgumentsError:
    """The error for the value that comes next, which is not of the expected type."""
    first = reader.peek_value()
    if first == "[":
        return reader.wrong_here(f"invalid type: sequence, expected {expected}", consume=True)
    if first == "{":
        return reader.wrong_here(f"invalid type: map, expected {expected}", consume=True)
    return reader.wrong(f"invalid type: {reader.misfit()}, expected {expected}")


def _unknown(what: str, found: str, known: tuple[str, ...]) -> str:
    quoted = [f"`{name}`" for name in known]
    if not quoted:
        return f"unknown {what} `{found}`, there are no {what}s"
    if len(quoted) == 1:
        return f"unknown {what} `{found}`, expected {quoted[0]}"
    if len(quoted) == 2:
        return f"unknown {what} `{found}`, expected {quoted[0]} or {quoted[1]}"
    return f"unknown {what} `{found}`, expected one of {', '.join(quoted)}"
