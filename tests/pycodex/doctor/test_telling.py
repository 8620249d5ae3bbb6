"""The report as JSON and for people; what codex-cli's looks like is held by the scenarios doctor/*."""

from __future__ import annotations

import json

import pytest

from pycodex.doctor.as_json import as_json
from pycodex.doctor.as_text import COLORS, Layout, as_text
from pycodex.doctor.report import Check, Issue, Verdict, overall
from pycodex.paint import Painter

ISSUE = Issue(severity="fail", cause="c", measured="http://h/a/b", expected="e", remedy="r", fields=("f",))
DETAILS = (("k", "1"), ("k", "2"), ("", "n"))
CHECKS = (
    Check(id="b.y", category="tcp", status="fail", summary="no", remedy="do it", details=DETAILS),
    Check(id="a.x", category="dns", status="ok", summary="yes", milliseconds=7),
    Check(id="c.z", category="tls", status="skipped", summary="not looked at"),
)  # fmt: skip


def test_the_worst_verdict_counts_and_what_was_skipped_does_not() -> None:
    def of(*verdicts: Verdict) -> Verdict:
        return overall([Check(id="x", category="x", status=verdict, summary="") for verdict in verdicts])

    assert of("ok", "skipped") == of() == "ok"
    assert of("ok", "warning", "skipped") == "warning"
    assert of("warning", "fail") == "fail"


def test_json_has_each_check_by_its_id() -> None:
    found = json.loads(as_json("1.2.3", CHECKS))
    assert [found["schemaVersion"], found["overallStatus"], found["codexVersion"]] == [1, "fail", "1.2.3"]
    assert list(found["checks"]) == ["a.x", "b.y", "c.z"]
    assert found["checks"]["a.x"] == {
        "id": "a.x",
        "category": "dns",
        "status": "ok",
        "summary": "yes",
        "details": {},
        "remediation": None,
        "durationMs": 7,
    }
    failed = found["checks"]["b.y"]
    assert failed["details"] == {"k": ["1", "2"]} and failed["notes"] == ["n"] and failed["remediation"] == "do it"


def test_json_has_issues_where_there_are_some() -> None:
    check = Check(id="x", category="reachability", status="fail", summary="", issues=(ISSUE,))
    (issue,) = json.loads(as_json("1", [check]))["checks"]["x"]["issues"]
    assert issue["measured"] == "http://h/a/<redacted>" and issue["fields"] == ["f"]


def test_people_see_a_line_a_check_and_first_what_is_wrong() -> None:
    text = as_text("Doctor", "1", CHECKS, Layout(details=False, ascii=True))
    lines = text.splitlines()
    assert lines[3] == "   [XX] tcp          no - do it"
    assert lines[6:10] == [
        "Connectivity",
        "  [ok] dns          yes",
        "  [XX] tcp          no - do it",
        "  [--] tls          not looked at",
    ]
    assert "1 ok | 1 skipped | 1 notes | 0 warn | 1 fail failed" in lines


def test_details_stand_below() -> None:
    lines = as_text("Doctor", "1", CHECKS, Layout()).splitlines()
    at = lines.index("  ✗ tcp          no — do it")
    assert [line.split() for line in lines[at + 1 : at + 4]] == [["k", "1"], ["k", "2"], ["·", "n"]]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("/h/me/x", "~/x"),
        ("/h/me", "~"),
        ("/h/mel", "/h/mel"),
        ("/" + "a" * 60 + " (dir)", "/" + "a" * 23 + "…" + "a" * 23 + " (dir)"),
        ("x /h/me", "x /h/me"),
    ],
)
def test_paths_are_short(value: str, told: str) -> None:
    check = Check(id="x", category="network", status="ok", summary="", details=(("p", value),))
    assert f"p {told}" in " ".join(as_text("D", "1", [check], Layout(home="/h/me")).split())


def test_every_category_has_its_group() -> None:
    """One that no group names would not be shown."""
    from pycodex.doctor.examine import STEPS

    for step in STEPS:
        check = Check(id=step.id, category=step.category, status="fail", summary="see me")
        assert f"{step.category:12} see me" in as_text("D", "1", [check], Layout()).partition("────")[2]


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[" not in as_text("D", "1", CHECKS, Layout())
    assert "\x1b[31m✗" in as_text("D", "1", CHECKS, Layout(paint=Painter(roles=COLORS)))
