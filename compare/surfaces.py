"""The twelve surfaces: every place of a recording belongs to exactly one.

The partition is a table, first match wins, and its last row takes what no other row names: `surface_of` is
total. Only the items of a request's input need a look at the item itself, because upstream keeps
instructions, tools and tool outputs there too (0.169.0 has no `instructions` key: its base prompt is the
first developer message).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "ANY",
    "REQUEST_SURFACES",
    "SURFACES",
    "Key",
    "Path",
    "Tree",
    "is_structural",
    "look_up",
    "surface_of",
]

Key = str | int
Path = tuple[Key, ...]
Tree = Mapping[str, Any]

SURFACES = (
    "head",
    "body",
    "instructions",
    "input",
    "tools",
    "tool_output",
    "traffic",
    "stdout",
    "stderr",
    "exit",
    "files",
    "rollout",
)

REQUEST_SURFACES = SURFACES[:6]
"""The surfaces that only a request can show: with no request sent there is nothing to be identical."""

ANY = "*"
_BY_ITEM = "(by item)"

_TABLE: tuple[tuple[Path, str], ...] = (
    (("requests", ANY, "head"), "head"),
    (("requests", ANY, "body", "instructions"), "instructions"),
    (("requests", ANY, "body", "tools"), "tools"),
    (("requests", ANY, "body", "input", ANY), _BY_ITEM),
    (("requests", ANY, "body", "input"), "input"),
    (("requests", ANY, "body"), "body"),
    (("requests", ANY, "json"), "body"),
    (("requests",), "traffic"),
    (("responses",), "traffic"),
    (("runs", ANY, "stdout"), "stdout"),
    (("runs", ANY, "stderr"), "stderr"),
    (("runs",), "exit"),
    (("files",), "files"),
    (("home",), "files"),
    (("rollouts",), "rollout"),
    ((), "traffic"),
)

# Dicts that the harness makes: their key order says nothing about the agent.
_STRUCTURAL: tuple[Path, ...] = (
    (),
    ("requests", ANY),
    ("responses", ANY),
    ("runs", ANY),
    ("files",),
    ("files", ANY),
    ("home",),
    ("home", ANY),
    ("rollouts", ANY),
)


def surface_of(path: Path, tree: Tree) -> str:
    """The one surface that `path` of `tree` belongs to; it may name a leaf, a container or an absent key."""
    surface = next(surface for pattern, surface in _TABLE if _starts_with(path, pattern))
    if surface != _BY_ITEM:
        return surface
    body = look_up(tree, path[:3])
    return _item_surface(body, path[4])


def is_structural(path: Path) -> bool:
    """True for a dict made by the harness, whose key order is not compared."""
    return len(path) < 3 and any(len(path) == len(pattern) and _starts_with(path, pattern) for pattern in _STRUCTURAL)


def look_up(tree: Any, path: Sequence[Key], default: Any = None) -> Any:
    """The value at `path`, or `default` where there is none."""
    value = tree
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return default
    return value


def _starts_with(path: Path, pattern: Path) -> bool:
    return len(path) >= len(pattern) and all(want in (ANY, key) for key, want in zip(path, pattern, strict=False))


def _item_surface(body: Any, index: Key) -> str:
    items = look_up(body, ("input",))
    item = look_up(items, (index,))
    kind = look_up(item, ("type",), "")
    if kind == "additional_tools":
        return "tools"
    if isinstance(kind, str) and kind.endswith("_output"):
        return "tool_output"
    if not isinstance(body, dict) or "previous_response_id" in body:
        return "input"  # what only adds to an earlier request does not open with the base prompt
    if "instructions" not in body and index == _first_developer_message(items):
        return "instructions"
    return "input"


def _first_developer_message(items: Any) -> int | None:
    if not isinstance(items, list):
        return None
    return next((i for i, item in enumerate(items) if _is_developer_message(item)), None)


def _is_developer_message(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "message" and item.get("role") == "developer"
