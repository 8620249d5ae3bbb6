"""The first line of a program may say how long to wait for it and how much of its output to show."""

from __future__ import annotations

import json
import re

from pycodex.arguments import U64, USIZE, VALUE, ArgumentsError, ArgumentStyle, Type, parse_value
from pycodex.records import dataclass
from pycodex.tools.base_tool import ToolError

__all__ = ["Program", "read_program"]

_LINE = re.compile(r"[ \t]*//[ \t]*@exec:([^\r\n]*)(?:\r?\n|$)")
_FIELDS: dict[str, Type] = {"yield_time_ms": U64, "max_output_tokens": USIZE}
_NAMED = " and ".join(f"`{name}`" for name in _FIELDS)
_LARGEST = (1 << 53) - 1
"""What a number of JavaScript can count to."""

_EMPTY = (
    "exec expects raw JavaScript source text (non-empty). Provide JS only, optionally with first-line "
    '`// @exec: {"yield_time_ms": 10000, "max_output_tokens": 1000}`.'
)


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program as it runs, and what its first line says."""

    source: str
    yield_time_ms: int | None = None
    max_output_tokens: int | None = None


def read_program(text: str, style: ArgumentStyle, *, numbers_named: bool = False) -> Program:
    """The program of a call; `numbers_named`: whether it is told of a wrong number which one. Raises ToolError in
    codex-cli's words (captured: code_mode/pragma)."""
    if not text.strip():
        raise ToolError(_EMPTY)
    if (found := _LINE.match(text)) is None:
        return Program(source=text)
    source = text[found.end() :]
    if not source.strip():
        raise ToolError("exec pragma must be followed by JavaScript source on subsequent lines")
    said = _fields(found[1].strip(), style, numbers_named=numbers_named)
    return Program(source=source, **said)


def _fields(told: str, style: ArgumentStyle, *, numbers_named: bool) -> dict[str, int | None]:
    if not told:
        raise ToolError(f"exec pragma must be a JSON object with supported fields {_NAMED}")
    try:
        json.loads(told)
    except ValueError:
        raise ToolError(
            f"exec pragma must be valid JSON with supported fields {_NAMED}: {_fault(told, style)}"
        ) from None
    values = json.loads(told)
    if not isinstance(values, dict):
        raise ToolError(f"exec pragma must be a JSON object with supported fields {_NAMED}")
    for name in values:
        if name not in _FIELDS:
            raise ToolError(f"exec pragma only supports {_NAMED}; got `{name}`")
    for name in _FIELDS:
        _check(values.get(name), _FIELDS[name], style, numbers_named=numbers_named)
    for name in _FIELDS:
        if (values.get(name) or 0) > _LARGEST:
            raise ToolError(f"exec pragma field `{name}` must be a non-negative safe integer")
    return {name: values.get(name) for name in _FIELDS}


def _check(value: object, type_: Type, style: ArgumentStyle, *, numbers_named: bool) -> None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    why = (
        "invalid number"
        if number and not numbers_named
        else _fault(json.dumps(value), style, type_).partition(" at line")[0]
    )
    raise ToolError(f"exec pragma fields {_NAMED} must be non-negative safe integers: {why}")


def _fault(told: str, style: ArgumentStyle, type_: Type = VALUE) -> str:
    try:
        parse_value(told, type_, style)
    except ArgumentsError as error:
        return str(error)
    return "invalid value"
