"""Differences in words: where, and what differs, on one line that a person understands.

Long values are clipped for reading and carry a hash of the whole; the comparison never sees the clipped form.
"""

from __future__ import annotations

import hashlib
from typing import Any

from compare.align import dump
from compare.surfaces import Path, Tree, look_up

__all__ = ["machine_path", "show", "text_difference", "where"]

_WIDTH = 80
_CONTEXT = 24
_SHORT = 240


def where(path: Path, tree: Tree, last: Any = None) -> str:
    """The place in words: `request 2, input 3 (function_call_output call_1), output`.

    `last` is the value at `path`, which `tree` does not have where it was added.
    """
    section = path[0] if path else "recording"
    if len(path) < 2:
        return str(section)
    if section in ("files", "home"):
        return _file(path)
    parts = [_SECTIONS.get(str(section), str(section)) + _number(path[1])]
    rest, at = path[2:], path[:2]
    if section == "requests" and rest[:1] == ("body",) and len(rest) > 1:
        rest, at = rest[1:], (*at, "body")
    words: list[str] = []
    for number, key in enumerate(rest, 1):
        at = (*at, key)
        if key == "$json":
            continue
        if rest[0] == "head" and number == 3:
            continue  # name or value of a header: the header itself is named already
        if isinstance(key, int):
            element = last if number == len(rest) and last is not None else look_up(tree, at)
            parts.append(_element(".".join(words), key, at, element))
            words = []
        else:
            words.append(key)
    if words:
        parts.append(".".join(words))
    return ", ".join(parts)


def machine_path(path: Path, tree: Tree) -> str:
    """The path with `/`, headers by name, no `$json`: what the globs of `compare/declared` match."""
    words: list[str] = []
    for number, key in enumerate(path):
        if key == "$json":
            continue
        if number == 3 and path[0] == "requests" and path[2] == "head":
            words.append(str(look_up(tree, (*path[:4], 0), key)))
        elif number == 4 and path[0] == "requests" and path[2] == "head":
            continue
        else:
            words.append(str(key))
    return "/".join(words)


def show(value: Any) -> str:
    """A value for reading, clipped and hashed when it is long."""
    if isinstance(value, dict) and "$json" in value:
        value = value["$json"]
    text = value if isinstance(value, str) else dump(value)
    if len(text) <= _WIDTH:
        return dump(text) if isinstance(value, str) else text
    clipped = text[:_WIDTH]
    return f"{dump(clipped)[:-1] if isinstance(value, str) else clipped}… ({_measure(text)})"


def text_difference(expected: str, actual: str) -> tuple[str, str]:
    """`(where in the text, what)`: the first stretch that differs, and its line if there are several."""
    if "\n" not in expected and len(expected) <= _WIDTH and "\n" not in actual and len(actual) <= _WIDTH:
        return "", f"upstream {dump(expected)}, got {dump(actual)}"
    at = _common_prefix(expected, actual)
    line = expected.count("\n", 0, at) + 1
    start = expected.rfind("\n", 0, at) + 1
    ours, theirs = _stretch(expected, start, at), _stretch(actual, start, at)
    several = "\n" in expected or "\n" in actual
    long = max(len(expected), len(actual)) > _SHORT
    hashes = f" (whole: upstream {_measure(expected)}, got {_measure(actual)})" if long else ""
    return f"line {line}" if several else "", f"upstream {ours}, got {theirs}{hashes}"


_SECTIONS = {"requests": "request", "responses": "response", "runs": "run", "rollouts": "rollout"}
_LABELS = ("type", "call_id", "name", "role", "id")
_ONES = {
    "head": "header",
    "stdout": "stdout line",
    "stderr": "stderr line",
    "lines": "line",
    "tools": "tool",
    "events": "event",
}


def _file(path: Path) -> str:
    words = f"{'file' if path[0] == 'files' else 'home file'} {path[1]}"
    return ", ".join([words, *(str(key) for key in path[2:])])


def _number(key: Any) -> str:
    return f" {key + 1}" if isinstance(key, int) else f" {key}"


def _element(words: str, index: int, path: Path, element: Any) -> str:
    """One element of a list: `input 3 (function_call_output call_1)`, `header 7 (session_id)`."""
    holder, _, last = words.rpartition(".")
    name = f"{_ONES.get(last, last)} {index + 1}".strip()
    label = _label(element)
    return f"{holder + '.' if holder else ''}{name}{f' ({label})' if label else ''}"


def _label(element: Any) -> str:
    if isinstance(element, list) and element and isinstance(element[0], str):
        return element[0]
    if isinstance(element, dict) and "$json" in element:
        element = element["$json"]
    if not isinstance(element, dict):
        return ""
    if element.get("type") == "message" and isinstance(element.get("role"), str):
        return f"{element['role']} message"
    inner = element.get("payload")
    words = [element[key] for key in _LABELS if isinstance(element.get(key), str)]
    if isinstance(inner, dict) and isinstance(inner.get("type"), str):
        words = [*words[:1], inner["type"]]
    return " ".join(words[:2])[:_WIDTH]


def _stretch(text: str, start: int, at: int) -> str:
    """The line that holds `at`, or the part of it around `at`."""
    if at >= len(text):
        return "the end"
    stop = text.find("\n", at)
    stop = len(text) if stop < 0 else stop
    first = start if at - start <= _CONTEXT else at - _CONTEXT
    last = min(stop, at + _WIDTH - _CONTEXT)
    quoted = dump(text[first : last + (1 if at == stop else 0)])
    return f"{'…' if first > start else ''}{quoted}{'…' if last < stop else ''}"


def _common_prefix(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _measure(text: str) -> str:
    return f"{len(text)} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()[:8]}"
