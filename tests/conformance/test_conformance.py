"""What the candidate does is what the real codex-cli did."""

import pytest
from syrupy.assertion import SnapshotAssertion

from captures.scenario import load_scenarios
from compare.cells import CellName, find_cells, scenarios_beside, upstream_folder
from compare.surfaces import SURFACES
from tests.conformance.candidate import Candidate
from tests.conformance.extension import ledger, reference, verdict_of

UPSTREAM = upstream_folder()
CELLS = find_cells(UPSTREAM)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_surface(cell: CellName, surface: str, candidate: Candidate, upstream: SnapshotAssertion) -> None:
    if (reason := candidate.not_run(cell)) and cell.scenario in ledger().may_be_not_run:
        pytest.skip(reason)
    assert reference(candidate.folder(cell), surface) == upstream(name=f"{cell} {surface}")


def test_there_are_recordings() -> None:
    assert CELLS, f"no recordings below {UPSTREAM}"


def test_every_recording_has_a_scenario() -> None:
    named = {
        f"{lane}/{scenario.id}" for scenario in load_scenarios(scenarios_beside(UPSTREAM)) for lane in scenario.lanes
    }
    assert [str(cell) for cell in CELLS if str(cell) not in named] == []


def test_every_scenario_is_captured() -> None:
    scenarios = scenarios_beside(UPSTREAM)
    if scenarios.parent != UPSTREAM.resolve().parent:
        pytest.skip("these recordings came without their scenarios")
    captured = {str(cell) for cell in CELLS}
    named = [f"{lane}/{scenario.id}" for scenario in load_scenarios(scenarios) for lane in scenario.lanes]
    assert [name for name in named if name not in captured] == []


def test_what_may_be_not_run_needs_what_a_host_may_lack() -> None:
    needy = {scenario.id for scenario in load_scenarios(scenarios_beside(UPSTREAM)) if scenario.bundled_skills}
    assert set(ledger().may_be_not_run) == needy


def test_no_declared_difference_is_stale(request: pytest.FixtureRequest) -> None:
    declared = ledger()
    if not declared.rows:
        return  # nothing is declared, nothing can be stale
    candidate: Candidate = request.getfixturevalue("candidate")
    verdicts = [
        verdict_of(folder, candidate.folder(cell)) for cell, folder in CELLS.items() if not candidate.not_run(cell)
    ]
    used = {f.declared for verdict in verdicts for s in verdict.surfaces for f in s.findings if f.declared}
    assert declared.stale(used) == ()
