"""The JSON of one event, read as upstream's decoder reads it: an event of which a known field is not what it should be
is no event, and what stands in a field of no name is hardly looked at.

Captured: answers/event_fields.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pycodex.json_reader import MAX_DEPTH
from pycodex.records import dataclass

__all__ = ["EventFields", "read_event"]

_I64 = 1 << 63
_LARGEST = 1.7976931348623157e308


@dataclass(frozen=True, kw_only=True)
class EventFields:
    """The fields of an event that a binary knows, by what they may hold beside null."""

    texts: tuple[str, ...]
    integers: tuple[str, ...]
    values: tuple[str, ...]
    """Any value; it must be text that UTF-8 can hold, and not nested too deep."""
    bounded: bool
    """Whether a number in a value must fit a float."""


def read_event(data: str, fields: EventFields) -> dict[str, Any] | None:
    """The event that `data` is; None where upstream passes over it."""
    event = _parse(data)
    if event is None or event.get("type").__class__ is not str:
        return None
    get = event.get
    for name in fields.texts:
        text = get(name)
        if text is not None and (text.__class__ is not str or not _is_text(text, data)):
            return None
    for name in fields.integers:
        number = get(name)
        if number is not None and (number.__class__ is not int or not -_I64 <= number < _I64):
            return None
    for name in fields.values:
        value = get(name)
        if value is not None and not _is_sound(value, data, fields.bounded, MAX_DEPTH - 1):
            return None
    return event


def _parse(data: str) -> dict[str, Any] | None:
    try:
        # Deltas are most of a stream: the scanner alone takes half the time of `loads`.
        event, end = _scan(data, 0)
        if end != len(data):
            event = _DECODER.decode(data)
    except (StopIteration, ValueError):
        try:
            event = _PATIENT.decode(data)  # blanks before it, or an integer that is longer than Python likes
        except (ValueError, RecursionError):
            return None
    except RecursionError:
        return None
    return event if event.__class__ is dict else None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int | float:
    return float(digits) if len(digits) > 400 else int(digits)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
_PATIENT = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer)
_scan = _DECODER.scan_once  # type: ignore[attr-defined]


def _is_text(text: str, data: str) -> bool:
    """Whether there is no half of a surrogate pair in it: only an escape can be one."""
    if "\\u" not in data:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_sound(value: Any, data: str, bounded: bool, depth: int) -> bool:
    if value.__class__ is str:
        return _is_text(value, data)
    if value.__class__ in (int, float):
        return not bounded or -_LARGEST <= value <= _LARGEST
    if value.__class__ is dict:
        if not all(_is_text(key, data) for key in value):
            return False
        parts = list(value.values())
    elif value.__class__ is list:
        parts = value
    else:
        return True
    return depth > 0 and all(_is_sound(part, data, bounded, depth - 1) for part in parts)
