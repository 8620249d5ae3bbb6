"""The base prompt on the wire: as the catalog has it, or without the passages about a tool that is not offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.upstream.toolset import facts

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["as_it_is", "in_personality", "personality", "personality_words", "without_personality", "without_planning"]

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
    """The model's prompt; where it has a place for a personality, with the configured one (captured)."""
    row, data = settings.model.row, settings.data
    text = data.resolved((row.get("model_messages") or {}).get("instructions_template"))
    if not isinstance(text, str) or "personality" not in settings.features:
        return str(data.resolved(row["base_instructions"]))
    return text.replace(_PLACE, personality_words(settings) or "")


def personality_words(settings: Settings) -> str | None:
    """What the model is told of the configured personality; None where its row has no words for it, or another base
    prompt stands in place of the row's."""
    if settings.custom_instructions is not None:
        return None
    passages = (settings.model.get("model_messages") or {}).get("instructions_variables") or {}
    words = settings.data.resolved(passages.get(f"personality_{personality(settings)}"))
    return words or None


def personality(settings: Settings) -> str | None:
    """The configured personality, also with the feature off, or the usual one (captured: config/personality_off)."""
    return settings.config.personality or (_USUAL if "personality" in settings.features else None)


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
