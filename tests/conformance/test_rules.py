"""The tables of measured rules: each is pinned by scenarios that are recorded, or says why it cannot be captured."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from captures.scenario import load_scenarios
from compare.cells import find_cells, upstream_folder

TABLES = ("exec_rules.yaml", "tool_rules.yaml")
RULES: list[dict[str, Any]] = [
    row for name in TABLES for row in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
]
SCENARIOS = {scenario.id for scenario in load_scenarios()}
RECORDED = {cell.scenario for cell in find_cells(upstream_folder())}


@pytest.mark.parametrize("row", RULES, ids=lambda row: row["rule"][:60])
def test_a_rule_has_recorded_scenarios_or_a_reason(row: dict[str, Any]) -> None:
    assert set(row) in ({"rule", "scenarios"}, {"rule", "not_captured"})
    if "not_captured" in row:
        assert len(row["not_captured"]) > 30, "say why"
        return
    assert row["scenarios"]
    assert set(row["scenarios"]) - SCENARIOS == set()
    assert set(row["scenarios"]) - RECORDED == set()


def test_no_rule_stands_twice() -> None:
    assert len({row["rule"] for row in RULES}) == len(RULES)
