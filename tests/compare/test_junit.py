from dataclasses import replace
from xml.etree import ElementTree as XML

from compare.junit import junit
from compare.verdicts import CellVerdict, Finding, SurfaceVerdict, Verdict, VerdictFile, uniform

LANE = "0.115.0/direct"


def found(scenario: str, *findings: Finding) -> CellVerdict:
    one = uniform(LANE, scenario, Verdict.IDENTICAL, "")
    verdict = Verdict.DECLARED if all(finding.declared for finding in findings) else Verdict.DIFFERENT
    return replace(
        one, surfaces=(SurfaceVerdict(surface="head", verdict=verdict, findings=findings), *one.surfaces[1:])
    )


FILE = VerdictFile(
    agent="me",
    cells=(
        uniform(LANE, "exec/same", Verdict.IDENTICAL, ""),
        found("exec/other", Finding(place="p", kind="changed", text="<b> & \x1b[31m \ud800 got 1")),
        found("exec/meant", Finding(place="p", kind="changed", text="as meant", declared="row")),
        uniform(LANE, "exec/broken", Verdict.HARNESS_ERROR, "no texts"),
        uniform(LANE, "exec/left", Verdict.NOT_RUN, "needs node"),
        uniform(LANE, "exec/may", Verdict.NOT_RUN, "needs skills"),
        uniform("0.169.0/direct", "top", Verdict.NOT_CAPTURED, "no recording"),
    ),
)


def suites() -> dict[str | None, XML.Element]:
    root = XML.fromstring(junit([FILE], {"me": ["exec/may"]}).encode())
    assert root.tag == "testsuites"
    return {suite.get("name"): suite for suite in root}


def test_a_suite_for_each_lane_counts_its_cases() -> None:
    found = suites()
    assert list(found) == ["me 0.115.0/direct", "me 0.169.0/direct"]
    first = found["me 0.115.0/direct"]
    assert [first.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["6", "2", "1", "1"]


def test_each_cell_is_a_case_and_says_what_became_of_it() -> None:
    cases = {case.get("name"): [child.tag for child in case] for suite in suites().values() for case in suite}
    assert cases == {
        "exec/same": [],
        "exec/other": ["failure"],
        "exec/meant": ["system-out"],
        "exec/broken": ["error"],
        "exec/left": ["failure"],
        "exec/may": ["skipped"],
        "top": ["failure"],
    }


def test_what_differs_is_the_text_of_the_failure_and_no_byte_breaks_the_xml() -> None:
    case = next(case for case in suites()["me 0.115.0/direct"] if case.get("name") == "exec/other")
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("different", "1 differences: head")
    assert failure.text == "head: <b> & \\x1b[31m \\xd800 got 1"
    assert case.get("classname") == "me.0.115.0/direct.exec"
