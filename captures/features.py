"""The feature flags of a version, from its own list: by default, and with every flag set to the other value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from captures.recording import read_recording

__all__ = ["PLAIN", "features"]

PLAIN = "direct/cli/features_list"
_FLIPPED = "direct/cli/features_flipped_*"
_ROW = re.compile(r"(\S+)\s+(.+?)\s+(true|false)")


def features(version_folder: Path) -> dict[str, Any]:
    """Feature -> {stage, default, fixed}; `fixed` ones stay as they are whatever the configuration says."""
    if not (version_folder / PLAIN / "result.json").exists():
        return {}
    flipped = [rows for folder in sorted(version_folder.glob(_FLIPPED)) for rows in _lists(folder)]
    return {
        name: {
            "stage": stage,
            "default": on == "true",
            **({"fixed": True} if flipped and all(rows.get(name) == (stage, on) for rows in flipped) else {}),
        }
        for name, (stage, on) in _lists(version_folder / PLAIN)[0].items()
    }


def _lists(folder: Path) -> list[dict[str, tuple[str, str]]]:
    return [_rows(run["stdout"]) for run in read_recording(folder).tree["runs"]]


def _rows(lines: list[Any]) -> dict[str, tuple[str, str]]:
    found = (_ROW.fullmatch(line) for line in lines if isinstance(line, str))
    return {match[1]: (match[2], match[3]) for match in found if match}
