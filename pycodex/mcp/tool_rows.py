"""The tools of a server's list, as codex-cli's reader of MCP takes them: one that is none makes the whole list none
(captured: mcp/odd_tools)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["is_tool"]

_Check = Callable[[Any], bool]


def is_tool(row: Any, *, execution: bool) -> bool:
    """Whether it is one; `execution`: whether that version looks at the field of that name."""
    return _TOOL(row) and (not execution or _maybe(_EXECUTION)(row.get("execution")))


def _maybe(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


def _is(*kinds: type) -> _Check:
    return lambda value: isinstance(value, kinds)


def _each(check: _Check) -> _Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _record(needed: Mapping[str, _Check], others: Mapping[str, _Check]) -> _Check:
    checks = {**needed, **{name: _maybe(check) for name, check in others.items()}}
    return lambda value: isinstance(value, Mapping) and all(check(value.get(name)) for name, check in checks.items())


_TEXT, _FLAG, _MAP = _is(str), _is(bool), _is(Mapping)
_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
_ANNOTATIONS = _record({}, {"title": _TEXT, **dict.fromkeys(_HINTS, _FLAG)})
_ICON = _record({"src": _TEXT}, {"mimeType": _TEXT})
_EXECUTION = _record({}, {})
_TOOL = _record(
    {"name": _TEXT, "inputSchema": _MAP},
    {
        "title": _TEXT,
        "description": _TEXT,
        "outputSchema": _MAP,
        "annotations": _ANNOTATIONS,
        "icons": _each(_ICON),
        "_meta": _MAP,
    },
)
