"""The small form of a recording: long texts and tool schemas once, by content; a request as what it adds.

References are one-key objects that no wire object uses: `{"$text": name}`, `{"$tool": name}`,
`{"$as_request": n}` (this value is the one request n has under the same key) and, for a list that grew,
`{"$as_request": n, "first": k, "then": [...]}`. `expand_*` is the exact inverse of `shrink_*`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["TextStore", "expand_lines", "expand_requests", "shrink_lines", "shrink_requests"]

LONG = 400
"""Texts of at least this many characters are stored by content."""


class TextStore:
    """Texts and tool schemas by content: `<name>.<hash>.md` and `<tool>.<hash>.json`, shared by all versions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._new: dict[str, str] = {}
        self._read: dict[str, str] = {}

    @cached_property
    def _by_digest(self) -> dict[str, str]:
        there = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return {path.name.partition(".")[2]: path.name for path in there}

    def put(self, name: str, text: str, suffix: str) -> str:
        """The file name for this content: that of the file which has it already, else a new one under `name`."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        known = self._by_digest.setdefault(f"{digest}.{suffix}", f"{name}.{digest}.{suffix}")
        self._new[known] = text
        return known

    def get(self, file: str) -> str:
        if file not in self._read:
            path = self.folder / file
            try:
                self._read[file] = path.read_bytes().decode()
            except OSError as error:
                raise ValueError(f"{path}: {error.strerror}; a recording refers to it") from None
        return self._read[file]

    def save(self) -> None:
        """Writes what was put; a file of that name has that content already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for file, text in self._new.items():
            if not (self.folder / file).exists():
                (self.folder / file).write_bytes(text.encode())


def shrink_requests(requests: Sequence[dict[str, Any]], store: TextStore) -> list[dict[str, Any]]:
    """Requests with bodies relative to the request before and long values by content."""
    small = []
    for number, request in enumerate(requests):
        body = request["body"]
        base = requests[number - 1]["body"] if number else None
        if isinstance(body, dict):
            base = base if isinstance(base, dict) else {}
            body = {key: _shrink_member(key, value, base, number, store) for key, value in body.items()}
        small.append({**request, "body": body})
    return small


def expand_requests(small: Sequence[dict[str, Any]], store: TextStore) -> list[dict[str, Any]]:
    """The inverse of `shrink_requests`."""
    requests: list[dict[str, Any]] = []
    for request in small:
        body = request["body"]
        if isinstance(body, dict):
            body = {key: _expand_member(key, value, requests, store) for key, value in body.items()}
        requests.append({**request, "body": body})
    return requests


def shrink_lines(lines: Sequence[Any], store: TextStore) -> list[Any]:
    """Lines of a JSON-lines file with long texts by content; a line that is plain text stays as it is."""
    return [line if isinstance(line, str) else _shrink(line, store, "text") for line in lines]


def expand_lines(lines: Sequence[Any], store: TextStore) -> list[Any]:
    """The inverse of `shrink_lines`."""
    return [line if isinstance(line, str) else _expand(line, store) for line in lines]


def _shrink_member(key: str, value: Any, base: dict[str, Any], number: int, store: TextStore) -> Any:
    if isinstance(value, dict | list) and value and base.get(key) == value and _same_order(base[key], value):
        return {"$as_request": number}
    if isinstance(value, list) and isinstance(base.get(key), list):
        known = base[key]
        first = 0
        while first < min(len(known), len(value)) and known[first] == value[first]:
            if not _same_order(known[first], value[first]):
                break
            first += 1
        if first:
            then = [_shrink(item, store, key) for item in value[first:]]
            return {"$as_request": number, "first": first, "then": then}
    if key == "tools" and isinstance(value, list):
        return [_shrink_tool(tool, store) for tool in value]
    return _shrink(value, store, key)


def _expand_member(key: str, value: Any, before: Sequence[dict[str, Any]], store: TextStore) -> Any:
    if isinstance(value, dict) and "$as_request" in value:
        known = before[value["$as_request"] - 1]["body"][key]
        if "then" not in value:
            return known
        return [*known[: value["first"]], *(_expand(item, store) for item in value["then"])]
    return _expand(value, store)


def _shrink_tool(tool: Any, store: TextStore) -> Any:
    if not isinstance(tool, dict) or len(json.dumps(tool)) < LONG:
        return tool
    name = _slug(str(tool.get("name") or tool.get("type") or "tool"))
    return {"$tool": store.put(name, json.dumps(tool, ensure_ascii=False, indent=1) + "\n", "json")}


def _shrink(value: Any, store: TextStore, name: str) -> Any:
    if isinstance(value, str):
        return {"$text": store.put(_text_name(value, name), value, "md")} if len(value) >= LONG else value
    if isinstance(value, dict):
        if value.get("type") == "additional_tools" and isinstance(value.get("tools"), list):
            return {k: [_shrink_tool(t, store) for t in v] if k == "tools" else v for k, v in value.items()}
        return {k: _shrink(v, store, k if k not in ("text", "$json") else name) for k, v in value.items()}
    if isinstance(value, list):
        return [_shrink(item, store, name) for item in value]
    return value


def _expand(value: Any, store: TextStore) -> Any:
    if isinstance(value, dict):
        if len(value) == 1:
            if "$text" in value:
                return store.get(value["$text"])
            if "$tool" in value:
                return json.loads(store.get(value["$tool"]))
        return {k: _expand(v, store) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(item, store) for item in value]
    return value


def _text_name(text: str, default: str) -> str:
    """A readable stem: the tag or heading that the text opens with, else the key it stood under or its first words."""
    match = re.match(r"\s*<([a-z_ ]{3,40})>|# ([A-Za-z. ]{3,40})", text)
    if match:
        return _slug(match.group(1) or match.group(2))
    return _slug(default if default not in ("content", "text") else " ".join(text.split()[:5]))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40] or "text"


def _same_order(a: Any, b: Any) -> bool:
    """Equal values whose dicts also list their keys in the same order (JSON key order is part of a recording)."""
    if isinstance(a, dict):
        return list(a) == list(b) and all(_same_order(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return all(_same_order(x, y) for x, y in zip(a, b, strict=True))
    return True
