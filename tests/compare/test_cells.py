from pathlib import Path

import pytest

from captures.manifest import UPSTREAM
from compare.cells import CellName, find_cells, scenarios_beside, select, upstream_folder
from tests.compare.folders import lay
from tests.compare.samples import tree_115

HELLO = CellName("0.115.0", "direct", "exec/hello")
TOOL = CellName("0.169.0", "code_mode", "tools/x")


def test_cells_are_found_by_their_folders(tmp_path: Path) -> None:
    root = lay(tmp_path / "upstream", {str(TOOL): tree_115(), str(HELLO): tree_115()})
    assert find_cells(root) == {HELLO: root / "0.115.0/direct/exec/hello", TOOL: root / "0.169.0/code_mode/tools/x"}
    assert find_cells(tmp_path / "none") == {}
    assert HELLO.lane == "0.115.0/direct"


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        ([], {HELLO, TOOL}),
        (["0.115.0/direct/exec/hello"], {HELLO}),
        (["exec/hello"], {HELLO}),
        (["exec"], {HELLO}),
        (["0.169.0/code_mode"], {TOOL}),
        (["0.169.0"], {TOOL}),
        (["*/x", "exec/*"], {HELLO, TOOL}),
        (["hello"], set()),
    ],
)
def test_selection_by_lane_scenario_or_both(globs: list[str], expected: set[CellName]) -> None:
    assert set(select({HELLO: Path(), TOOL: Path()}, globs)) == expected


def test_the_recordings_may_be_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PYCODEX_RECORDINGS", raising=False)
    assert upstream_folder() == UPSTREAM
    monkeypatch.setenv("PYCODEX_RECORDINGS", str(tmp_path))
    assert upstream_folder() == tmp_path


def test_scenarios_lie_beside_the_recordings_or_are_our_own(tmp_path: Path) -> None:
    assert scenarios_beside(tmp_path / "upstream") == UPSTREAM.parent / "scenarios"
    (tmp_path / "scenarios").mkdir()
    assert scenarios_beside(tmp_path / "upstream") == tmp_path / "scenarios"
