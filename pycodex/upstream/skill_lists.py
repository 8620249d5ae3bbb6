"""The list of skills as a version words it: whole paths, or paths below numbered roots."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.config_layers import walk_keys
from pycodex.skills import Skill
from pycodex.truncation import BYTES_PER_TOKEN

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["skills_below_roots", "skills_body", "skills_by_path", "unlisted_skills"]

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
    roots = "\n".join(f"- `{name}` = `{root}`" for root, name in _short_roots(settings).items())
    lines = _fitting(_short_paths(settings), settings)
    if not lines:
        return _for_model(settings.data.text("skills_without_room.md"), settings)
    text = _for_model(settings.data.text("skills.md"), settings)
    return text.replace("{roots}", roots).replace("{skills}", "\n".join(lines))


def _for_model(text: str, settings: Settings) -> str:
    if settings.model.get("include_skills_usage_instructions", True):
        return text
    return text.partition(_USAGE)[0] + "</skills_instructions>"


def unlisted_skills(settings: Settings) -> int:
    """How many skills the list has no room for."""
    lines = [_line(skill, path, 0) for skill, path in _short_paths(settings)]
    return len(lines) - len(_first_that_fit(lines, _budget(settings)))


def skills_body(settings: Settings) -> str | None:
    """The list without its tags."""
    text = skills_below_roots(settings)
    return text and text.removeprefix("<skills_instructions>").removesuffix("</skills_instructions>")


def _short_roots(settings: Settings) -> dict[Path, str]:
    return {root: f"r{number}" for number, root in enumerate(settings.skills.roots)}


def _short_paths(settings: Settings) -> list[tuple[Skill, str]]:
    short = _short_roots(settings)
    return [(s, f"{short[s.root]}/{s.shown.relative_to(s.root)}") for s in settings.skills.listed]


def _fitting(skills: Sequence[tuple[Skill, str]], settings: Settings) -> list[str]:
    """A line for each skill and its path, none over the budget: descriptions grow by a character in turn while there
    is room for them; where there is none even for bare lines, those that fit (captured: context/skills_many,
    context/skills_switches)."""
    length = settings.dialect.skills.listed_length
    limit = _budget(settings)
    whole = [_line(skill, path, length) for skill, path in skills]
    if sum(map(_cost, whole)) <= limit:
        return whole
    bare = [_line(skill, path, 0) for skill, path in skills]
    left = limit - sum(map(_cost, bare))
    if left < 0:
        return _first_that_fit(bare, limit)
    texts = [_cut(skill.description, length) for skill, _ in skills]
    sizes = [len(line.encode()) + 2 for line in bare]  # a space before the description, a line feed at the end
    taken, costs = [0] * len(texts), [_cost(line) for line in bare]
    growing = True
    while growing:
        growing = False
        for number, text in enumerate(texts):
            if taken[number] == len(text):
                continue
            size = sizes[number] + len(text[taken[number]].encode())
            more = -(-size // BYTES_PER_TOKEN) - costs[number]
            if more <= left:
                left -= more
                costs[number] += more
                sizes[number] = size
                taken[number] += 1
                growing = True
    return [_line(skill, path, length, count) for (skill, path), count in zip(skills, taken, strict=True)]


def _first_that_fit(lines: Sequence[str], limit: float) -> list[str]:
    kept = []
    for line in lines:
        if _cost(line) <= limit:
            limit -= _cost(line)
            kept.append(line)
    return kept


def _budget(settings: Settings) -> float:
    """Tokens that the lines may take: as configured, else of the model's window."""
    configured = walk_keys(settings.config.raw, "skills").get("max_context_tokens")
    window = settings.model.window(settings.config.model_context_window)
    percent = settings.dialect.skills.window_percent
    if configured is not None:
        return int(configured)
    return inf if window is None or percent is None else max(int(window) * percent // 100, 1)


def _cost(line: str) -> int:
    """The tokens of a line and its end."""
    return -(-(len(line.encode()) + 1) // BYTES_PER_TOKEN)


def _line(skill: Skill, path: str, length: int | None, count: int | None = None) -> str:
    text = "" if length == 0 else _cut(skill.description, length)[:count]
    return f"- {skill.name}: {text} (file: {path})" if text else f"- {skill.name}: (file: {path})"


def _cut(text: str, length: int | None) -> str:
    return text if length is None or len(text) <= length else text[: length - 3] + "..."
