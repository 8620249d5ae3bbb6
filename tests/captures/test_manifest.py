"""Manifests: provenance of each version, and a recording edited by hand is found."""

from pathlib import Path

import pytest

from captures.manifest import UPSTREAM, Manifest, edited_recordings, read_manifest, write_manifest

VERSIONS = sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir())


@pytest.mark.parametrize("version", VERSIONS)
def test_no_committed_recording_was_edited_by_hand(version: str) -> None:
    assert edited_recordings(UPSTREAM / version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_manifest_names_the_packages_with_their_integrity(version: str) -> None:
    manifest = read_manifest(UPSTREAM / version)
    assert manifest is not None
    assert manifest.version == version
    assert manifest.platform
    assert "@openai/codex" in manifest.integrity
    assert all(value.startswith("sha512-") for value in manifest.integrity.values())


def test_a_changed_byte_and_an_unknown_recording_are_found(tmp_path: Path) -> None:
    for name in ("direct/a", "direct/b"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "result.json").write_text("{}")
    write_manifest(Manifest(version="1.0.0"), tmp_path)
    assert edited_recordings(tmp_path) == []
    (tmp_path / "direct/b" / "result.json").write_text("{ }")
    (tmp_path / "direct/c").mkdir()
    (tmp_path / "direct/c" / "result.json").write_text("{}")
    assert edited_recordings(tmp_path) == ["direct/b", "direct/c"]


def test_writing_the_same_manifest_again_changes_nothing(tmp_path: Path) -> None:
    manifest = Manifest(version="1.0.0", integrity={"b": "2", "a": "1"}, command=("x",))
    write_manifest(manifest, tmp_path)
    before = (tmp_path / "manifest.json").read_bytes()
    again = read_manifest(tmp_path)
    assert again is not None
    write_manifest(again, tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == before
