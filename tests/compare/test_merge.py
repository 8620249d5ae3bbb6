from dataclasses import replace

from compare.merge import merge
from compare.verdicts import CellVerdict, Finding, SurfaceVerdict, Verdict, VerdictFile, uniform

LANE = "0.115.0/direct"


def cell(scenario: str, verdict: Verdict, declared: str | None = None) -> CellVerdict:
    one = uniform(LANE, scenario, Verdict.IDENTICAL, "")
    finding = Finding(place="p", kind="changed", text="t", declared=declared)
    surface = SurfaceVerdict(surface="head", verdict=verdict, findings=(finding,))
    return replace(one, surfaces=(surface, *one.surfaces[1:])) if verdict is not Verdict.IDENTICAL else one


def file(*cells: CellVerdict, agent: str = "me", stale: tuple[str, ...] = (), command: str = "") -> VerdictFile:
    return VerdictFile(agent=agent, cells=cells, stale=stale, command=command)


def test_the_cells_of_each_agent_come_together_in_order() -> None:
    parts = [
        file(cell("b", Verdict.IDENTICAL), command="me --flag"),
        file(cell("b", Verdict.IDENTICAL), agent="it"),
        file(cell("a", Verdict.DIFFERENT)),
    ]
    merged = merge(parts)
    assert [(one.agent, [c.scenario for c in one.cells], one.command) for one in merged.files] == [
        ("it", ["b"], ""),
        ("me", ["a", "b"], "me --flag"),
    ]
    assert merged.conflicts == ()
    assert merged.origin == {("me", f"{LANE}/b"): 0, ("it", f"{LANE}/b"): 1, ("me", f"{LANE}/a"): 2}


def test_not_run_gives_way_and_is_no_conflict() -> None:
    silent, said = uniform(LANE, "a", Verdict.NOT_RUN, "no npm"), cell("a", Verdict.DIFFERENT)
    for parts in ([file(silent), file(said)], [file(said), file(silent)]):
        merged = merge(parts)
        assert merged.files[0].cells == (said,)
        assert merged.conflicts == ()


def test_of_two_that_disagree_the_worse_is_kept_and_it_is_said() -> None:
    good, bad = cell("a", Verdict.IDENTICAL), cell("a", Verdict.DIFFERENT)
    for parts, files in (([file(good), file(bad)], (1, 0)), ([file(bad), file(good)], (0, 1))):
        merged = merge(parts)
        assert merged.files[0].cells == (bad,)
        (conflict,) = merged.conflicts
        assert (conflict.kept, conflict.dropped, conflict.files) == (Verdict.DIFFERENT, Verdict.IDENTICAL, files)
        assert f"verdict files {files[0] + 1} and {files[1] + 1} disagree: they say different and identical" in (
            conflict.text
        )
        assert merged.origin["me", f"{LANE}/a"] == files[0]


def test_the_same_said_twice_is_no_conflict_but_of_another_recording_it_is() -> None:
    one = cell("a", Verdict.IDENTICAL)
    assert merge([file(one), file(one)]).conflicts == ()
    (conflict,) = merge([file(one), file(replace(one, recording="ab"))]).conflicts
    assert "both say identical" in conflict.text


def test_a_row_is_stale_only_if_no_cell_of_any_file_needs_it() -> None:
    parts = [file(stale=("x", "y")), file(cell("a", Verdict.DECLARED, "x"))]
    assert merge(parts).files[0].stale == ("y",)
