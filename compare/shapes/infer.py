"""Values -> a JSON Schema. Pure.

A schema accepts every value it was made of. What it promises beyond that needs evidence, counted in recordings:

- a key is required, and an unknown key refused, where objects of that place come from FEW recordings or more;
- a kind of object (its `type`) that was never seen is refused where the place comes from MANY recordings or more;
- a text is one of a few words where each of them comes from ENOUGH recordings, there are at most WORDS of them, and
  they are plain words;
- a text has a form (an id of a version, a prefix) where all texts of FEW recordings or more have it;
- objects whose keys are not names (paths, say), or more than KEYS of them, are maps: only their values have a shape.

What OPAQUE names is only known by its JSON type: a tool's schema, and what the model writes; so is what a shape is told
to hold opaque besides (of items, what the server gave them).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ENOUGH", "FEW", "FORMS", "KEYS", "MANY", "OPAQUE", "WORDS", "Shape"]

FEW, ENOUGH, MANY = 3, 10, 30
WORDS = 6
KEYS = 40
OPAQUE = frozenset({"parameters", "schema", "arguments", "definition", "query"})

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-%s[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
FORMS: Mapping[str, str] = {
    **{f"UUID of version {n}": rf"^{_UUID % n}$" for n in (4, 5, 7)},
    "UUID of version 7 and a number": rf"^{_UUID % 7}:\d+$",
    "id with a prefix": r"^[a-z]+_.+$",
    "SHA-1": r"^[0-9a-f]{40}$",
    "data URL": r"^data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+$",
}
"""Forms that a text may have, the first that fits all."""

_NAME = re.compile(r"[A-Za-z_$][\w.$-]*")
_WORD = re.compile(r"[A-Za-z0-9_./-]{1,40}")
_PREFIX = re.compile(r"[a-z]+_")
_DISTINCT = 60  # texts of a place that are remembered; more is no choice of words


@dataclass(kw_only=True)
class _Object:
    """The objects of one `type` at a place."""

    recordings: set[int] = field(default_factory=set)
    count: int = 0
    keys: dict[str, Shape] = field(default_factory=dict)
    present: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True)
class Shape:
    """What was seen at one place."""

    recordings: set[int] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    texts: dict[str, set[int]] = field(default_factory=dict)
    free: bool = False
    forms: set[str] = field(default_factory=lambda: set(FORMS))
    objects: dict[str, _Object] = field(default_factory=dict)
    items: Shape | None = None
    inside: Shape | None = None
    plain: bool = False
    opaque: bool = False
    unread: frozenset[str] = OPAQUE
    """Keys whose values are opaque, here and below."""

    def add(self, value: Any, recording: int) -> None:
        """One more value, and the recording that has it."""
        self.recordings.add(recording)
        self.kinds.add(_kind(value))
        if isinstance(value, str):
            self._add_text(value, recording)
        elif self.opaque:
            return
        elif isinstance(value, Mapping):
            self._add_object(value, recording)
        elif isinstance(value, list):
            self.items = self.items or Shape(unread=self.unread)
            for item in value:
                self.items.add(item, recording)

    def _add_text(self, text: str, recording: int) -> None:
        packed = None if self.opaque else _unpacked(text)
        if packed is None:
            self.plain = True
        else:
            self.inside = self.inside or Shape(unread=self.unread)
            self.inside.add(packed, recording)
        self.forms = {form for form in self.forms if re.match(FORMS[form], text)}
        if self.free:
            return
        self.texts.setdefault(text, set()).add(recording)
        if len(self.texts) > _DISTINCT:
            self.free, self.texts = True, {}

    def _add_object(self, value: Mapping[str, Any], recording: int) -> None:
        kind = value.get("type")
        tag = kind if isinstance(kind, str) and _WORD.fullmatch(kind) else ""
        one = self.objects.setdefault(tag, _Object())
        one.recordings.add(recording)
        one.count += 1
        for key, inner in value.items():
            one.present[key] += 1
            fresh = Shape(opaque=key in self.unread, unread=self.unread)
            one.keys.setdefault(key, fresh).add(inner, recording)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the place."""
        kinds = sorted(self.kinds - ({"integer"} if "number" in self.kinds else set()))
        out: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds} if kinds else {}
        if self.opaque:
            return out
        if "string" in self.kinds:
            out |= self._text_schema()
        if self.objects:
            out |= _objects_schema(self.objects, len(self.recordings))
        if self.items is not None and self.items.kinds:
            out["items"] = self.items.schema()
        return out

    def _text_schema(self) -> dict[str, Any]:
        if self.inside is not None and not self.plain:
            return {"contentMediaType": "application/json", "contentSchema": self.inside.schema()}
        strong = all(len(seen) >= ENOUGH and _WORD.fullmatch(text) for text, seen in self.texts.items())
        if strong and not self.free and 0 < len(self.texts) <= WORDS and self.kinds <= {"string", "null"}:
            return {"enum": [*sorted(self.texts), *([None] if "null" in self.kinds else [])]}
        form = next((name for name in FORMS if name in self.forms), None)
        if form is None or len(self.recordings) < FEW:
            return {}
        if form != "id with a prefix":
            return {"pattern": FORMS[form], "description": form}
        prefixes = {match.group() for text in self.texts if (match := _PREFIX.match(text))}
        return {"pattern": f"^{prefixes.pop()}"} if len(prefixes) == 1 and not self.free else {}


def _objects_schema(objects: Mapping[str, _Object], recordings: int) -> dict[str, Any]:
    if set(objects) == {""}:
        return _object_schema(objects[""])
    kinds = sorted(tag for tag in objects if tag)
    known: dict[str, Any] = {"enum": kinds} if recordings >= MANY else {"type": "string"}
    out: dict[str, Any] = {} if "" in objects else {"required": ["type"], "properties": {"type": known}}
    out["allOf"] = [
        {
            "if": {"required": ["type"], "properties": {"type": {"const": tag}}},
            "then": _object_schema(objects[tag], {"type": {"const": tag}}),
        }
        for tag in kinds
    ]
    return out


def _object_schema(one: _Object, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    if len(one.keys) > KEYS or not all(_NAME.fullmatch(key) for key in one.keys):
        return {"additionalProperties": _merged(one.keys.values()).schema()}
    out: dict[str, Any] = {"properties": {key: shape.schema() for key, shape in sorted(one.keys.items())}}
    out["properties"] |= known or {}
    if len(one.recordings) >= FEW:
        if required := sorted(key for key, count in one.present.items() if count == one.count):
            out["required"] = required
        out["additionalProperties"] = False
    return out


def _merged(shapes: Iterable[Shape]) -> Shape:
    """One shape for all values of a map; of texts only the type is kept."""
    given = list(shapes)
    out = Shape(free=True, plain=True, forms=set(), opaque=any(shape.opaque for shape in given))
    for shape in given:
        out.recordings |= shape.recordings
        out.kinds |= shape.kinds
        for tag, one in shape.objects.items():
            into = out.objects.setdefault(tag, _Object())
            into.recordings |= one.recordings
            into.count += one.count
            into.present += one.present
            for key, inner in one.keys.items():
                into.keys[key] = _merged([into.keys[key], inner]) if key in into.keys else inner
        if shape.items is not None:
            out.items = shape.items if out.items is None else _merged([out.items, shape.items])
    return out


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _unpacked(text: str) -> Any:
    """The object or list that a text is the JSON of, else None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
