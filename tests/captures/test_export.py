"""The export of upstream's words: run again from the committed recordings, it gives what is committed."""

import json
from pathlib import Path

import pytest

from captures.export import SOURCES, export
from captures.features import PLAIN
from captures.manifest import UPSTREAM
from captures.recording import RecordingError

DATA = UPSTREAM.parent.parent / "pycodex" / "upstream" / "data"
VERSIONS = sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir())


def test_there_are_versions() -> None:
    assert len(VERSIONS) >= 2
    assert sorted(path.name for path in DATA.iterdir() if path.is_dir()) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_the_committed_data_is_what_the_recordings_give(version: str, tmp_path: Path) -> None:
    export(UPSTREAM / version, tmp_path)
    assert _files(tmp_path) == _files(DATA / version)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_says_where_it_comes_from(version: str) -> None:
    provenance = json.loads((DATA / version / "PROVENANCE.json").read_text())
    assert provenance["integrity"], "the npm integrity hashes"
    for name in _files(DATA / version):
        if name != "PROVENANCE.json":
            known = [row for row in provenance["recordings"] if row == name or row.startswith(f"{name}#")]
            assert known, f"{name} has no recording"
    named = set(provenance["recordings"].values())
    assert named <= {source.recording for source in SOURCES} | {"models.json", "prompt.json", PLAIN}
    assert (UPSTREAM / version / "prompt.json").exists()
    for recording in named:
        path = UPSTREAM / version / recording
        assert path.is_file() if path.suffix == ".json" else (path / "result.json").exists()


def test_files_that_no_recording_gives_any_more_are_removed(tmp_path: Path) -> None:
    stray = tmp_path / "texts" / "stray.md"
    stray.parent.mkdir(parents=True)
    stray.write_text("by hand")
    export(UPSTREAM / VERSIONS[0], tmp_path)
    assert not stray.exists()


def test_a_version_without_recordings_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"make capture VERSION=9\.9\.9"):
        export(tmp_path / "9.9.9", tmp_path / "out")


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
