"""The base prompt on the wire: as the catalog has it, or without the passages about a tool that is not offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.catalog import template
from pycodex.upstream.toolset import facts

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["as_it_is", "in_personality", "without_personality", "without_planning"]

_SECTIONS = ("## Planning", "## `update_plan`")
_PLACE = "{{ personality }}"
_USUAL = "pragmatic"
_BULLET = "- If you create a checklist or task list,"


def as_it_is(text: str, settings: Settings) -> str:
    """The text itself."""
    return text


def without_planning(text: str, settings: Settings) -> str:
    """The text without its sections on planning (each up to the next heading) and the bullet on checklists.

    With a catalog from a file no text is touched (capture: config/model_catalog), nor where planning is offered.
    """
    if settings.catalog is not None or "update_plan" in facts(settings):
        return text
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
    model, chosen = settings.model, settings.config.personality
    off = "personality" not in settings.features
    if isinstance(model.get("base_instructions"), str):
        return _of_row(model.row, None if off else chosen or _USUAL)
    name = f"base_instructions.{model.get('slug')}.{'off' if off else chosen}.md"
    return settings.data.text(name) if settings.data.has_text(name) else model.base_instructions


def _of_row(row: Mapping[str, Any], personality: str | None) -> str:
    """The prompt of a row with texts of its own: the template with that personality, or the plain one (None)."""
    text = template(row)
    if text is None or personality is None:
        return str(row["base_instructions"])
    passages = row["model_messages"].get("instructions_variables") or {}
    return text.replace(_PLACE, passages.get(f"personality_{personality}") or "")


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
