from pathlib import Path

import pytest

from compare.repeat import repeat
from tests.compare.folders import commit
from tests.compare.samples import tree_115

CELL = "0.115.0/direct/exec/hello"
OTHER = "python -c print('other')"


def test_each_round_that_differs_is_told_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = commit(tmp_path / "upstream", {CELL: tree_115()})
    assert repeat(OTHER, 2, only=[CELL], jobs=1, upstream=upstream) == 1
    told = capsys.readouterr().out
    assert f"round 1: {CELL}: " in told and f"round 2: {CELL}: " in told
    assert f"   0 of 2 identical  {CELL}" in told


def test_nothing_to_repeat_is_a_mistake(tmp_path: Path) -> None:
    upstream = commit(tmp_path / "upstream", {CELL: tree_115()})
    assert repeat("pycodex", 2, only=["no/such/cell"], upstream=upstream) == 2
