"""Whether commands can be run in the sandbox."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pycodex.doctor.confinement import check_sandbox
from pycodex.records import replace
from tests.pycodex.doctor.subjects import subject


def test_without_a_sandbox_it_is_a_warning(tmp_path: Path) -> None:
    check = asyncio.run(check_sandbox(subject(tmp_path)))
    assert check.status == "warning" and "danger-full-access" in check.summary and check.remedy


def test_in_the_sandbox_a_command_runs_or_it_is_said_why_not(tmp_path: Path) -> None:
    looked = subject(tmp_path, "", "-c", 'sandbox_mode="read-only"')
    check = asyncio.run(check_sandbox(looked))
    assert check.detail("mode") == "read-only" and check.detail("network") == "kept away"
    assert (check.status == "ok") == (check.remedy is None)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    looked = subject(tmp_path)
    looked = replace(looked, settings=replace(looked.loaded, cwd=tmp_path / "gone"))
    check = asyncio.run(check_sandbox(looked))
    assert check.status == "fail" and str(tmp_path / "gone") in (check.remedy or "")
