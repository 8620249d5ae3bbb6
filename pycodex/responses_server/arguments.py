"""Arguments of a call as a chat model writes them: JSON that arrives in pieces cut anywhere. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from pycodex.responses_server.tools import INPUT

__all__ = ["InputReader", "as_text", "is_whole"]

_OPENING = re.compile(rf'\s*\{{\s*"{INPUT}"\s*:\s*"')
_PIECES = re.compile(
    r'(?:[^"\\]+|\\["\\/bfnrt]'
    r"|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})+"
)
"""As much of a JSON string as can be read for itself: whole escapes, whole surrogate pairs."""
_LONGEST_OPENING, _LONGEST_ESCAPE = 200, 12


def as_text(arguments: Any) -> str:
    """Arguments as text; some backends give the object itself."""
    if arguments is None:
        return ""
    if isinstance(arguments, str):
        return arguments
    return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))


def is_whole(arguments: str) -> bool:
    """Whether nothing can follow: the text is a complete JSON object."""
    if not arguments.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(arguments, strict=False), dict)
    except ValueError:
        return False


class InputReader:
    """The text of a custom tool out of `{"input": "..."}`, as it comes."""

    def __init__(self) -> None:
        self._all: list[str] = []
        self._rest = ""
        self._opened = self._closed = False
        self._said: list[str] = []

    def feed(self, text: str) -> str:
        """The part of the input that `text` brings."""
        self._all.append(text)
        if self._closed:
            return ""
        self._rest += text
        if not self._opened:
            opening = _OPENING.match(self._rest)
            if opening is None:
                self._closed = len(self._rest) > _LONGEST_OPENING
                return ""
            self._opened, self._rest = True, self._rest[opening.end() :]
        found = _PIECES.match(self._rest)
        piece: str = json.loads(f'"{found[0]}"', strict=False) if found else ""
        self._rest = self._rest[found.end() :] if found else self._rest
        # The end of the string, or an escape that is none: the rest is looked at when all is there.
        self._closed = self._rest.startswith('"') or len(self._rest) > _LONGEST_ESCAPE
        self._said.append(piece)
        return piece

    def end(self) -> tuple[str, str]:
        """The whole input, and what of it `feed` has not given.

        Models do not always keep to the one string `input`: another only string is taken for it, and what is no
        such object is taken as it is. Nothing of what a model wrote is lost.
        """
        said = "".join(self._said)
        raw = "".join(self._all)
        whole = _input(raw)
        if self._opened and (whole is None or not whole.startswith(said)):
            whole = said  # cut off, or something follows that is no JSON
        if whole is None:
            whole = raw
        return whole, whole[len(said) :]


def _input(raw: str) -> str | None:
    try:
        value = json.loads(raw, strict=False, object_pairs_hook=_first)
    except ValueError:
        return None
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return None
    if isinstance(value.get(INPUT), str):
        return str(value[INPUT])
    texts = [text for text in value.values() if isinstance(text, str)]
    return texts[0] if len(value) == len(texts) == 1 else None


def _first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which the first of two equal keys counts: it was given out when it came."""
    return dict(reversed(pairs))
