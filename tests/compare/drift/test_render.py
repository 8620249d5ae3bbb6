import json
from typing import Any

from compare.drift.changes import Change, Drift, Part
from compare.drift.render import change_line, drift_json, render_markdown, render_text


def change(kind: str = "added", *parts: Part, surface: str = "head", thing: str = "header `a`", **more: Any) -> Change:
    given = {"cells": ("direct/tools/session", "direct/exec/hello"), **more}
    return Change(surface=surface, thing=thing, kind=kind, parts=parts, **given)


def part(before: Any = None, after: Any = None, field: str = "", forms: int = 1) -> Part:
    return Part(field=field, before=before, after=after, forms=forms)


def drift(*changes: Change, **more: Any) -> Drift:
    return Drift(before="1.0.0", after="2.0.0", changes=changes, compared={"direct": 5, "code_mode": 2}, **more)


def line(one: Change, link: str | None = None) -> str:
    return change_line(one, drift(one), link)


def test_each_kind_of_change_in_a_line() -> None:
    assert line(change("added", part(after="x"))) == "+ header `a`: `x` [2 of 5: exec/hello]"
    assert line(change("missing", part(before="x"))) == "- header `a` (was `x`) [2 of 5: exec/hello]"
    assert (
        line(change("changed", part("x", "y", forms=3)))
        == "~ header `a`: `x` -> `y` and 2 more values [2 of 5: exec/hello]"
    )
    assert line(change("moved", part("x", "x"))) == "~ header `a` stands elsewhere [2 of 5: exec/hello]"
    order = part(["k", "a", "b", "z"], ["k", "b", "a", "z"])
    assert line(change("order", order)) == "~ header `a`: `a, b` -> `b, a` [2 of 5: exec/hello]"


def test_colours_are_shown_not_sent() -> None:
    assert line(change("added", part(after="\x1b[1mbold"))) == "+ header `a`: `\\x1b[1mbold` [2 of 5: exec/hello]"


def test_parts_by_name() -> None:
    assert line(change("added", part(after=True, field="x"))) == "+ header `a`: `x`: `true` [2 of 5: exec/hello]"
    both = change("added", part(after="u", field="x"), part(after={"long": "y" * 50}, field="y"))
    assert line(both) == "+ header `a`: `x` `u`, `y` [2 of 5: exec/hello]"


def test_a_long_text_is_shown_where_it_begins_to_differ() -> None:
    one = change("changed", part("same " * 40 + "old end", "same " * 40 + "new end"))
    assert "…ame same same same same old end` -> `…ame same same same same new end`" in line(one)


def test_other_roles_and_single_runs_are_named() -> None:
    one = change("added", part(after="x"), cells=("code_mode/request/x",), once=True)
    assert line(one) == "+ header `a`: `x` [1 of 2: request/x (code_mode); seen once]"


def test_a_link_leads_to_the_scenario() -> None:
    assert (
        line(change("added", part(after="x")), "s/")
        == "**+** header `a`: `x` (2 of 5: [exec/hello](s/exec/hello.yaml))"
    )


def test_the_text_says_who_must_do_something() -> None:
    told = render_text(
        drift(
            change("added", part(after="x")),
            change("added", part(after="y"), surface="stdout", thing="event `e`"),
            notes=("direct: two models",),
            not_run={"direct/cli/new": "1.0.0: error: --new"},
        )
    ).splitlines()
    assert told[:3] == [
        "1.0.0 -> 2.0.0: a server sees 1 of 2 changes; 7 scenarios compared (5 direct, 2 code_mode)",
        "direct: two models",
        "not run: direct/cli/new: 1.0.0: error: --new",
    ]
    assert told[4] == "What a server sees: headers (1)"
    assert told[7] == "What an agent does: standard output (1)"


TEXT = change("changed", part("old\nsame", "new\nsame"), surface="instructions", thing="base instructions")
PROMPT = Change(**{**vars(TEXT), "texts": (("one old line\nsame", "one new line\nsame"),)})


def test_prompts_follow_word_by_word() -> None:
    assert "! one [-old-]{+new+} line" in render_text(drift(PROMPT)).splitlines()
    told = render_markdown(drift(PROMPT))
    assert "<details><summary>base instructions: 17 -&gt; 17 characters" in told
    assert "\n````diff\n! one [-old-]{+new+} line\n" in told


def test_what_only_repeats_a_text_does_not_show_it_again() -> None:
    copy = Change(**{**vars(PROMPT), "surface": "rollout"})
    assert render_text(drift(PROMPT, copy)).count("[-old-]") == 1


def test_markdown_fits_into_an_issue() -> None:
    many = [Change(**{**vars(PROMPT), "texts": ((f"old {n}\n", f"new {n}\n" * 200),)}) for n in range(40)]
    assert len(render_markdown(drift(*many), limit=20_000)) <= 20_100
    assert render_markdown(drift(*many), limit=3_000).endswith("\n\nand more: `python -m compare drift` shows it\n")


def test_json_has_everything_and_the_exit_code() -> None:
    data = json.loads(drift_json(drift(change("added", part(after="x")))))
    assert (data["before"], data["after"], data["exit_code"]) == ("1.0.0", "2.0.0", 5)
    assert data["changes"][0]["parts"] == [{"field": "", "before": None, "after": "x", "forms": 1}]
