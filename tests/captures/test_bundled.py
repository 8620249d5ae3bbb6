"""The skill folder of an installed codex-cli: taken once, and never asked of npm."""

import stat
from pathlib import Path

import pytest

from captures.agents import AgentError
from captures.bundled import FOLDER, bundled_skills


def install(tools: Path, script: str) -> None:
    folder = tools / "npm" / "@openai__codex" / "1.0.0"
    binary = folder / "node_modules" / "@openai" / "codex" / "vendor" / "here" / "bin" / "codex"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\n{script}\n")
    binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    (folder / "package-lock.json").write_text('{"packages": {}}')


def test_a_version_that_is_not_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match=r"captures install 1\.0\.0"):
        bundled_skills("1.0.0", tmp_path)


def test_what_the_version_writes_is_kept(tmp_path: Path) -> None:
    place = f"$CODEX_HOME/{FOLDER}/brew"
    install(tmp_path, f'echo once >> {tmp_path}/starts; mkdir -p "{place}"; echo tea > "{place}/SKILL.md"; exit 1')
    for _ in range(2):
        assert (bundled_skills("1.0.0", tmp_path) / "brew" / "SKILL.md").read_text() == "tea\n"
    assert (tmp_path / "starts").read_text() == "once\n"


def test_a_version_that_writes_nothing_is_said(tmp_path: Path) -> None:
    install(tmp_path, "exit 0")
    with pytest.raises(AgentError, match="wrote no folder"):
        bundled_skills("1.0.0", tmp_path)
