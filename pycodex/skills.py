"""Skills: folders with a SKILL.md, found in the project and at home, listed to the model, and read out when named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pycodex.records import dataclass, replace
from pycodex.skill_heads import HeadError, Node, read_mapping, text_of

__all__ = ["Skill", "SkillStyle", "Skills", "find_skills", "mentioned", "read_out"]

_FILE = "SKILL.md"
_DEPTH = 6
_FOLDERS = 2000
_NAME_LENGTH = 64
_TEXT_LENGTH = 1024
_MENTION = re.compile(r"\$([A-Za-z0-9_:-]+)")
_LINK = re.compile(r"\[\$([A-Za-z0-9_:-]+)\]\(\s*(?:skill://)?([^)]*?)\s*\)")
_UNQUOTED = re.compile(r"([A-Za-z0-9_-]+:\s+)([^\s'\"|>].*: .*)$")
_MISSING = "missing YAML frontmatter delimited by ---"

# Where a skill was found: the project, the home folders, the version's own folder.
_PROJECT, _HOME, _BUNDLED = range(3)


@dataclass(frozen=True, kw_only=True)
class SkillStyle:
    """How a version reads skills."""

    long_texts: bool
    """Whether a long description is taken."""
    listed_length: int | None
    """A longer description is cut to this in the list."""
    window_percent: int | None
    """How much of the model's window the list may take, in hundredths; None: all that it needs."""
    unlisted: str
    """The warning of skills for which there is no room; may use {count} {skills}."""
    repairs: bool
    """Whether a plain text with a colon inside is read as if it were quoted."""
    bundled_first: bool
    """Whether the list begins with the bundled ones."""
    not_utf8: str
    """May use {problem}."""
    broken_link: tuple[str, str] | None
    """Target and text of the log line for a link to nothing; may use {path}."""


@dataclass(frozen=True, kw_only=True)
class Skill:
    """One skill. `root` is the folder below which it was found, `shown` its file as it was come upon."""

    name: str
    description: str
    path: Path
    root: Path
    shown: Path
    place: int = _HOME
    implicit: bool = True
    """Whether the model may use it by its own choice."""


@dataclass(frozen=True, kw_only=True)
class Skills:
    """What was found: `known` (the project's first, then by name), `listed` in the order in which it is told, the roots
    that hold any, (path, problem) of files that could not be used, and links that lead nowhere."""

    known: tuple[Skill, ...] = ()
    listed: tuple[Skill, ...] = ()
    roots: tuple[Path, ...] = ()
    problems: tuple[tuple[Path, str], ...] = ()
    broken_links: tuple[Path, ...] = ()


def find_skills(
    folders: Sequence[Path],
    codex_home: Path,
    home: Path | None,
    style: SkillStyle,
    *,
    bundled: bool = True,
    switches: Sequence[Mapping[str, Any]] = (),
) -> Skills:
    """The skills of a project (`folders`: its root down to the working directory) and of the home folders.

    Order of the roots: `.codex` of the project, CODEX_HOME, `~/.agents`, what codex-cli brings itself, `.agents` of the
    project (captures/upstream/0.169.0/direct/context/skills_scopes). `switches` are rows of `[[skills.config]]`.
    """
    at_home = [codex_home / "skills", *([home / ".agents" / "skills"] if home else [])]
    roots: list[tuple[Path, int]] = [
        *((folder / ".codex" / "skills", _PROJECT) for folder in reversed(folders)),
        *((path, _HOME) for path in at_home),
        *([(codex_home / "skills" / ".system", _BUNDLED)] if bundled else []),
        *((folder / ".agents" / "skills", _PROJECT) for folder in folders),
    ]
    places: dict[Path, int] = {}
    for path, place in roots:
        places[path] = place if path not in at_home else _HOME
    found: dict[Path, Skill] = {}
    problems: list[tuple[Path, str]] = []
    links: list[Path] = []
    for root, place in places.items():
        real = Path(os.path.realpath(root))
        for path in _files(real, links, follow=place != _BUNDLED):
            skill = Skill(name="", description="", path=path.resolve(), root=real, shown=path, place=place)
            try:
                found.setdefault(skill.path, _read(skill, style))
            except ValueError as error:
                if place != _BUNDLED:
                    problems.append((skill.path, str(error)))
    known = [skill for skill in found.values() if _is_on(skill, switches)]
    known.sort(key=lambda skill: (skill.place, skill.name, skill.path.parts))
    listed = [skill for skill in known if skill.implicit]
    if style.bundled_first:
        listed.sort(key=lambda skill: skill.place != _BUNDLED)
    used = {skill.root for skill in listed}
    real_roots = dict.fromkeys(Path(os.path.realpath(root)) for root in places)
    return Skills(
        known=tuple(known),
        listed=tuple(listed),
        roots=tuple(root for root in real_roots if root in used),
        problems=tuple(sorted(problems)),
        broken_links=tuple(links) if style.broken_link else (),
    )


def _is_on(skill: Skill, switches: Sequence[Mapping[str, Any]]) -> bool:
    """What the last row says that has the skill's file as its path, or its name (captured: context/skills_switches)."""
    for row in reversed(switches):
        path = row.get("path")
        if skill.name == row.get("name") if path is None else skill.path == Path(path).resolve():
            return bool(row["enabled"])
    return True


