"""Which call a fragment of `tool_calls` belongs to. Pure.

Chat streams number calls by `index` and name each once, with its id. Backends also leave the index out, give 0 to each,
repeat id and name with each fragment, split the name, or give whole calls without an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.responses_server.arguments import as_text, is_whole

__all__ = ["Call", "Calls"]


class Call:
    """A call as far as it came."""

    def __init__(self) -> None:
        self.id: str | None = None
        self.name = ""
        self._pieces: list[str] = []

    @property
    def arguments(self) -> str:
        """As far as they came."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    @property
    def silent(self) -> bool:
        """Whether no arguments came yet."""
        return not self._pieces

    def take(self, fragment: Mapping[str, Any]) -> str:
        """Add a fragment; the arguments that it brings."""
        identity, name, arguments = _read(fragment)
        if identity and self.id is None:
            self.id = identity
        if name and self.silent:
            # Split, repeated, or longer each time.
            self.name = name if name.startswith(self.name) else self.name + name
        if arguments is not None and not isinstance(arguments, str):
            if not self.silent:
                return ""  # the object of what was streamed already
            arguments = as_text(arguments)
        if arguments:
            self._pieces.append(arguments)
        return arguments or ""

    @property
    def whole(self) -> bool:
        """Whether its arguments are complete."""
        return is_whole(self.arguments)


class Calls:
    """The calls of one answer, in the order in which they began."""

    def __init__(self) -> None:
        self.all: list[Call] = []
        self._by_index: dict[int, Call] = {}

    def of(self, fragment: Mapping[str, Any]) -> tuple[Call, bool]:
        """The call of a fragment, and whether the fragment begins it."""
        index = fragment.get("index")
        place = index if isinstance(index, int) and not isinstance(index, bool) else None
        identity, name, _ = _read(fragment)
        known = self._by_index.get(place) if place is not None else self._unnumbered(identity)
        if known is not None and not _begins(known, identity, name, numbered=place is not None):
            return known, False
        call = Call()
        self.all.append(call)
        if place is not None:
            self._by_index[place] = call
        return call, True

    def _unnumbered(self, identity: str | None) -> Call | None:
        if identity is not None:
            return next((call for call in reversed(self.all) if call.id == identity), None)
        return self.all[-1] if self.all else None


def _begins(known: Call, identity: str | None, name: str | None, *, numbered: bool) -> bool:
    """Whether a fragment begins a call of its own where another stands."""
    if identity is not None and known.id is not None:
        return identity != known.id or (not numbered and bool(name) and known.whole)
    if identity is not None:  # the one that stands has none
        return bool(known.name) and bool(name) and known.whole
    if not name:
        return False
    if known.whole:
        return True
    return not numbered and bool(known.name) and name != known.name and not known.name.startswith(name)


def _read(fragment: Mapping[str, Any]) -> tuple[str | None, str | None, Any]:
    function = fragment.get("function")
    function = function if isinstance(function, Mapping) else fragment
    identity, name = fragment.get("id"), function.get("name")
    return (
        identity if isinstance(identity, str) and identity else None,
        name if isinstance(name, str) and name else None,
        function.get("arguments"),
    )
