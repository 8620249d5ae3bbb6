"""The base prompt on the wire: as the catalog has it, or without the passages about a tool that is not offered."""

from __future__ import annotations

__all__ = ["as_it_is", "without_planning"]

_SECTIONS = ("## Planning", "## `update_plan`")
_BULLET = "- If you create a checklist or task list,"


def as_it_is(text: str) -> str:
    """The text itself."""
    return text


def without_planning(text: str) -> str:
    """The text without its sections on planning (each up to the next heading) and the bullet on checklists."""
    kept: list[str] = []
    skipping = False
    for line in text.splitlines(keepends=True):
        if line.startswith(("# ", "## ")):
            skipping = line.rstrip("\n") in _SECTIONS
        if not skipping and not line.startswith(_BULLET):
            kept.append(line)
    return "".join(kept)
