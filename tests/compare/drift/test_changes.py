from typing import Any

import pytest

from captures.noise import NoiseRule
from captures.recording import Recording
from compare.difference import Difference
from compare.drift.changes import (
    ORDER,
    SERVER_SURFACES,
    Change,
    Compared,
    Drift,
    DriftCode,
    Part,
    compare_pair,
    drift_code,
    group,
    refusal,
)
from compare.drift.subjects import Subject
from compare.surfaces import SURFACES
from tests.compare.samples import changed, tree_115


def difference(surface: str, kind: Any = "added", before: Any = None, after: Any = "x") -> Difference:
    return Difference(surface=surface, path=(), place="", kind=kind, expected=before, actual=after, text="")


def cell(name: str, *rows: tuple[Difference, Subject], once: bool = False) -> Compared:
    return Compared(name=f"direct/{name}", differences=rows, once=once)


HEADER = Subject(thing="header `thread-id`")


def change(surface: str) -> Change:
    return Change(
        surface=surface, thing="it", kind="added", parts=(Part(field="", before=None, after=1),), cells=("a",)
    )


def test_the_same_change_of_many_scenarios_is_one() -> None:
    cells = [cell(f"s{n}", (difference("head", after=f"id {n}"), HEADER)) for n in range(3)]
    (found,) = group(cells)
    assert found.cells == ("direct/s0", "direct/s1", "direct/s2")
    assert found.parts == (Part(field="", before=None, after="id 0", forms=3),)


def test_parts_that_came_in_the_same_cells_are_one_change() -> None:
    rows = [(difference("body"), Subject(thing="body key `a`", field=name)) for name in ("x", "y")]
    alone = (difference("body"), Subject(thing="body key `a`", field="z"))
    found = group([cell("one", *rows, alone), cell("two", *rows)])
    assert [[part.field for part in one.parts] for one in found] == [["x", "y"], ["z"]]


def test_descriptions_of_a_tool_are_one_change_whatever_became_of_them() -> None:
    rows = [
        (difference("tools", kind, "old", "new"), Subject(thing="descriptions of tool `t`", field=name, merged=True))
        for kind, name in (("changed", "a"), ("added", "b"))
    ]
    (found,) = group([cell("one", *rows)])
    assert (found.kind, [part.field for part in found.parts]) == ("changed", ["a", "b"])


def test_lines_of_one_scenario_alone_are_one_change_and_those_of_several_each_its_own() -> None:
    def line(text: str) -> tuple[Difference, Subject]:
        return difference("stderr", after=text), Subject(thing="line of standard error", values=("", text))

    found = group([cell("one", line("shared"), line("a"), line("b")), cell("two", line("shared"))])
    assert [(one.parts[0].after, one.parts[0].forms, len(one.cells)) for one in found] == [
        ("shared", 1, 2),
        ("a", 2, 1),
    ]


def test_the_order_is_what_a_server_must_do_first_then_new_gone_changed_then_the_widest() -> None:
    def row(surface: str, kind: str, name: str) -> tuple[Difference, Subject]:
        return difference(surface, kind, "a", "b"), Subject(thing=name)

    one = cell("1", row("stdout", "added", "event"), row("head", "changed", "wide"), row("head", "added", "narrow"))
    two = cell("2", row("head", "changed", "wide"), row("head", "added", "broad"), row("traffic", "added", "GET"))
    three = cell("3", row("head", "added", "broad"), row("head", "missing", "lost"))
    assert [change.thing for change in group([one, two, three])] == ["GET", "broad", "narrow", "lost", "wide", "event"]


def test_every_surface_has_its_place() -> None:
    assert sorted(ORDER) == sorted(SURFACES)


def test_long_texts_are_kept_for_reading() -> None:
    row = (difference("instructions", "changed", "old\nprompt", "new\nprompt"), Subject(thing="base instructions"))
    (found,) = group([cell("a", row), cell("b", row)])
    assert found.texts == (("old\nprompt", "new\nprompt"),)


def test_what_only_single_recordings_show_is_marked() -> None:
    row = (difference("head"), HEADER)
    assert group([cell("a", row, once=True)])[0].once
    assert not group([cell("a", row, once=True), cell("b", row)])[0].once


@pytest.mark.parametrize(
    ("drift", "code"),
    [
        (Drift(before="1", after="2", compared={"direct": 1}), DriftCode.NONE),
        (Drift(before="1", after="2", compared={"direct": 1}, changes=(change("stdout"),)), DriftCode.AGENT),
        (Drift(before="1", after="2", compared={"direct": 1}, not_run={"a": "error: --x"}), DriftCode.AGENT),
        (Drift(before="1", after="2", compared={"direct": 1}, failed={"a": "?"}), DriftCode.HARNESS_ERROR),
        (Drift(before="1", after="2"), DriftCode.HARNESS_ERROR),
    ],
)
def test_exit_codes(drift: Drift, code: DriftCode) -> None:
    assert drift_code(drift) is code


@pytest.mark.parametrize("surface", SERVER_SURFACES)
def test_what_a_server_sees_counts_most(surface: str) -> None:
    changes = (change("stdout"), change(surface))
    assert drift_code(Drift(before="1", after="2", compared={"direct": 1}, changes=changes)) == 5


def recording(tree: dict[str, Any], *rules: NoiseRule) -> Recording:
    return Recording(lane="0.115.0/direct", scenario="exec/hello", tree=tree, noise=rules)


def test_the_noise_of_both_versions_is_no_drift() -> None:
    rule = NoiseRule(path=("runs", 0, "exit"), kind="number", args={"lo": 0, "hi": 1})
    one, two = tree_115(), changed(tree_115(), "runs", 0, "exit", to=1)
    assert (
        compare_pair(recording(one, rule), recording(two)) == compare_pair(recording(one), recording(two, rule)) == []
    )
    assert len(compare_pair(recording(one), recording(two))) == 1


def test_how_long_something_took_is_no_drift() -> None:
    output = ("requests", 1, "body", "input", 4, "output")
    text = tree_115()["requests"][1]["body"]["input"][4]["output"]
    slower = changed(tree_115(), *output, to=text.replace("0.0001 seconds", "2.5 seconds"))
    assert compare_pair(recording(tree_115()), recording(slower)) == []
    one, two = (changed(tree_115(), "rollouts", 0, "duration_ms", to=number) for number in (3, 900))
    assert compare_pair(recording(one), recording(two)) == []
    assert compare_pair(recording(one), recording(changed(one, "rollouts", 0, "tokens", to=1))) != []


def test_what_may_be_absent_in_the_second_version_does_not_hide_what_is_absent() -> None:
    rule = NoiseRule(path=("runs", 0, "stderr", 0), kind="optional")
    one, two = tree_115(), changed(tree_115(), "runs", 0, "stderr", to=[""])
    assert compare_pair(recording(one, rule), recording(two)) == []
    assert compare_pair(recording(one), recording(two, rule)) != []


def test_a_scenario_that_was_not_started_says_why() -> None:
    refused = changed(tree_115(), "runs", 0, "exit", to=2)
    refused |= {"requests": [], "responses": []}
    refused["runs"][0]["stderr"] = ["Reading...", "error: unexpected argument '--x' found", "", "Usage: codex"]
    assert refusal(refused, tree_115()) == "error: unexpected argument '--x' found"
    assert refusal(tree_115(), refused) == refusal(refused, refused) == refusal(tree_115(), tree_115()) == ""