def mentioned(skills: Skills, text: str) -> list[Skill]:
    """The skills that the text names as `[$name](path)` or `$name`, in the order in which they were found.

    A name that several skills have says nothing (captured: context/skills_same_names).
    """
    paths = {Path(match[2]) for match in _LINK.finditer(text)}
    names = set(_MENTION.findall(_LINK.sub("", text)))
    count = [skill.name for skill in skills.known].count
    return [s for s in skills.known if s.path in paths or (s.name in names and count(s.name) == 1)]


def read_out(skill: Skill) -> str:
    """The whole file, as the model gets it."""
    text = skill.path.read_text(encoding="utf-8", errors="replace")
    return f"<skill>\n<name>{skill.name}</name>\n<path>{skill.path}</path>\n{text}\n</skill>"


def _files(root: Path, broken: list[Path], *, follow: bool) -> Iterator[Path]:
    """The skill files below a folder, folder by folder; each folder once, whatever leads there."""
    waiting, seen = [(root, 0)], {os.path.realpath(root)}
    for folder, depth in waiting:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith(".") or (entry.is_symlink() and not follow):
                continue
            if entry.is_symlink() and not path.exists():
                broken.append(path)
            elif entry.is_dir():
                real = os.path.realpath(path)
                if depth < _DEPTH and real not in seen and len(seen) < _FOLDERS:
                    seen.add(real)
                    waiting.append((path, depth + 1))
            elif entry.name == _FILE and entry.is_file(follow_symlinks=False):
                yield path


def _read(skill: Skill, style: SkillStyle) -> Skill:
    """Raises ValueError for a file without a head that can be used."""
    try:
        text = skill.path.read_bytes().decode()
    except UnicodeDecodeError as error:
        problem = f"invalid utf-8 sequence of {error.end - error.start} bytes from index {error.start}"
        raise ValueError(f"failed to read file: {style.not_utf8.format(problem=problem)}") from None
    except OSError as error:
        raise ValueError(f"failed to read file: {error.strerror} (os error {error.errno})") from None
    try:
        head = _head(text)
        try:
            name, description, short = _fields(head)
        except HeadError:
            if not style.repairs or (repaired := _repaired(head)) == head:
                raise
            name, description, short = _fields_or(repaired, head)
    except HeadError as error:
        raise ValueError(f"invalid YAML: {error}") from None
    name = " ".join((name or "").split()) or " ".join(skill.shown.parent.name.split()) or "skill"
    texts = {"description": " ".join((description or "").split())}
    _check("name", name, _NAME_LENGTH)
    if not texts["description"]:
        raise ValueError("missing field `description`")
    if not style.long_texts:
        texts["metadata.short-description"] = " ".join((short or "").split())
        for field_name, value in texts.items():
            _check(field_name, value, _TEXT_LENGTH)
    implicit = _may_be_implicit(skill.shown.parent / "agents" / "openai.yaml")
    return replace(skill, name=name, description=texts["description"], implicit=implicit)


def _check(name: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise ValueError(f"invalid {name}: exceeds maximum length of {limit} characters")


def _head(text: str) -> str:
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    marks = [number for number, line in enumerate(lines) if line.strip() == "---"]
    if marks[:1] != [0] or len(marks) < 2 or marks[1] == 1:
        raise ValueError(_MISSING)
    return "\n".join(lines[1 : marks[1]])


def _fields(head: str) -> tuple[str | None, str | None, str | None]:
    """Name, description and short description. Raises HeadError."""
    entries = read_mapping(head, ("name", "description", "metadata"), "SkillFrontmatter")
    texts: dict[str, str | None] = {}
    for key, node in entries.items():
        if key == "metadata":
            texts["short"] = _short(node)
        elif key in ("name", "description"):
            texts[key] = text_of(node, key)
    return texts.get("name"), texts.get("description"), texts.get("short")


def _short(node: Node) -> str | None:
    if node.kind == "text":
        what = f'string "{node.text}"'
    elif node.kind == "sequence":
        what = "sequence"
    else:
        return text_of(node.entries.get("short-description"), "metadata.short-description")
    raise HeadError(f"metadata: invalid type: {what}, expected struct SkillFrontmatterMetadata {node.where}")


def _fields_or(repaired: str, head: str) -> tuple[str | None, str | None, str | None]:
    try:
        return _fields(repaired)
    except HeadError:
        return _fields(head)  # what is wrong with the file as it is


def _repaired(head: str) -> str:
    """The head with plain texts that have a colon inside put into quotes."""
    return "\n".join(_quoted(head.split("\n")))


def _quoted(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        match = _UNQUOTED.match(line)
        yield line if match is None else match[1] + "'" + match[2].strip().replace("'", "''") + "'"


def _may_be_implicit(path: Path) -> bool:
    """False only where the file says so; one that cannot be read says nothing (captured: context/skills_policy)."""
    try:
        policy = read_mapping(path.read_text(encoding="utf-8"), (), "")["policy"]
        return policy.entries["allow_implicit_invocation"].text != "false"
    except (OSError, ValueError, KeyError):
        return True
