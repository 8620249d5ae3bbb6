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


def test_links_to_folders_are_followed_once_and_links_to_files_not(tmp_path: Path) -> None:
    elsewhere = lay(tmp_path / "elsewhere", "brew", "---\ndescription: B\n---\n")
    lay(tmp_path / "skills", "own", "---\ndescription: O\n---\n")
    (tmp_path / "skills" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "skills" / "loop").symlink_to(tmp_path / "skills")
    (tmp_path / "skills" / "file").mkdir()
    (tmp_path / "skills" / "file" / "SKILL.md").symlink_to(elsewhere)
    (tmp_path / "skills" / "gone").symlink_to(tmp_path / "nowhere")
    old, new = (find_skills([], tmp_path, None, style) for style in (OLD, NEW))
    assert [(skill.name, skill.path, skill.shown) for skill in new.listed] == [
        ("brew", elsewhere, tmp_path / "skills/link/brew/SKILL.md"),
        ("own", tmp_path / "skills/own/SKILL.md", tmp_path / "skills/own/SKILL.md"),
    ]
    assert (old.broken_links, new.broken_links) == ((tmp_path / "skills/gone",), ())


def test_bundled_skills_are_listed_where_the_version_lists_them(tmp_path: Path) -> None:
    lay(tmp_path / "skills", "own", "---\ndescription: O\n---\n")
    lay(tmp_path / "skills/.system", "brought", "---\ndescription: B\n---\n")
    lay(tmp_path / "skills/.system", "broken", "none\n")
    orders = [[s.name for s in find_skills([], tmp_path, None, style).listed] for style in (OLD, NEW)]
    assert orders == [["own", "brought"], ["brought", "own"]]
    without = find_skills([], tmp_path, None, NEW, bundled=False)
    assert ([s.name for s in without.listed], without.problems) == (["own"], ())


def test_a_name_that_several_have_needs_the_path(tmp_path: Path) -> None:
    first = lay(tmp_path / "skills", "a", "---\nname: brew\ndescription: A\n---\n")
    lay(tmp_path / "skills", "b", "---\nname: brew\ndescription: B\n---\n")
    found = find_skills([], tmp_path, None, NEW)
    assert mentioned(found, "use $brew") == []
    assert [skill.path for skill in mentioned(found, f"use [$brew]({first})")] == [first]


def test_a_colon_in_a_text_is_repaired_or_refused(tmp_path: Path) -> None:
    lay(tmp_path / "skills", "a", "---\ndescription: use it: it's good\n---\n")
    assert [s.description for s in find_skills([], tmp_path, None, NEW).listed] == ["use it: it's good"]
    ((_, problem),) = find_skills([], tmp_path, None, OLD).problems
    assert problem == "invalid YAML: mapping values are not allowed in this context at line 1 column 20"


def test_skills_are_switched_by_path_or_name_and_the_last_row_counts(tmp_path: Path) -> None:
    paths = {name: lay(tmp_path / "skills", name, f"---\nname: {name}\ndescription: D\n---\n") for name in "abc"}
    rows = [
        {"path": str(paths["a"]), "enabled": False},
        {"name": "b", "enabled": False},
        {"name": "c", "enabled": False},
        {"name": "c", "enabled": True},
        {"path": str(paths["c"].parent), "enabled": False},
    ]
    found = find_skills([], tmp_path, None, NEW, switches=rows)
    assert [skill.name for skill in found.listed] == ["c"]
    assert [skill.name for skill in mentioned(found, "$a $b $c")] == ["c"]
