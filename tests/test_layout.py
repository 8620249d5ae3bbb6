"""What the repository holds at its top, what the wheel holds, and how large a module may be."""

import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.repository import PACKAGES, ROOT, modules, project_files

PROJECT = {"pyproject.toml", "README.md", "Makefile", "LICENSE", "NOTICE", "requirements", ".ci", ".github"}
NEEDED = PROJECT | set(PACKAGES)
ALLOWED = NEEDED | {"docs", "examples", ".gitignore", ".gitattributes"}
LONGEST_MODULE = 400  # lines; most stay below 250

_LICENSE_PARTS = (
    "Version 2.0, January 2004",
    "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION",
    *(f"   {number}. " for number in range(1, 10)),
    "END OF TERMS AND CONDITIONS",
    "APPENDIX: How to apply the Apache License to your work.",
)
_NOTICE_PARTS = ("the pycodex authors", "Copyright OpenAI", "manifest.json", "PROVENANCE.json")


def test_the_top_level_holds_only_what_belongs_there() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in project_files()}
    assert top - ALLOWED == set()
    assert NEEDED - top == set()


def test_no_file_is_large_or_left_over() -> None:
    files = project_files()
    assert [path for path in files if path.suffix in {".orig", ".rej", ".bak", ".swp", ".log", ".whl"}] == []
    assert [path for path in files if path.stat().st_size > 2_000_000] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_small(package: str) -> None:
    assert modules(package), f"there is no package {package}"
    lengths = {
        path.relative_to(ROOT): len(path.read_text().splitlines())
        for path in modules(package)
        if not path.name.startswith("v0_")  # a Dialect is a table, and one file says all that one binary does
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_the_license_is_complete_and_the_notice_names_openai() -> None:
    license_text = (ROOT / "LICENSE").read_text()
    assert [part for part in _LICENSE_PARTS if part not in license_text] == []
    notice = (ROOT / "NOTICE").read_text()
    assert [word for word in _NOTICE_PARTS if word not in notice] == []


def test_the_wheel_holds_pycodex_and_its_data_and_nothing_else(tmp_path: Path) -> None:
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = set(zipfile.ZipFile(wheel).namelist())
    info = {name for name in names if name.startswith("python_codex-")}
    ours = {path.relative_to(ROOT).as_posix() for path in project_files() if ROOT / "pycodex" in path.parents}
    assert "pycodex/cli/main.py" in ours
    assert names - info == ours
    assert {name.rpartition("/")[2] for name in info} >= {"METADATA", "entry_points.txt", "LICENSE", "NOTICE"}


def test_the_version_is_said_once_for_the_wheel_and_once_for_the_program() -> None:
    import pycodex

    assert pycodex.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
