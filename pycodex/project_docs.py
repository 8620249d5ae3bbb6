"""AGENTS.md discovery: in the home folder, and from the project root down to the working directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pycodex.records import dataclass, replace

__all__ = ["DocsStyle", "ProjectDocs", "discover", "project_folders"]

_NAMES = ("AGENTS.override.md", "AGENTS.md")
"""In each folder the first of these, or else the first fallback name, that is a file."""


_SEPARATOR = "\n\n--- project-doc ---\n\n"


@dataclass(frozen=True, kw_only=True)
class DocsStyle:
    """What differs between versions."""

    cut_warning: str | None
    """Template of the warning for a file that did not fit (`{kept}` of `{size}` bytes of `{path}`,
    `{budget}`); None: no warning."""
    skipped_warning: str | None = None
    """The same for the first file that found no room at all (`{path}`, `{budget}`)."""
    combined_warning: str | None = None
    """The same for all texts together being longer than the budget (`{size}`, `{budget}`)."""
    failure_log: tuple[str, str] | None = None
    """Target and text of the log line for a folder in which no file can be looked for (`{error}`), after which there
    are no texts of the project (captured: exec/workdir_file); None: such a folder has none."""


@dataclass(frozen=True, kw_only=True)
class ProjectDocs:
    """Texts as read. `home`: (path, text) of the home folder's file; `docs`: (path, text) from root to
    cwd."""

    home: tuple[Path, str] | None
    docs: tuple[tuple[Path, str], ...]
    warnings: tuple[str, ...] = ()
    failure: OSError | None = None
    """Why no file could be looked for."""

    def text(self) -> str:
        """All texts as one, as the model gets them; "" when there is none."""
        project = "\n\n".join(text for _, text in self.docs)
        if self.home is None:
            return project
        return f"{self.home[1]}{_SEPARATOR}{project}" if project else self.home[1]


def discover(
    cwd: Path,
    codex_home: Path,
    *,
    max_bytes: int = 32 * 1024,
    fallback_names: Sequence[str] = (),
    root_markers: Sequence[str] = (".git",),
    style: DocsStyle,
) -> ProjectDocs:
    """Read the files that apply to `cwd`. `max_bytes` bounds the project's files together; 0 turns them off.
    The home folder's file has no bound. Files of blanks only count as absent."""
    docs: list[tuple[Path, str]] = []
    warnings: list[str] = []
    folders, names = project_folders(cwd, root_markers), (*_NAMES, *fallback_names)
    failure = _failure(folders) if style.failure_log is not None and max_bytes > 0 else None
    paths = [_first_file(folder, names) for folder in folders] if failure is None else []
    room = max_bytes
    for path in filter(None, paths if max_bytes > 0 else ()):
        if room <= 0:
            _warn(warnings, style.skipped_warning, path=path, budget=max_bytes)
            break
        try:
            data = path.read_bytes()
        except OSError:
            continue
        kept = data[:room]
        if len(kept) < len(data):
            _warn(warnings, style.cut_warning, kept=len(kept), size=len(data), path=path, budget=max_bytes)
        text = kept.decode(errors="replace")
        if text.strip():
            docs.append((path, text))
            room -= len(kept)
    found = ProjectDocs(home=_home_file(codex_home), docs=tuple(docs), failure=failure)
    size = len(found.text().encode())
    if size > max_bytes > 0:
        _warn(warnings, style.combined_warning, size=size, budget=max_bytes)
    return replace(found, warnings=tuple(warnings))


def _warn(warnings: list[str], template: str | None, **values: object) -> None:
    if template is not None:
        warnings.append(template.format(**values))


def project_folders(cwd: Path, root_markers: Sequence[str]) -> list[Path]:
    """From the project's root (the nearest folder upwards that holds a marker) down to `cwd`; just `cwd`
    without one."""
    upwards = [cwd, *cwd.parents]
    for i, folder in enumerate(upwards):
        if any((folder / marker).exists() for marker in root_markers):
            return upwards[i::-1]
    return [cwd]


def _failure(folders: Sequence[Path]) -> OSError | None:
    for folder in folders:
        try:
            os.lstat(folder / _NAMES[0])
        except FileNotFoundError:
            continue
        except OSError as error:
            return error
    return None


def _first_file(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if name and (folder / name).is_file()), None)


def _home_file(codex_home: Path) -> tuple[Path, str] | None:
    for name in _NAMES:
        path = codex_home / name
        try:
            text = path.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue
        if text:
            return path, text
    return None
