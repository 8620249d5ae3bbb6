"""The list of skills: how it is shortened to the tokens that it may take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pycodex.settings import Settings
from pycodex.upstream.skill_lists import skills_below_roots, unlisted_skills
from tests.pycodex.sessions import settings_in

Make = Callable[..., Settings]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(tokens: int | None, *descriptions: str) -> Settings:
        for number, text in enumerate(descriptions):
            folder = tmp_path / f"home/skills/s{number}"
            folder.mkdir(parents=True)
            (folder / "SKILL.md").write_text(f"---\nname: s{number}\ndescription: {text}\n---\n")
        overrides = () if tokens is None else (f"skills.max_context_tokens={tokens}",)
        return settings_in(tmp_path, overrides=overrides)

    return made


def listed(settings: Settings) -> list[str]:
    text = skills_below_roots(settings) or ""
    return [line for line in text.splitlines() if line.startswith("- s")]


def test_what_fits_is_whole(make: Make) -> None:
    assert listed(make(None, "x" * 1000, "y")) == [
        f"- s0: {'x' * 1000} (file: r0/s0/SKILL.md)",
        "- s1: y (file: r0/s1/SKILL.md)",
    ]


def test_descriptions_grow_in_turn_while_there_is_room(make: Make) -> None:
    # A bare line takes 8 tokens (28 bytes and a line feed), which leaves room for a space and two characters.
    settings = make(24, "x" * 100, "yy", "z" * 100)
    assert [line.partition(" (")[0] for line in listed(settings)] == ["- s0: xx", "- s1: yy", "- s2: zz"]
    assert unlisted_skills(settings) == 0


def test_a_token_more_is_four_characters_of_the_first(make: Make) -> None:
    settings = make(25, "x" * 100, "yy", "z" * 100)
    assert [line.partition(" (")[0] for line in listed(settings)] == ["- s0: xxxxxx", "- s1: yy", "- s2: zz"]


def test_without_room_for_bare_lines_the_rest_is_left_out(make: Make) -> None:
    settings = make(17, "x", "y", "z")
    assert listed(settings) == ["- s0: (file: r0/s0/SKILL.md)", "- s1: (file: r0/s1/SKILL.md)"]
    assert unlisted_skills(settings) == 1


def test_the_list_may_be_empty(make: Make) -> None:
    settings = make(3, "x")
    assert "### Available skills\n" in (skills_below_roots(settings) or "")
    assert listed(settings) == []
