"""The tables of measured rules: each is pinned by scenarios that are recorded, or says why it cannot be captured. Those
of faults stand in compare/faults/rows.yaml.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from captures.scenario import load_scenarios
from compare.cells import find_cells, upstream_folder

HERE = Path(__file__).parent
RULES: list[dict[str, Any]] = yaml.safe_load((HERE / "exec_rules.yaml").read_text())
OTHERS: list[dict[str, Any]] = yaml.safe_load((HERE / "tool_rules.yaml").read_text())
SCENARIOS = {scenario.id for scenario in load_scenarios()}
RECORDED = {cell.scenario for cell in find_cells(upstream_folder())}


@pytest.mark.parametrize("row", [*RULES, *OTHERS], ids=lambda row: row["rule"][:60])
def test_a_rule_has_recorded_scenarios_or_a_reason(row: dict[str, Any]) -> None:
    assert set(row) in ({"rule", "scenarios"}, {"rule", "not_captured"})
    if "not_captured" in row:
        assert len(row["not_captured"]) > 30, "say why"
        return
    assert row["scenarios"]
    assert set(row["scenarios"]) - SCENARIOS == set()
    assert set(row["scenarios"]) - RECORDED == set()


def test_no_rule_stands_twice() -> None:
    every = [row["rule"] for row in (*RULES, *OTHERS)]
    assert len(set(every)) == len(every)
