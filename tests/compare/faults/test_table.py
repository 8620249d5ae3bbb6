import re
from pathlib import Path
from typing import Any

import pytest

from captures.scenario import load_scenarios
from compare.cells import CellName, find_cells, upstream_folder
from compare.faults.seen import seen_run, seen_table
from compare.faults.table import FaultTableError, Shown, load_table

ROWS = [row for section in load_table() for row in section.rows]


def test_every_row_is_shown_by_scenarios_that_are_recorded_in_the_versions_they_name() -> None:
    cells, scenarios = find_cells(upstream_folder()), {scenario.id: scenario for scenario in load_scenarios()}
    for row in ROWS:
        for shown in row.shown:
            assert shown.scenario in scenarios, f"{row.fault}: no scenario {shown.scenario}"
            scenario = scenarios[shown.scenario]
            assert shown.run <= len(scenario.runs), f"{row.fault}: {shown}: it has {len(scenario.runs)} runs"
            lanes = [lane for lane in scenario.lanes if lane.role == "direct"]
            assert lanes, f"{row.fault}: {shown} has no direct lane"
            for lane in lanes:
                assert CellName(lane.version, "direct", scenario.id) in cells, f"{row.fault}: {shown} in {lane}"


def test_no_scenario_of_a_row_is_there_for_nothing() -> None:
    versions, sections = seen_table(load_table(), upstream_folder())
    for section in sections:
        for row in section.rows:
            by = {str(seen.by) for seen in row.seen if seen is not None}
            assert by == {str(shown) for shown in row.row.shown}, row.row.fault
            assert len(row.seen) == len(versions)


def test_the_faults_are_many_and_each_stands_once() -> None:
    assert len({shown.scenario for row in ROWS for shown in row.shown}) >= 50
    for section in load_table():
        names = [row.fault for row in section.rows]
        assert len(names) == len(set(names)), section.title


def test_every_scenario_of_faults_is_in_the_table() -> None:
    shown = {one.scenario for row in ROWS for one in row.shown}
    assert {scenario.id for scenario in load_scenarios(only=["faults"])} <= shown


def test_what_a_run_shows_is_read_from_its_recording() -> None:
    error = {"$json": {"type": "error", "message": "Reconnecting... 1/1 (broke)"}}
    failed = {"$json": {"type": "turn.failed", "error": {"message": "broke"}}}
    tree: dict[str, Any] = {
        "requests": [{"run": 1}, {"run": 2}, {"run": 2}],
        "runs": [
            {
                "exit": 0,
                "stdout": ["hi", {"$json": [1]}, ""],
                "stderr": ["codex", "ERROR: told", "Error: told at last"],
            },
            {"exit": 1, "stdout": [error, failed], "stderr": []},
        ],
    }
    first, second = (seen_run(tree, Shown(scenario="a/b", run=run)) for run in (1, 2))
    assert (first.requests, first.exit, first.message) == (1, 0, "told at last")
    assert (second.requests, second.exit, second.message, str(second.by)) == (2, 1, "broke", "a/b#2")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{does: x, shown: a}", "row 1: the key `fault` is missing"),
        ("{fault: x, shown: a}", "row 1: the key `does` is missing"),
        ("{fault: x, does: y}", "say either which scenarios"),
        ("{fault: x, does: y, shown: a, cannot: b}", "say either which scenarios"),
        ("{fault: x, does: y, shown: a#b}", "'a#b' is no scenario with the number of a run"),
        ("{fault: x, does: y, shown: a, why: b}", "unknown key why"),
    ],
)
def test_a_row_that_says_nothing_is_named(row: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.yaml"
    path.write_text(f"Some:\n  - {row}\n")
    with pytest.raises(FaultTableError, match=re.escape(words)):
        load_table(path)
