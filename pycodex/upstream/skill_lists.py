"""The list of skills as a version words it: whole paths, or paths below numbered roots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.skills import Skill

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["skills_below_roots", "skills_body", "skills_by_path"]

_USAGE = "### How to use skills\n"


def skills_by_path(settings: Settings) -> str | None:
    """Each skill by its whole path."""
    lines = [_line(skill, str(skill.path), settings.dialect.skills.listed_length) for skill in settings.skills.listed]
    return settings.data.text("skills.md").replace("{skills}", "\n".join(lines)) if lines else None


def skills_below_roots(settings: Settings) -> str | None:
    """Each skill by its path below a root; how to use them only for models that have to be told."""
    found = settings.skills
    if not found.listed:
        return None
    short = {root: f"r{number}" for number, root in enumerate(found.roots)}
    roots = "\n".join(f"- `{name}` = `{root}`" for root, name in short.items())
    lines = [
        _line(s, f"{short[s.root]}/{s.shown.relative_to(s.root)}", settings.dialect.skills.listed_length)
        for s in found.listed
    ]
    text = settings.data.text("skills.md")
    if not settings.model.get("include_skills_usage_instructions", True):
        text = text.partition(_USAGE)[0] + "</skills_instructions>"
    return text.replace("{roots}", roots).replace("{skills}", "\n".join(lines))


def skills_body(settings: Settings) -> str | None:
    """The list without its tags."""
    text = skills_below_roots(settings)
    return text and text.removeprefix("<skills_instructions>").removesuffix("</skills_instructions>")


def _line(skill: Skill, path: str, length: int | None) -> str:
    text = skill.description
    if length is not None and len(text) > length:
        text = text[: length - 3] + "..."
    return f"- {skill.name}: {text} (file: {path})"
