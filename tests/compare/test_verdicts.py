import json
from typing import Any

import pytest

from compare.declared import Declared, parse_declared
from compare.surfaces import SURFACES
from compare.verdicts import (
    CellVerdict,
    Verdict,
    VerdictError,
    VerdictFile,
    exit_code,
    judge,
    summary,
    uniform,
)
from tests.compare.samples import changed, compare, tree_115, tree_169

EXIT_ROW = parse_declared(
    'difference = [{id = "exit", cells = "*", surface = "exit", path = "*", reason = "r", evidence = "e"}]'
)


def verdict(expected: dict[str, Any], actual: dict[str, Any], declared: Declared | None = None) -> CellVerdict:
    comparison = compare(expected, actual)
    return judge("0.169.0/direct", "exec/hello", expected, actual, comparison, declared or Declared())


def by_surface(cell: CellVerdict) -> dict[str, Verdict]:
    return {surface.surface: surface.verdict for surface in cell.surfaces}


def test_a_cell_has_one_verdict_for_each_surface() -> None:
    cell = verdict(tree_169(), tree_169())
    assert by_surface(cell) == dict.fromkeys(SURFACES, Verdict.IDENTICAL)
    assert (cell.verdict, cell.different, cell.name) == (Verdict.IDENTICAL, False, "0.169.0/direct/exec/hello")


def test_a_difference_makes_its_surface_different_and_the_cell_too() -> None:
    cell = verdict(tree_169(), changed(tree_169(), "runs", 0, "exit", to=1))
    assert [name for name, found in by_surface(cell).items() if found is Verdict.DIFFERENT] == ["exit"]
    assert cell.different


def test_a_declared_difference_is_declared_and_names_its_row() -> None:
    cell = verdict(tree_169(), changed(tree_169(), "runs", 0, "exit", to=1), EXIT_ROW)
    assert by_surface(cell)["exit"] is Verdict.DECLARED
    assert [f.declared for s in cell.surfaces for f in s.findings] == ["exit"]
    assert not cell.different


def test_one_undeclared_difference_beside_a_declared_one_is_different() -> None:
    declared = parse_declared(
        'difference = [{id = "x", cells = "*", surface = "stderr", path = "*/0", reason = "r", evidence = "e"}]'
    )
    actual = changed(tree_169(), "runs", 0, "stderr", to=["other", "more", ""])
    assert by_surface(verdict(tree_169(), actual, declared))["stderr"] is Verdict.DIFFERENT


@pytest.mark.parametrize("tree", [tree_115(), tree_169()], ids=["0.115.0", "0.169.0"])
def test_without_a_request_nothing_about_requests_is_identical(tree: dict[str, Any]) -> None:
    found = by_surface(verdict(tree, {**tree, "requests": [], "responses": []}))
    red = {name for name, one in found.items() if one is Verdict.DIFFERENT}
    assert red == {"traffic", "head", "body", "instructions", "input", "tools", "tool_output"}


def test_a_scenario_that_sends_no_request_may_be_identical() -> None:
    tree = {**tree_115(), "requests": [], "responses": []}
    assert not verdict(tree, tree).different


def cell(found: Verdict, scenario: str = "exec/hello") -> CellVerdict:
    return uniform("0.169.0/direct", scenario, found, "why")


@pytest.mark.parametrize(
    ("cells", "stale", "allowed", "code"),
    [
        ([cell(Verdict.IDENTICAL)], (), (), 0),
        ([cell(Verdict.DECLARED)], (), (), 0),
        ([cell(Verdict.IDENTICAL)], ("row",), (), 4),
        ([cell(Verdict.DIFFERENT)], ("row",), (), 1),
        ([cell(Verdict.NOT_CAPTURED)], (), (), 1),
        ([cell(Verdict.NOT_RUN)], (), (), 1),
        ([cell(Verdict.NOT_RUN)], (), ("exec/hello",), 0),
        ([cell(Verdict.NOT_RUN)], (), ("exec/other",), 1),
        ([cell(Verdict.DIFFERENT)], (), ("exec/hello",), 1),
        ([cell(Verdict.HARNESS_ERROR), cell(Verdict.DIFFERENT)], (), (), 3),
        ([], (), (), 3),
    ],
)
def test_exit_codes(cells: list[CellVerdict], stale: tuple[str, ...], allowed: tuple[str, ...], code: int) -> None:
    assert exit_code(VerdictFile(agent="a", cells=tuple(cells), stale=stale), allowed) == code


def test_a_verdict_file_comes_back_as_it_was() -> None:
    cells = (verdict(tree_169(), changed(tree_169(), "runs", 0, "exit", to=1), EXIT_ROW), cell(Verdict.NOT_RUN))
    verdicts = VerdictFile(agent="pycodex", cells=cells, stale=("row",))
    data = json.loads(json.dumps(verdicts.to_json()))
    assert data["format"] == 1
    assert VerdictFile.from_json(data) == verdicts


def test_a_verdict_file_of_another_format_is_refused() -> None:
    with pytest.raises(VerdictError, match="format 2; this program reads 1"):
        VerdictFile.from_json({"format": 2})


def test_the_sentence() -> None:
    cells = [cell(Verdict.IDENTICAL), verdict(tree_169(), changed(tree_169(), "runs", 0, "exit", to=1))]
    assert summary(cells) == "2 cells x 12 surfaces = 24 verdicts: 23 identical, 1 different"
    assert summary([]) == "0 cells x 12 surfaces = 0 verdicts"
