"""python-codex 0.5.1 of PyPI as a row of the report: in its own environment, beside pycodex.

Needs the package index, once.
"""

import importlib.util
import json
from pathlib import Path

import pytest

from captures.driver import WORK
from compare.__main__ import main
from compare.html.names import slug

NAME = "python-codex-0.5.1"
HELLO = "0.169.0/direct/exec/hello"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Agent -> its verdict file, of one cell."""
    folder = tmp_path_factory.mktemp("agents")
    files = {}
    for agent, code in (("pycodex", 0), (NAME, 1)):
        files[agent] = folder / agent / "verdicts.json"
        assert main(["report", "--agent", agent, "--only", HELLO, "--out", str(folder / agent)]) == code
    return files


def test_it_speaks_but_not_as_codex(verdicts: dict[str, Path]) -> None:
    (cell,) = json.loads(verdicts[NAME].read_text())["cells"]
    found = {name: row["verdict"] for name, row in cell["surfaces"].items()}
    assert (found["head"], found["exit"], found["tool_output"]) == ("different", "identical", "identical")
    assert 'request 1, json: added: "spaced, ASCII"' in [one["text"] for one in cell["surfaces"]["body"]["differences"]]


def test_nothing_of_it_came_into_our_environment(verdicts: dict[str, Path]) -> None:
    assert (WORK / "agents" / NAME / "bin" / "pycodex").exists()
    spec = importlib.util.find_spec("pycodex")
    assert spec is not None and spec.origin is not None
    assert not Path(spec.origin).is_relative_to(WORK)


def test_one_report_has_both(verdicts: dict[str, Path], tmp_path: Path) -> None:
    assert main(["render", *map(str, verdicts.values()), "--html", str(tmp_path / "out")]) == 1
    index = (tmp_path / "out" / "index.html").read_text()
    for name in verdicts:
        assert f"{name}<br>0.169.0/direct" in index
        assert (tmp_path / "out" / "cells" / slug(name) / f"{HELLO}.html").exists()
