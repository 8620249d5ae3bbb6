"""The Makefile is the one list of commands: short recipes, all in `make help`; CI and README keep to it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.repository import ROOT, project_files

TARGETS = {"setup", "demo", "test", "lint", "capture", "report", "drift", "bench", "lock", "clean", "help"}
NEED_NPM = {"capture", "bench"}
LONGEST_RECIPE = 3


def recipes(text: str) -> dict[str, list[str]]:
    """Target -> the lines of its recipe; a line continued with a backslash is one line."""
    found: dict[str, list[str]] = {}
    target = ""
    for line in text.replace("\\\n", " ").splitlines():
        if match := re.match(r"([\w./-]+):(?!=)", line):
            target = match[1]
            found[target] = []
        elif line.startswith("\t"):
            found[target].append(line.strip())
    return found


MAKEFILE = recipes((ROOT / "Makefile").read_text())


def _make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
    )


def test_every_recipe_is_short() -> None:
    assert MAKEFILE.keys() >= TARGETS
    assert {name: lines for name, lines in MAKEFILE.items() if len(lines) > LONGEST_RECIPE} == {}


def test_help_lists_every_target() -> None:
    listed = set(re.findall(r"^  make ([\w-]+)", _make("help").stdout, flags=re.MULTILINE))
    assert listed == {name for name in MAKEFILE if not name.startswith(".") and name != "need-npm"}
    assert listed >= TARGETS


@pytest.mark.parametrize("target", sorted(TARGETS - {"help"}))
def test_every_target_can_be_planned(target: str) -> None:
    planned = _make("--dry-run", target, UV="true")
    assert planned.returncode == 0, planned.stderr
    assert ("npm" in planned.stdout) == (target in NEED_NPM)


@pytest.mark.parametrize("target", sorted(NEED_NPM))
def test_without_npm_one_line_says_so(target: str, tmp_path: Path) -> None:
    (tmp_path / "make").symlink_to(_which("make"))
    refused = _make(target, PATH=str(tmp_path))
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.splitlines()[0].startswith(f"make {target}: npm is needed")


def test_a_python_that_is_too_old_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    refused = _make("--always-make", ".venv/.ready", f"PYTHON={old}")
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"make: Python 3.11 or newer is needed, and {old} is not")


def test_upstream_reaches_the_programs() -> None:
    source = 'include Makefile\nshow:\n\t@echo "$$PYCODEX_UPSTREAM"\n'
    shown = subprocess.run(
        ["make", "--no-print-directory", "-f", "-", "show", "UPSTREAM=elsewhere"],
        cwd=ROOT,
        input=source,
        capture_output=True,
        text=True,
    )
    assert shown.stdout == "elsewhere\n"


@pytest.mark.parametrize("name", [".ci/run", ".github/workflows/ci.yml", "README.md"])
def test_only_targets_that_exist_are_named(name: str) -> None:
    text = (ROOT / name).read_text()
    named = set(re.findall(r"(?:^|run: |`|&& |\$ )make (?:-\S+ )*([a-z][\w-]*)", text, flags=re.MULTILINE))
    assert named
    assert named - MAKEFILE.keys() == set()


def test_ci_runs_what_people_run() -> None:
    script = (ROOT / ".ci/run").read_text()
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    for command in ("make lint", "make test", "make capture SAMPLE=1"):
        assert f"\n{command}\n" in script
        assert f"run: {command}\n" in workflow
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert [path.name for path in project_files() if path.parent.name == "workflows"] == ["ci.yml", "drift.yml"]


def _which(name: str) -> Path:
    folders = os.environ["PATH"].split(os.pathsep)
    return next(path for folder in folders if (path := Path(folder, name)).is_file())
