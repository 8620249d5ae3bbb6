from dataclasses import replace

from compare.markdown import cell_text, render_markdown, table
from compare.merge import merge
from compare.verdicts import Finding, SurfaceVerdict, Verdict, VerdictFile, uniform

LANE = "0.115.0/direct"


def different(count: int) -> VerdictFile:
    cells = []
    for number in range(count):
        one = uniform(LANE, f"exec/s{number:03}", Verdict.IDENTICAL, "")
        finding = Finding(place="p", kind="changed", text="got <img src=x> | `*`\n# head")
        surface = SurfaceVerdict(surface="head", verdict=Verdict.DIFFERENT, findings=(finding,))
        cells.append(replace(one, surfaces=(surface, *one.surfaces[1:])))
    return VerdictFile(agent="me", cells=tuple(cells), stale=("row",))


def test_the_score_and_each_difference_on_a_line_in_which_nothing_is_markup() -> None:
    text = render_markdown(merge([different(1)]))
    assert "| head | 0 of 1: 1 different |" in text
    assert "| body | 1 |" in text
    assert r"- `0.115.0/direct/exec/s000` **head** got \<img src=x\> \| \`\*\` \# head" in text
    assert "- stale: declared difference `row`" in text


def test_it_stays_short_however_much_differs() -> None:
    lines = render_markdown(merge([different(500)])).splitlines()
    assert "- … and 450 more" in lines
    assert len(lines) < 80


def test_what_was_not_compared_is_said_with_its_message() -> None:
    file = VerdictFile(agent="me", cells=(uniform(LANE, "a", Verdict.HARNESS_ERROR, "no texts"),))
    assert "- `0.115.0/direct/a` harness error: no texts" in render_markdown(merge([file]))


def test_conflicts_are_said() -> None:
    same = VerdictFile(agent="me", cells=(uniform(LANE, "exec/s000", Verdict.IDENTICAL, ""),))
    assert "- conflict: me: " in render_markdown(merge([same, different(1)]))


def test_a_number_alone_means_all() -> None:
    assert cell_text({Verdict.IDENTICAL: 3}) == "3"
    assert cell_text({Verdict.IDENTICAL: 3, Verdict.DECLARED: 1}) == "3 of 4: 1 declared"


def test_a_word_in_a_table_cannot_end_its_cell() -> None:
    assert table(["a"], [["x|y\nz"]]) == ["| a |", "| --- |", r"| x\|y z |"]
