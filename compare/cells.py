"""Recordings in folders: `<root>/<version>/<role>/<scenario id>/`, the committed ones and those of a run alike."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from captures.manifest import UPSTREAM, recording_folders

__all__ = ["CellName", "find_cells", "scenarios_beside", "select", "upstream_folder"]


@dataclass(frozen=True, order=True)
class CellName:
    """One scenario in one lane."""

    version: str
    role: str
    scenario: str

    @property
    def lane(self) -> str:
        return f"{self.version}/{self.role}"

    def __str__(self) -> str:
        return f"{self.lane}/{self.scenario}"


def find_cells(root: Path) -> dict[CellName, Path]:
    """The recordings below `root`, by name, in order; none where there is no such folder."""
    versions = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    found = {}
    for version in versions:
        for name, folder in recording_folders(version):
            role, _, scenario = name.partition("/")
            found[CellName(version.name, role, scenario)] = folder
    return found


def select(cells: Mapping[CellName, Path], globs: Sequence[str]) -> dict[CellName, Path]:
    """The cells whose name, lane or scenario fits one of the globs; all of them where no glob is given."""
    if not globs:
        return dict(cells)
    return {cell: folder for cell, folder in cells.items() if _fits(cell, globs)}


def upstream_folder() -> Path:
    """The recordings to compare with: `captures/upstream`, or what PYCODEX_RECORDINGS names."""
    return Path(os.environ.get("PYCODEX_RECORDINGS") or UPSTREAM)


def scenarios_beside(upstream: Path) -> Path:
    """The folder of the scenarios that these recordings were made from: `scenarios` beside them, else our own."""
    beside = upstream.resolve().parent / "scenarios"
    return beside if beside.is_dir() else UPSTREAM.parent / "scenarios"


def _fits(cell: CellName, globs: Iterable[str]) -> bool:
    names = (str(cell), cell.lane, cell.scenario)
    return any(fnmatchcase(name, glob) or name.startswith(f"{glob.rstrip('/')}/") for glob in globs for name in names)
