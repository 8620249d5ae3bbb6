"""Skills: folders with a SKILL.md, found in the project and at home, listed to the model, and read out when named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pycodex.records import dataclass

__all__ = ["Skill", "Skills", "find_skills", "mentioned", "read_out"]

_FILE = "SKILL.md"
_DEPTH = 6
_KEY = re.compile(r"([A-Za-z_-]+):(?:[ \t]+(.*))?$")
_MENTION = re.compile(r"\$([A-Za-z0-9_:-]+)")


@dataclass(frozen=True, kw_only=True)
class Skill:
    """One skill. `root` is the folder below which it was found."""

    name: str
    description: str
    path: Path
    root: Path


@dataclass(frozen=True, kw_only=True)
class Skills:
    """What was found: `listed` in the order in which it is told (the project's first, then by name), the roots that
    hold any, and (path, problem) of files that could not be used."""

    listed: tuple[Skill, ...] = ()
    roots: tuple[Path, ...] = ()
    problems: tuple[tuple[Path, str], ...] = ()


def find_skills(folders: Sequence[Path], codex_home: Path, home: Path | None) -> Skills:
    """The skills of a project (`folders`: its root down to the working directory) and of the home folders.

    Order of the roots: `.codex` of the project, CODEX_HOME, `~/.agents`, `.agents` of the project
    (captures/upstream/0.169.0/direct/context/skills).
    """
    at_home = [codex_home / "skills", *([home / ".agents" / "skills"] if home else [])]
    project = {folder / name / "skills" for folder in folders for name in (".codex", ".agents")} - set(at_home)
    roots = [
        *(folder / ".codex" / "skills" for folder in reversed(folders)),
        *at_home,
        *(folder / ".agents" / "skills" for folder in folders),
    ]
    found: list[Skill] = []
    problems: list[tuple[Path, str]] = []
    for root in dict.fromkeys(roots):
        for path in _files(root, _DEPTH):
            try:
                found.append(_read(path, root))
            except (OSError, ValueError) as error:
                problems.append((path, str(error)))
    found.sort(key=lambda skill: (skill.root not in project, skill.name, skill.path))
    used = {skill.root for skill in found}
    return Skills(
        listed=tuple(found),
        roots=tuple(root for root in dict.fromkeys(roots) if root in used),
        problems=tuple(sorted(problems)),
    )


def mentioned(skills: Skills, text: str) -> list[Skill]:
    """The skills that the text names as `$name`, in the order of the list."""
    names = set(_MENTION.findall(text))
    return [skill for skill in skills.listed if skill.name in names]


def read_out(skill: Skill) -> str:
    """The whole file, as the model gets it."""
    text = skill.path.read_text(encoding="utf-8", errors="replace")
    return f"<skill>\n<name>{skill.name}</name>\n<path>{skill.path}</path>\n{text}\n</skill>"


def _files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.name == _FILE and entry.is_file():
            yield entry
        elif depth and entry.is_dir() and not entry.name.startswith("."):
            yield from _files(entry, depth - 1)


def _read(path: Path, root: Path) -> Skill:
    """Raises ValueError for a file without a head that can be used."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
        raise ValueError("missing YAML frontmatter delimited by ---")
    end = next(i for i, line in enumerate(lines[1:], 1) if line.strip() == "---")
    values = _head(lines[1:end])
    if not values.get("description"):
        raise ValueError("missing field `description`")
    return Skill(
        name=values.get("name") or path.parent.name,
        description=values["description"],
        path=path,
        root=root,
    )


def _head(lines: Sequence[str]) -> dict[str, str]:
    """The texts of a simple YAML mapping: plain, quoted, or over indented lines; what is nested is passed over.

    Line breaks inside a text become spaces, as in the list.
    """
    values: dict[str, str] = {}
    key = ""
    for line in lines:
        match = _KEY.match(line)
        if match is not None:
            key, value = match[1], (match[2] or "").strip()
            values[key] = "" if value in (">", "|", ">-", "|-") else _unquoted(value)
        elif key and line.startswith((" ", "\t")):
            values[key] = f"{values[key]} {line.strip()}".strip()
    return {name: " ".join(value.split()) for name, value in values.items()}


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value
