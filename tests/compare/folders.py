"""Recordings on disk for tests: committed ones with a manifest, and those of a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from captures.manifest import Manifest, write_manifest
from captures.noise import NoiseRule
from captures.recording import Recording, read_recording, write_recording

__all__ = ["commit", "lay", "noise_of", "tree_of"]


def lay(root: Path, trees: Mapping[str, Any], noise: Sequence[NoiseRule] = ()) -> Path:
    """Writes recordings below `root`, by cell name; returns `root`."""
    for cell, tree in trees.items():
        version, role, scenario = cell.split("/", 2)
        recording = Recording(lane=f"{version}/{role}", scenario=scenario, tree=tree, noise=tuple(noise))
        write_recording(recording, root / cell, root.parent / "texts")
    return root


def commit(root: Path, trees: Mapping[str, Any], noise: Sequence[NoiseRule] = ()) -> Path:
    """The same with manifests, as `make capture` leaves it."""
    lay(root, trees, noise)
    for version in sorted({cell.partition("/")[0] for cell in trees}):
        write_manifest(Manifest(version=version, agent="codex-cli", platform="linux-x86_64"), root / version)
    return root


def tree_of(root: Path, cell: str) -> Any:
    return read_recording(root / cell).tree


def noise_of(root: Path, cell: str) -> tuple[NoiseRule, ...]:
    return read_recording(root / cell).noise
