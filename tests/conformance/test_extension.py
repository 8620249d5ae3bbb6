import subprocess
import sys
from pathlib import Path

import pytest
from syrupy.data import SnapshotCollection

from compare.cells import upstream_folder
from tests.compare.folders import commit, lay
from tests.compare.samples import changed, tree_115
from tests.conformance.extension import REFUSED, RecordingExtension, reference, verdict_of

HELLO = "0.115.0/direct/exec/hello"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A committed recording, and one of a candidate that ended with another exit code."""
    upstream = commit(tmp_path / "upstream", {HELLO: tree_115()})
    monkeypatch.setenv("PYCODEX_RECORDINGS", str(upstream))
    runs = lay(tmp_path / "runs", {HELLO: changed(tree_115(), "runs", 0, "exit", to=1)})
    return upstream / HELLO, runs / HELLO


def test_the_comparison_decides_surface_by_surface(folders: tuple[Path, Path]) -> None:
    ours, theirs = folders
    extension = RecordingExtension()
    for surface, same in (("exit", False), ("head", True)):
        data = {"serialized_data": reference(theirs, surface), "snapshot_data": reference(ours, surface)}
        assert extension.matches(**data) is same
    assert list(extension.diff_lines(reference(theirs, "exit"), reference(ours, "exit"))) == [
        "exit: different",
        "run 1, exit: upstream 0, got 1",
        f"upstream: {ours}",
        f"got:      {theirs}",
    ]


def test_a_recording_that_cannot_be_read_does_not_match(folders: tuple[Path, Path]) -> None:
    ours, theirs = folders
    (theirs / "requests.json").unlink()
    verdict_of.cache_clear()
    extension = RecordingExtension()
    assert not extension.matches(serialized_data=reference(theirs, "head"), snapshot_data=reference(ours, "head"))
    assert "requests.json" in "\n".join(extension.diff_lines(reference(theirs, "head"), reference(ours, "head")))


def test_a_snapshot_is_where_the_recording_is(folders: tuple[Path, Path]) -> None:
    ours, theirs = folders
    read = RecordingExtension().read_snapshot_data_from_location
    assert read(snapshot_location=str(ours), snapshot_name="head", session_id="") == f"{ours} head"
    assert read(snapshot_location=str(theirs / "none"), snapshot_name="head", session_id="") is None
    assert upstream_folder() in ours.parents


def test_recordings_are_not_written_or_deleted() -> None:
    with pytest.raises(PermissionError, match="make capture"):
        RecordingExtension.write_snapshot_collection(snapshot_collection=SnapshotCollection(location="x"))
    with pytest.raises(PermissionError, match="make capture"):
        RecordingExtension().delete_snapshots(snapshot_location="x", snapshot_names=set())


def test_updating_snapshots_is_refused_before_anything_runs() -> None:
    here = Path(__file__).parent
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--snapshot-update"]
    done = subprocess.run(
        [*command, str(here / "test_conformance.py")],
        cwd=here.parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert REFUSED in done.stdout + done.stderr
