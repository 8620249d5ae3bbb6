"""What a message cites of the memories it draws on: a tag in its text that people are not shown.

The history keeps it. Captures: answers/citations.
"""

from __future__ import annotations

import re
from typing import Any

from pycodex.items import text_of
from pycodex.protocol import Item

__all__ = ["Hider", "citation_of", "shown", "shown_text"]

_OPEN, _CLOSE = "<oai-mem-citation>", "</oai-mem-citation>"
# A text: it is compiled when a message has a citation, which few have.
_CITATION = rf"(?s){_OPEN}(.*?)(?:{_CLOSE}|\Z)"
_LARGEST = (1 << 32) - 1


def shown(text: str) -> str:
    """The text without its citations."""
    return re.sub(_CITATION, "", text) if _OPEN in text else text


def shown_text(item: Item) -> str:
    """The text of a message without its citations."""
    return shown(text_of(item))


def citation_of(item: Item) -> dict[str, Any] | None:
    """What the citations of a message name: lines of files, and the threads those came from."""
    entries: list[dict[str, Any]] = []
    threads: dict[str, None] = {}
    text = text_of(item)
    for cited in re.findall(_CITATION, text) if _OPEN in text else ():
        entries += [entry for line in _lines(cited, "citation_entries") if (entry := _entry(line)) is not None]
        threads |= dict.fromkeys(_lines(cited, "rollout_ids") or _lines(cited, "thread_ids"))
    return {"entries": entries, "rolloutIds": list(threads)} if entries or threads else None


def _lines(cited: str, name: str) -> list[str]:
    """The lines of the first block of that name."""
    found = re.search(rf"(?s)<{name}>(.*?)</{name}>", cited)
    return [line.strip() for line in found[1].split("\n") if line.strip()] if found else []


def _entry(line: str) -> dict[str, Any] | None:
    """`path:first-last|note=[...]`"""
    place, _, note = line.rpartition("|note=[")
    path, _, lines = place.rpartition(":")
    numbers = re.fullmatch(r"\s*\+?([0-9]+)\s*-\s*\+?([0-9]+)\s*", lines)
    if numbers is None or not note.endswith("]") or max(map(int, numbers.groups())) > _LARGEST:
        return None
    return {
        "path": path.strip(),
        "lineStart": int(numbers[1]),
        "lineEnd": int(numbers[2]),
        "note": note[:-1].strip(),
    }


class Hider:
    """Leaves the citations out of a text that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def feed(self, piece: str) -> str:
        """What can be shown now; what may be the beginning of a tag waits."""
        if not self._held and not self._inside and "<" not in piece:
            return piece  # nearly every piece of nearly every answer
        text, shown = self._held + piece, ""
        while True:
            tag = _CLOSE if self._inside else _OPEN
            before, found, after = text.partition(tag)
            shown += "" if self._inside else before
            if not found:
                break
            self._inside, text = not self._inside, after
        held = next((n for n in range(min(len(tag) - 1, len(before)), 0, -1) if tag.startswith(before[-n:])), 0)
        self._held = before[len(before) - held :]
        return shown if self._inside or not held else shown[:-held]

    def rest(self) -> str:
        """What waited for a tag that did not come."""
        held, inside = self._held, self._inside
        self._held, self._inside = "", False
        return "" if inside else held
