from pathlib import Path

from captures.driver import Outcome
from captures.scenario import Lane
from compare.check import check
from compare.declared import Declared, parse_declared
from compare.verdicts import Verdict
from tests.compare.folders import commit, lay
from tests.compare.samples import changed, tree_115, tree_169

CELLS = {"0.115.0/direct/exec/hello": tree_115(), "0.169.0/direct/exec/hello": tree_169()}
WRONG = changed(tree_169(), "runs", 0, "exit", to=1)
EXIT = parse_declared(
    'difference = [{id = "exit", cells = "*", surface = "exit", path = "*", reason = "r", evidence = "e"}]'
)


def outcome(status: str, message: str) -> dict[str, Outcome]:
    lane = Lane("0.169.0", "direct")
    return {"0.169.0/direct/exec/hello": Outcome(lane=lane, scenario_id="exec/hello", status=status, message=message)}


def test_each_committed_cell_gets_its_verdicts(tmp_path: Path) -> None:
    expected = commit(tmp_path / "upstream", CELLS)
    runs = lay(tmp_path / "runs", {**CELLS, "0.169.0/direct/exec/hello": WRONG})
    verdicts = check(runs, expected, agent="me", declared=Declared())
    assert [(cell.name, cell.verdict) for cell in verdicts.cells] == [
        ("0.115.0/direct/exec/hello", Verdict.IDENTICAL),
        ("0.169.0/direct/exec/hello", Verdict.DIFFERENT),
    ]


def test_a_cell_that_was_not_recorded_is_not_run_and_a_new_one_not_captured(tmp_path: Path) -> None:
    expected = commit(tmp_path / "upstream", CELLS)
    runs = lay(tmp_path / "runs", {"0.115.0/direct/exec/hello": tree_115(), "0.115.0/direct/exec/new": tree_115()})
    found = {cell.name: cell.verdict for cell in check(runs, expected, agent="me", declared=Declared()).cells}
    assert found == {
        "0.115.0/direct/exec/hello": Verdict.IDENTICAL,
        "0.115.0/direct/exec/new": Verdict.NOT_CAPTURED,
        "0.169.0/direct/exec/hello": Verdict.NOT_RUN,
    }


def test_the_driver_says_why_there_is_no_recording(tmp_path: Path) -> None:
    expected = commit(tmp_path / "upstream", CELLS)
    runs = lay(tmp_path / "runs", CELLS)
    for status in ("not run", "harness error"):
        outcomes = outcome(status, "no git here")
        cell = check(runs, expected, agent="me", declared=Declared(), outcomes=outcomes).cells[1]
        assert (cell.verdict, cell.message) == (Verdict(status), "no git here")
    cell = check(runs, expected, agent="me", declared=Declared(), outcomes=outcome("recorded", "killed late")).cells[1]
    assert (cell.verdict, cell.message) == (Verdict.IDENTICAL, "killed late")


def test_a_recording_that_cannot_be_read_is_the_harness_s_fault(tmp_path: Path) -> None:
    expected = commit(tmp_path / "upstream", CELLS)
    runs = lay(tmp_path / "runs", CELLS)
    (runs / "0.169.0/direct/exec/hello/requests.json").write_text("{")
    cell = check(runs, expected, agent="me", declared=Declared()).cells[1]
    assert cell.verdict is Verdict.HARNESS_ERROR
    assert "requests.json" in cell.message


def test_a_declared_row_is_stale_only_where_all_cells_were_checked(tmp_path: Path) -> None:
    expected = commit(tmp_path / "upstream", CELLS)
    runs = lay(tmp_path / "runs", CELLS)
    assert check(runs, expected, agent="me", declared=EXIT).stale == ("exit",)
    assert check(runs, expected, agent="me", declared=EXIT, only=["0.115.0"]).stale == ()
    lay(runs, {"0.169.0/direct/exec/hello": WRONG})
    verdicts = check(runs, expected, agent="me", declared=EXIT)
    assert (verdicts.stale, verdicts.cells[1].verdict) == ((), Verdict.DECLARED)
