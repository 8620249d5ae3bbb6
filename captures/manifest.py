"""`captures/upstream/<version>/manifest.json`: where the recordings of a version come from, and their hashes.

A recording whose files do not have the hash written by `make capture` was edited by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from captures.recording import folder_hash

__all__ = [
    "UPSTREAM",
    "Manifest",
    "edited_recordings",
    "read_manifest",
    "recording_folders",
    "write_manifest",
]

UPSTREAM = Path(__file__).parent / "upstream"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`integrity`: npm package -> hash as npm checked it; `recordings`: `<role>/<scenario id>` -> hash of its files."""

    version: str
    agent: str = "codex-cli"
    platform: str = ""
    command: tuple[str, ...] = ()
    integrity: Mapping[str, str] = field(default_factory=dict)
    recordings: Mapping[str, str] = field(default_factory=dict)


def recording_folders(version_folder: Path) -> Iterator[tuple[str, Path]]:
    """(`<role>/<scenario id>`, folder) of each recording below `<version>/`, in order."""
    for result in sorted(version_folder.rglob("result.json")):
        yield result.parent.relative_to(version_folder).as_posix(), result.parent


def read_manifest(version_folder: Path) -> Manifest | None:
    """The manifest of a version, or None where nothing was captured."""
    path = version_folder / "manifest.json"
    if not path.exists():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    return Manifest(
        version=data["version"],
        agent=data["agent"],
        platform=data["platform"],
        command=tuple(data["command"]),
        integrity=data["integrity"],
        recordings=data["recordings"],
    )


def write_manifest(manifest: Manifest, version_folder: Path) -> None:
    """Writes the manifest with the hashes of the recordings as they lie there now."""
    recordings = {name: folder_hash(folder) for name, folder in recording_folders(version_folder)}
    data = {
        "format": 1,
        "version": manifest.version,
        "agent": manifest.agent,
        "platform": manifest.platform,
        "command": list(manifest.command),
        "integrity": dict(sorted(manifest.integrity.items())),
        "recordings": recordings,
    }
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    path = version_folder / "manifest.json"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def edited_recordings(version_folder: Path) -> list[str]:
    """Recordings whose files are not what `make capture` wrote, or that the manifest does not know."""
    manifest = read_manifest(version_folder)
    known = manifest.recordings if manifest else {}
    return [name for name, folder in recording_folders(version_folder) if known.get(name) != folder_hash(folder)]
