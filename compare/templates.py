"""Texts with numeric slots: what is fixed, which numbers vary, and how far.

A slot that holds a duration gets room: how long something takes is the host's affair, so its range goes
from 0 to ten times what was seen or a fixed allowance, whichever is more. What was seen stays in the slot
as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compare.surfaces import Key

__all__ = ["Template", "is_duration_key", "make_template", "room", "widen"]

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SLOT = re.compile(r"\{(\d+)\}")
_ANY = re.compile(f"{_SLOT.pattern}|{_NUMBER.pattern}")
_BEFORE = re.compile(r"(?i)(wall[ _]time|duration(?:ms)?|elapsed|took|secs|seconds|nanos|[_ ]ms| in)\W*\Z")
_AFTER = re.compile(r"(?i)\A\W?(s|ms|secs?|seconds?|milliseconds)\b")
_DURATION_KEY = re.compile(r"(?i)duration|wall_time|elapsed|secs\Z|seconds\Z|nanos\Z|_ms\Z|millis")

_TIMES = 10
# unit -> what a duration may always take, in that unit: ten seconds
_ALLOWANCE = (("ms", 10_000), ("milli", 10_000), ("", 10))
_NANOS = 999_999_999


@dataclass(frozen=True, kw_only=True)
class Template:
    """The arguments of a `text` or `line` rule, and whether durations alone vary."""

    template: str
    slots: tuple[Mapping[str, Any], ...]
    durations: bool = False

    @property
    def args(self) -> dict[str, Any]:
        return {"template": self.template, "slots": [dict(slot) for slot in self.slots]}

    def numbers_in(self, text: str) -> list[str]:
        """What stands in the slots of a text that fits, as printed."""
        slotted = [match.group(1) is not None for match in _ANY.finditer(self.template)]
        return [number for number, is_slot in zip(_NUMBER.findall(text), slotted, strict=True) if is_slot]


def make_template(texts: Sequence[str], known: Mapping[str, Any] | None = None) -> Template | None:
    """The template that all texts fit, and `known` (arguments of a rule that they belong to) too; None if
    none does.

    The texts must be equal but for numbers, and hold nothing that looks like a slot.
    """
    fixed = _fixed(texts[0])
    if any(_fixed(text) != fixed or _SLOT.search(text) for text in texts):
        return None
    columns = [list(column) for column in zip(*(_NUMBER.findall(text) for text in texts), strict=True)]
    slots: dict[int, Mapping[str, Any]] = {}
    durations = True
    if known is not None:
        if _fixed(_SLOT.sub("0", known["template"])) != fixed:
            return None
        slots = _known_slots(known)
        for index, number in _known_numbers(known).items():
            columns[index].append(number)
    for index, column in enumerate(columns):
        if index in slots or len(set(column)) > 1:
            unit = _unit(fixed[index][-24:], fixed[index + 1][:24])
            durations &= unit is not None
            slots[index] = _slot(column, unit, slots.get(index))
    if not slots:
        return None
    numbers = {index: number for number, index in enumerate(sorted(slots))}
    words = [fixed[0]]
    for index, column in enumerate(columns):
        words += [f"{{{numbers[index]}}}" if index in numbers else column[0], fixed[index + 1]]
    return Template(template="".join(words), slots=tuple(slots[index] for index in sorted(slots)), durations=durations)


def widen(low: float, high: float, known: Mapping[str, Any] | None) -> tuple[float, float]:
    """The range that holds both what was seen now and what was seen before."""
    if known is None:
        return low, high
    return min(low, known["lo"]), max(high, known["hi"])


def room(high: float, unit: str) -> float:
    """The most that a duration may take: ten times what was seen, at least the allowance of its unit.

    Nanoseconds stand beside seconds and never say more than the part below one.
    """
    if "nanos" in unit:
        return max(high, _NANOS)
    return max(high * _TIMES, next(allowance for name, allowance in _ALLOWANCE if name in unit.lower()))


def is_duration_key(path: Sequence[Key]) -> str | None:
    """The key under which a number stands, where that key says that it is a duration."""
    key = next((key for key in reversed(path) if isinstance(key, str)), "")
    return key if _DURATION_KEY.search(key) else None


def _fixed(text: str) -> list[str]:
    return _NUMBER.split(text)


def _known_slots(known: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """Slots of an older template by the position of their number among all numbers of the text."""
    found = [match.group(1) for match in _ANY.finditer(known["template"])]
    return {index: known["slots"][int(slot)] for index, slot in enumerate(found) if slot is not None}


def _known_numbers(known: Mapping[str, Any]) -> dict[int, str]:
    """The numbers that an older template holds fixed, by the same position."""
    found = list(_ANY.finditer(known["template"]))
    return {index: match.group() for index, match in enumerate(found) if match.group(1) is None}


def _unit(before: str, after: str) -> str | None:
    """The words around a number that say that it is a duration; None where they do not."""
    return before + after if _BEFORE.search(before) or _AFTER.search(after) else None


def _slot(column: Sequence[str], unit: str | None, known: Mapping[str, Any] | None) -> dict[str, Any]:
    low, high = widen(*_range(column), _seen(known))
    decimals = {len(text.partition(".")[2]) for text in column}
    if known is not None:
        decimals.add(known["decimals"])
    slot: dict[str, Any] = {"lo": low, "hi": high, "decimals": decimals.pop() if len(decimals) == 1 else None}
    if unit is not None and slot["decimals"] == 1 and not any(text.endswith(".0") for text in column):
        slot["decimals"] = None  # tenths in their shortest form: a whole number has none
    if unit is not None:
        slot |= {"lo": 0, "hi": max(room(high, unit), known["hi"] if known else 0)}
    return {**slot, "seen": [low, high]}


def _seen(known: Mapping[str, Any] | None) -> dict[str, float] | None:
    if known is None:
        return None
    low, high = known.get("seen", (known["lo"], known["hi"]))
    return {"lo": low, "hi": high}


def _range(column: Sequence[str]) -> tuple[float, float]:
    values = [float(text) if "." in text else int(text) for text in column]
    return min(values), max(values)
