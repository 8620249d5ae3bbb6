"""What the composer offers while something is entered: commands, files after an @, places for pasted images."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from pycodex.repl.commands import COMMANDS

__all__ = ["Words", "file_word", "find_files", "image_place", "pasted_image"]

_FILE = re.compile(r"(?:^|\s)@(\S+)$")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_LOOKED_AT = 20_000
_OFFERED = 8


class Words(Completer):
    """Completes `/command` at the beginning, and `@part` anywhere to the path of a file below the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        before = document.text_before_cursor
        if (part := file_word(before)) is not None:
            for path in find_files(self._folder, part):
                yield Completion(path, start_position=-len(part) - 1)
        elif before.startswith("/") and complete_event.completion_requested:
            for name in COMMANDS:
                if f"/{name}".startswith(before):
                    yield Completion(f"/{name}", start_position=-len(before))


def file_word(before: str) -> str | None:
    """The beginning of a file's name that was entered last, after its @."""
    found = _FILE.search(before)
    return None if found is None else found.group(1)


def find_files(folder: Path, part: str) -> list[str]:
    """Files with all letters of the part in their path, in order; those with the whole part first, short ones first."""
    letters = re.compile(".*?".join(map(re.escape, part)), re.IGNORECASE)
    found: list[tuple[bool, int, str]] = []
    for looked, path in enumerate(_paths(folder)):
        if looked >= _LOOKED_AT:
            break
        if letters.search(path):
            found.append((part.lower() not in path.lower(), len(path), path))
    return [path for _, _, path in sorted(found)[:_OFFERED]]


def _paths(folder: Path) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            yield os.path.relpath(os.path.join(where, name), folder)


def image_place(number: int) -> str:
    """What stands in the text for an image."""
    return f"[Image #{number}]"


def pasted_image(text: str, folder: Path) -> str | None:
    """The path of an image, if that is what was pasted: as it is, quoted, with escapes, or as a URL. It is
    told to the model as it was given (captured: interactive/image_pasted)."""
    words = text.strip()
    if not words or "\n" in words:
        return None
    plain = unquote(words.removeprefix("file://")) if words.startswith("file://") else words
    plain = plain.strip("'\"") if plain[:1] in "'\"" else re.sub(r"\\(.)", r"\1", plain)
    path = folder / plain
    return plain if path.suffix.lower() in _IMAGES and path.is_file() else None
