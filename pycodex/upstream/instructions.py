"""The base prompt on the wire: as the catalog has it, or without the passages about a tool that is not offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["as_it_is", "in_personality", "without_personality", "without_planning"]

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


def in_personality(settings: Settings) -> str:
    """The model's prompt; where it has a passage for the configured personality, with that one (captured)."""
    name = f"base_instructions.{settings.model.slug}.{settings.config.personality}.md"
    return settings.data.text(name) if settings.data.has_text(name) else settings.model.base_instructions


def without_personality(settings: Settings) -> str:
    """The model's prompt; without its section on personality when the configuration wants none."""
    text = settings.model.base_instructions
    if settings.config.personality != "none":
        return text
    head, found, tail = text.partition("# Personality\n")
    rest = tail.find("\n# ")
    if not found or rest < 0 or head.endswith("#"):
        return text
    return head + tail[rest + 1 :]
