"""Finding skills: order, heads that cannot be used, mentions."""

from __future__ import annotations

from pathlib import Path

from pycodex.skills import find_skills, mentioned, read_out
from pycodex.upstream import load_dialect

OLD, NEW = (load_dialect(version).skills for version in ("0.115.0", "0.169.0"))


def lay(folder: Path, name: str, head: str) -> Path:
    path = folder / name / "SKILL.md"
    path.parent.mkdir(parents=True)
    path.write_text(head)
    return path


def test_the_projects_come_first_then_names(tmp_path: Path) -> None:
    project, codex, home = tmp_path / "ws", tmp_path / "home/.codex", tmp_path / "home"
    lay(project / ".agents/skills", "plough", "---\nname: plough\ndescription: P\n---\n")
    lay(codex / "skills", "brew", "---\nname: brew\ndescription: B\n---\n")
    lay(codex / "skills", "a/b", "---\ndescription: 'It''s' \n---\n")
    found = find_skills([project], codex, home, NEW)
    assert [(skill.name, skill.description) for skill in found.listed] == [
        ("plough", "P"),
        ("b", "It's"),
        ("brew", "B"),
    ]
    assert found.roots == (codex / "skills", project / ".agents/skills")


def test_files_without_a_head_are_problems(tmp_path: Path) -> None:
    bare = lay(tmp_path / "skills", "bare", "text\n")
    nameless = lay(tmp_path / "skills", "nameless", "---\nname: x\n---\n")
    lay(tmp_path / "skills", ".hidden", "---\ndescription: no\n---\n")
    found = find_skills([], tmp_path, None, NEW)
    assert found.listed == ()
    assert found.problems == (
        (bare, "missing YAML frontmatter delimited by ---"),
        (nameless, "missing field `description`"),
    )


def test_a_named_skill_is_read_out(tmp_path: Path) -> None:
    path = lay(tmp_path / "skills", "brew", "---\nname: brew\ndescription: >\n  two\n  lines\n---\nbody\n")
    found = find_skills([], tmp_path, None, NEW)
    assert found.listed[0].description == "two lines"
    assert mentioned(found, "use $brewery") == []
    assert [read_out(skill) for skill in mentioned(found, "use $brew, please")] == [
        f"<skill>\n<name>brew</name>\n<path>{path}</path>\n{path.read_text()}\n</skill>"
    ]
