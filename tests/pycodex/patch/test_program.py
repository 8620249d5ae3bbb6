"""apply_patch as a program: its exit codes and words, and the folder it stands in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pycodex.patch.program import Programs, run
from pycodex.upstream import load_dialect

OLD, NEW = (load_dialect(version).patch for version in ("0.115.0", "0.169.0"))

PATCH = "*** Begin Patch\n*** Add File: made\n+x\n*** End Patch"


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [
        ([PATCH], (0, "Success. Updated the following files:\nA made\n", "")),
        (["a", "b"], (2, "", "Error: apply_patch accepts exactly one argument.\n")),
        (["nonsense"], (1, "", "Invalid patch: The first line of the patch must be '*** Begin Patch'\n")),
        (["\udcff"], (1, "", "Error: apply_patch requires a UTF-8 PATCH argument.\n")),
    ],
)
def test_outcomes(
    arguments: list[str], outcome: tuple[int, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(NEW, arguments) == outcome
    assert (tmp_path / "made").exists() == (outcome[0] == 0)


def test_a_wrong_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, told = run(NEW, ["*** Begin Patch\n*** Frobnicate\n*** End Patch"])
    assert (code, told.partition(":")[0]) == (1, "Invalid patch hunk on line 2")


def test_what_was_done_before_a_failure_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    patch = PATCH.replace("*** End Patch", "*** Delete File: nope\n*** End Patch")
    assert run(OLD, [patch]) == (1, "", "Failed to delete file nope\n")
    assert run(NEW, [patch]) == (1, "", f"Failed to delete file {tmp_path}/nope\n")
    assert (tmp_path / "made").exists()


def test_the_program_is_there_as_long_as_it_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from where it runs')")
    programs = Programs(tmp_path / "home", NEW)
    folder = programs.folder()
    assert folder is not None and programs.folder() == folder
    done = subprocess.run(
        ["applypatch"], cwd=tmp_path, env={"PATH": str(folder)}, input=PATCH, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "made").read_text() == "x\n"
    programs.remove()
    assert not folder.parent.exists()


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    left = tmp_path / "tmp/pycodex" / str(ended.pid)
    left.mkdir(parents=True)
    (left / "apply_patch").touch()
    kept = tmp_path / "tmp/pycodex" / str(os.getppid())
    kept.mkdir()
    Programs(tmp_path, OLD).folder()
    assert (left.exists(), kept.exists()) == (False, True)


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "tmp").write_text("a file")
    assert Programs(tmp_path, OLD).folder() is None
