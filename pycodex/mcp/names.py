"""What the model calls a server's tools (captured: mcp/names, mcp/names_long).

0.115.0 has one flat name, `mcp__SERVER__TOOL` (`flat_names`); 0.169.0 a namespace `mcp__SERVER` and a name in it
(`spaced_names`). Characters that a name may not have become `_`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["Name", "Origin", "flat_names", "spaced_names"]

Origin = tuple[str, str]
"""A server and a tool, as the server calls it."""
Name = tuple[str | None, str]
"""A namespace, where there is one, and the name."""

_LONGEST_FLAT, _LONGEST = 64, 128
_BETWEEN = "__"
"""Counts between a namespace and a name."""
_HASH, _SHORT_HASH = 40, 12
_ODD = re.compile(r"[^A-Za-z0-9_]")


def _clean(text: str) -> str:
    return _ODD.sub("_", text)


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def flat_names(origins: Sequence[Origin]) -> dict[Origin, Name]:
    """A name that is too long ends in a hash of all of it; of several that come to the same the first is there."""
    found: dict[Origin, Name] = {}
    taken = set()
    for server, tool in origins:
        raw = f"mcp__{server}__{tool}"
        name = _clean(raw)
        if len(name) > _LONGEST_FLAT:
            name = name[: _LONGEST_FLAT - _HASH] + _digest(raw)
        if name not in taken:
            taken.add(name)
            found[server, tool] = None, name
    return found


def spaced_names(origins: Sequence[Origin]) -> dict[Origin, Name]:
    """Those that would be the same, and those that are too long, end in a hash of where they come from."""
    servers = list(dict.fromkeys(server for server, _ in origins))
    spaces = _apart([(server, _clean(f"mcp__{server}"), f"{server}\0{server}\0") for server in servers], _LONGEST)
    found: dict[Origin, Name] = {}
    for server, space in spaces.items():
        tools = [tool for each, tool in origins if each == server]
        source = f"{server}\0{server}\0"
        named = _apart(
            [(tool, _clean(tool) or "_", f"{source}\0{tool}\0{tool}") for tool in tools],
            _LONGEST - len(space) - len(_BETWEEN),
        )
        found.update({(server, tool): (space, named[tool]) for tool in tools})
    return found


def _apart(names: Sequence[tuple[str, str, str]], longest: int) -> dict[str, str]:
    """From (key, name, source) to names that differ and fit."""
    counts = Counter(name for _, name, _ in names)
    found = {}
    for key, name, source in names:
        fits = counts[name] == 1 and len(name) <= longest
        ending = "" if fits else f"_{_digest(source)[:_SHORT_HASH]}"
        found[key] = name[: longest - len(ending)] + ending
    return found
