"""Two trees side by side, in rows: aligned as the comparison aligned them, what it found marked in place."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from captures.recording import unpack_json
from compare.align import Pair, dump, same
from compare.difference import Comparison, Difference
from compare.html.texts import LONG, SharedTexts, TextRef
from compare.html.words import compare_words, fold
from compare.surfaces import Key, Path

__all__ = ["Row", "Sides", "Span"]

_SHORT = 100
_RUN = 160


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of a value: a text, or a reference to a shared one; `changed` where the other side has another."""

    text: str = ""
    ref: TextRef | None = None
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table. `state`: same, different, declared, noise, missing, added, or moved.

    `both` where one cell serves both sides: then `ours` has it. `number` is that of the difference which begins here.
    """

    depth: int
    label: str
    state: str = "same"
    ours: tuple[Span, ...] | None = None
    theirs: tuple[Span, ...] | None = None
    both: bool = True
    number: int | None = None
    title: str = ""

    @property
    def plain(self) -> str | None:
        """The text of a row that needs no marking up: one for both sides, and short."""
        if self.both and self.ours and len(self.ours) == 1 and self.ours[0].ref is None:
            return self.ours[0].text
        return None


class Sides:
    """The rows of any part of two trees; `declared`: text of a difference -> id of the row that declares it."""

    def __init__(self, comparison: Comparison, declared: Mapping[str, str | None], texts: SharedTexts) -> None:
        self.pairs = comparison.pairs
        self.differences = comparison.differences
        self.declared = declared
        self.texts = texts
        self._given: set[int] = set()

    def rows(self, ours: Any, theirs: Any, path: Path, *, label: str = "", depth: int = 0) -> list[Row]:
        """The rows for the values at `path`; a value that is the same on both sides stands there once."""
        if same(ours, theirs):
            return list(self.alike(ours, label, depth))
        ours, theirs = _unpacked(ours), _unpacked(theirs)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            inner = self._mapping(ours, theirs, path, depth + 1)
        elif isinstance(ours, list) and isinstance(theirs, list):
            if _is_header(ours) and _is_header(theirs) and path[-2:-1] == ("head",):
                return self._header(ours, theirs, path, depth)
            inner = self._sequence(ours, theirs, path, depth + 1)
        else:
            return [self._leaf(ours, theirs, path, label, depth)]
        order = [d for d in self._at(path) if d.path == path]
        head = Row(depth=depth, label=label)
        if order:
            said = (Span(text=order[0].text.partition(": ")[2]),)
            head = replace(head, state=self._state(order), ours=said, number=self._number(order), title=order[0].text)
        return [head, *inner] if label or order else inner

    def alike(self, value: Any, label: str, depth: int) -> Iterator[Row]:
        """The rows of a value that both sides have."""
        value = _unpacked(value)
        if isinstance(value, list) and _is_header(value):
            yield Row(depth=depth, label=str(value[0]), ours=self._value(_unpacked(value[1]), quoted=False))
        elif label == "tools" and isinstance(value, list) and len(dump(value)) > LONG:
            names = ", ".join(str(tool.get("name") or tool.get("type")) for tool in value if isinstance(tool, dict))
            ref = self.texts.put(json.dumps(value, ensure_ascii=False, indent=1), f"{len(value)} tools: {names}"[:300])
            yield Row(depth=depth, label=label, ours=(Span(ref=ref),))
        elif not isinstance(value, dict | list) or not value or len(dump(value)) <= _SHORT or _is_schema(value):
            yield Row(depth=depth, label=label, ours=self._value(value))
        elif isinstance(value, list) and all(map(_is_header, value)):
            yield Row(depth=depth, label=label)
            for header in value:
                yield from self.alike(header, "", depth + 1)
        elif isinstance(value, list):
            for index, member in enumerate(value):
                yield from self.alike(member, f"{label} {_one(index, member)}".strip(), depth)
        elif set(value) == {"type", "text"}:
            yield Row(depth=depth, label=label, ours=self._value(value["text"]))  # the label names the type
        else:
            yield from self._members(value, label, depth)

    def _members(self, value: Mapping[str, Any], label: str, depth: int) -> Iterator[Row]:
        """The members of an object in their order, short ones together; the first of these beside the label."""
        rows: list[Row] = []
        for short, group in itertools.groupby(value.items(), key=lambda pair: _is_short(pair[1])):
            if short:
                rows += _short_members(list(group), depth + 1)
            else:
                for name, member in group:
                    rows += self.alike(member, name, depth + 1)
        if label and rows and not rows[0].label:
            yield replace(rows.pop(0), depth=depth, label=label)
        elif label:
            yield Row(depth=depth, label=label)
        yield from rows

    def alone(self, value: Any, path: Path, label: str, depth: int, *, added: bool) -> Row:
        """The row of a value that one side lacks."""
        found = [d for d in self._at(path) if (d.kind == "added") == added]
        state = ("added" if added else "missing") if found else "noise"
        if found and self._state(found) == "declared":
            state = "declared"
        if path[-2:-1] == ("head",) and _is_header(value):
            label, value = str(value[0]), _plain(_unpacked(value[1]))
        spans = self._value(_unpacked(value))
        sides: dict[str, Any] = {"theirs": spans} if added else {"ours": spans}
        return Row(
            depth=depth,
            label=label,
            state=state,
            both=False,
            number=self._number(found),
            title=found[0].text if found else "",
            **sides,
        )

    def paired(self, ours: Sequence[Any], theirs: Sequence[Any], path: Path) -> Sequence[Pair]:
        """Which elements of two lists were held against each other."""
        if path in self.pairs:
            return self.pairs[path]
        count = range(max(len(ours), len(theirs)))
        return [Pair(expected=i if i < len(ours) else None, actual=i if i < len(theirs) else None) for i in count]

    def rest(self, ours: list[Any], theirs: list[Any], path: Path, depth: int, first: int) -> list[Row]:
        """The rows of two lists from the pair `first` on."""
        return self._sequence(ours, theirs, path, depth, first)

    def below(self, path: Path) -> list[Difference]:
        """The differences at `path` and below it."""
        return [d for d in self.differences if d.path[: len(path)] == path]

    def number_of(self, difference: Difference) -> int:
        """The number of a difference, from 1, as the findings are numbered too."""
        return next(i for i, one in enumerate(self.differences, 1) if one is difference)

    # containers that differ

    def _mapping(self, ours: dict[str, Any], theirs: dict[str, Any], path: Path, depth: int) -> list[Row]:
        rows: list[Row] = []
        for key, value in ours.items():
            if key in theirs:
                rows += self.rows(value, theirs[key], (*path, key), label=key, depth=depth)
            else:
                rows.append(self.alone(value, (*path, key), key, depth, added=False))
        for key, value in theirs.items():
            if key not in ours:
                rows.append(self.alone(value, (*path, key), key, depth, added=True))
        return rows

    def _sequence(self, ours: list[Any], theirs: list[Any], path: Path, depth: int, first: int = 0) -> list[Row]:
        rows: list[Row] = []
        for pair in self.paired(ours, theirs, path)[first:]:
            if pair.expected is None:
                assert pair.actual is not None
                value = theirs[pair.actual]
                rows.append(self.alone(value, (*path, pair.actual), _one(pair.actual, value), depth, added=True))
                continue
            here, value = (*path, pair.expected), ours[pair.expected]
            label = _one(pair.expected, value)
            if pair.actual is None:
                rows.append(self.alone(value, here, label, depth, added=False))
            else:
                if pair.moved:
                    rows.append(self._moved(here, label, depth))
                rows += self.rows(value, theirs[pair.actual], here, label=label, depth=depth)
        return rows

    def _moved(self, path: Path, label: str, depth: int) -> Row:
        found = [d for d in self._at(path) if d.kind == "moved"]
        text = found[0].text.partition(": ")[2] if found else "elsewhere"
        return Row(depth=depth, label=label, state="moved", ours=(Span(text=text),), number=self._number(found))

    # leaves that differ

    def _header(self, ours: list[Any], theirs: list[Any], path: Path, depth: int) -> list[Row]:
        values = _unpacked(ours[1]), _unpacked(theirs[1])
        if ours[0] == theirs[0] and all(isinstance(value, dict) for value in values):
            return self.rows(ours[1], theirs[1], (*path, 1), label=str(ours[0]), depth=depth)
        if ours[0] == theirs[0]:
            return [self._leaf(*values, (*path, 1), str(ours[0]), depth)]
        texts = [f"{header[0]}: {_plain(_unpacked(header[1]))}" for header in (ours, theirs)]
        return [self._leaf(texts[0], texts[1], path, "(name)", depth)]

    def _leaf(self, ours: Any, theirs: Any, path: Path, label: str, depth: int) -> Row:
        found = [d for d in self._at(path) if d.kind != "added"]
        left, right = self._spans(ours, theirs)
        return Row(
            depth=depth,
            label=label,
            state=self._state(found),
            ours=left,
            theirs=right,
            both=False,
            number=self._number(found),
            title=found[0].text if found else "as upstream differs from itself: an id's name, or learned noise",
        )

    def _spans(self, ours: Any, theirs: Any) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        if not isinstance(ours, str) or not isinstance(theirs, str):
            return self._value(ours), self._value(theirs)
        left: list[Span] = []
        right: list[Span] = []
        for piece in fold(compare_words(ours, theirs)):
            for side, text in ((left, piece.ours), (right, piece.theirs)):
                if piece.folded:
                    side.append(Span(ref=self.texts.put(text)))
                elif text:
                    side.append(Span(text=text, changed=not piece.equal))
        return tuple(left), tuple(right)

    def _value(self, value: Any, *, quoted: bool = True) -> tuple[Span, ...]:
        text = value if isinstance(value, str) else _pretty(value)
        if len(text) > LONG:
            return (Span(ref=self.texts.put(text)),)
        if isinstance(value, str) and quoted and _needs_quotes(value):
            text = dump(value)
        return (Span(text=text),)

    # what the comparison says

    def _at(self, path: Path) -> list[Difference]:
        """The differences at this place, or at one above or below it."""
        return [d for d in self.differences if d.path[: len(path)] == path or path[: len(d.path)] == d.path]

    def _state(self, found: Sequence[Difference]) -> str:
        if not found:
            return "noise"
        return "declared" if all(self.declared.get(d.text) for d in found) else "different"

    def _number(self, found: Sequence[Difference]) -> int | None:
        """The first time that a difference is shown, it gets its number, which is an anchor."""
        for difference in found:
            number = self.number_of(difference)
            if number not in self._given:
                self._given.add(number)
                return number
        return None


def _unpacked(value: Any) -> Any:
    return value["$json"] if isinstance(value, dict) and set(value) == {"$json"} else value


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else unpack_json({"$json": value})


def _pretty(value: Any) -> str:
    text = dump(value)
    return text if len(text) <= _SHORT else json.dumps(value, ensure_ascii=False, indent=1)


def _needs_quotes(text: str) -> bool:
    """A text that would be taken for something else, or for nothing, without quotes."""
    if text != text.strip() or not text or text[0] in '"{[':
        return "\n" not in text
    if not text.isprintable() and "\n" not in text:
        return True
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _is_header(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _is_short(value: Any) -> bool:
    return not isinstance(_unpacked(value), dict | list) and len(dump(value)) <= _SHORT


def _is_schema(value: Any) -> bool:
    """A tool: its schema is read as a whole."""
    return isinstance(value, dict) and ("parameters" in value or value.get("type") in ("custom", "namespace"))


def _short_members(members: Sequence[tuple[Key, Any]], depth: int) -> Iterator[Row]:
    """Short members of an object on as few lines as they fit on, in their order."""
    line = ""
    for name, value in members:
        word = f"{name}: {dump(_unpacked(value))}"
        if line and len(line) + len(word) > _RUN:
            yield Row(depth=depth, label="", ours=(Span(text=line),))
            line = ""
        line = f"{line}   {word}" if line else word
    if line:
        yield Row(depth=depth, label="", ours=(Span(text=line),))


def _one(index: int, value: Any) -> str:
    """An element of a list: its number and what it calls itself."""
    value = _unpacked(value)
    if not isinstance(value, dict):
        return str(index + 1)
    words = [value[key] for key in ("type", "role", "name", "call_id") if isinstance(value.get(key), str)]
    return " ".join([str(index + 1), *words[:2]])[:60]
