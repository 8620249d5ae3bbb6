"""A syrupy extension whose snapshots are upstream's recordings: read, never written, compared by `compare`.

What syrupy carries about is a reference, "<folder of a recording> <surface>"; the comparison of two folders
happens once and has all twelve verdicts. A mismatch is explained by the differences, not by a diff of two
long texts.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from syrupy.data import SnapshotCollection, SnapshotCollections
from syrupy.extensions.base import AbstractSyrupyExtension
from syrupy.location import PyTestLocation
from syrupy.types import SerializedData, SnapshotIndex

from compare.cells import CellName, upstream_folder
from compare.check import check_cell
from compare.declared import Declared
from compare.run import ledger_of
from compare.verdicts import CellVerdict, SurfaceVerdict, Verdict

__all__ = ["AGENT", "REFUSED", "RecordingExtension", "ledger", "reference", "verdict_of"]

REFUSED = "recordings are written by `make capture`, never by a test run"
AGENT = os.environ.get("PYCODEX_AGENT", "pycodex")
"""The candidate: pycodex, or what PYCODEX_AGENT names (codex-cli itself must pass, up to noise not yet learned)."""


def reference(folder: Path, surface: str) -> str:
    """What stands for one surface of one recording."""
    return f"{folder} {surface}"


@cache
def ledger() -> Declared:
    """The declared differences of the candidate; none where it has no file."""
    return ledger_of(AGENT)


@cache
def verdict_of(expected: Path, actual: Path) -> CellVerdict:
    """The verdicts of one cell, from the two folders."""
    version, role, *scenario = expected.relative_to(upstream_folder()).parts
    name = CellName(version, role, "/".join(scenario))
    return check_cell(name, expected, actual, ledger())


class RecordingExtension(AbstractSyrupyExtension):
    """`assert reference(folder, surface) == snapshot(name="<cell> <surface>")`."""

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        return str(upstream_folder() / str(index).rpartition(" ")[0])

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        return str(index).rpartition(" ")[2]

    def serialize(self, data: Any, **_: Any) -> SerializedData:
        return str(data)

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> SerializedData | None:
        found = (Path(snapshot_location) / "result.json").exists()
        return reference(Path(snapshot_location), snapshot_name) if found else None

    def matches(self, *, serialized_data: Any, snapshot_data: Any) -> bool:
        return _surface(serialized_data, snapshot_data).verdict in (Verdict.IDENTICAL, Verdict.DECLARED)

    def diff_lines(self, serialized_data: SerializedData, snapshot_data: SerializedData) -> Iterator[str]:
        verdict = _surface(serialized_data, snapshot_data)
        message = _cell(serialized_data, snapshot_data).message
        yield f"{verdict.surface}: {verdict.verdict}{f', {message}' if message else ''}"
        yield from (finding.text for finding in verdict.findings if finding.declared is None)
        yield f"upstream: {str(snapshot_data).rpartition(' ')[0]}"
        yield f"got:      {str(serialized_data).rpartition(' ')[0]}"

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        return SnapshotCollections()  # a recording without a test is found by test_every_recording_has_a_scenario

    def read_snapshot_collection(self, *, snapshot_location: str) -> SnapshotCollection:
        return SnapshotCollection(location=snapshot_location)

    @classmethod
    def write_snapshot_collection(cls, **_: Any) -> NoReturn:
        raise PermissionError(REFUSED)

    def delete_snapshots(self, **_: Any) -> NoReturn:
        raise PermissionError(REFUSED)


def _cell(serialized_data: Any, snapshot_data: Any) -> CellVerdict:
    actual, expected = (str(data).rpartition(" ")[0] for data in (serialized_data, snapshot_data))
    return verdict_of(Path(expected), Path(actual))


def _surface(serialized_data: Any, snapshot_data: Any) -> SurfaceVerdict:
    surface = str(serialized_data).rpartition(" ")[2]
    return next(s for s in _cell(serialized_data, snapshot_data).surfaces if s.surface == surface)
