from pathlib import Path
from typing import Any

import pytest

from compare.diff import compare_trees
from compare.html.sides import Row, Sides
from compare.html.texts import SharedTexts
from tests.compare.samples import changed, tree_115

EXPECTED = tree_115()
BODY = ("requests", 0, "body")


@pytest.fixture
def texts(tmp_path: Path) -> SharedTexts:
    return SharedTexts(tmp_path / "texts")


def sides(actual: Any, texts: SharedTexts, declared: bool = False) -> Sides:
    comparison = compare_trees(EXPECTED, actual)
    return Sides(comparison, {d.text: "row" if declared else None for d in comparison.differences}, texts)


def marked(rows: list[Row]) -> list[tuple[str, str, int | None]]:
    return [(row.label, row.state, row.number) for row in rows if row.state != "same"]


def rows_of(actual: Any, texts: SharedTexts, *path: Any, declared: bool = False) -> list[Row]:
    ours, theirs = EXPECTED, actual
    for key in path:
        ours, theirs = ours[key], theirs[key]
    return sides(actual, texts, declared).rows(ours, theirs, path)


def test_a_leaf_that_differs_is_marked_once_and_its_neighbours_are_not(texts: SharedTexts) -> None:
    rows = rows_of(changed(EXPECTED, *BODY, "model", to="other"), texts, *BODY)
    assert marked(rows) == [("model", "different", 1)]
    (row,) = [row for row in rows if row.label == "model"]
    assert row.ours is not None and row.theirs is not None
    assert [(span.text, span.changed) for span in row.theirs] == [("other", True)]


def test_a_declared_difference_is_marked_as_that(texts: SharedTexts) -> None:
    actual = changed(EXPECTED, *BODY, "model", to="other")
    assert marked(rows_of(actual, texts, *BODY, declared=True)) == [("model", "declared", 1)]


def test_missing_and_added_members_stand_on_their_side(texts: SharedTexts) -> None:
    actual = changed(EXPECTED, *BODY, "extra", to={"a": 1})
    del actual["requests"][0]["body"]["stream"]
    rows = {row.label: row for row in rows_of(actual, texts, *BODY)}
    assert (rows["stream"].state, rows["stream"].theirs) == ("missing", None)
    assert (rows["extra"].state, rows["extra"].ours) == ("added", None)


def test_headers_are_paired_as_the_comparison_paired_them(texts: SharedTexts) -> None:
    actual = changed(EXPECTED, "requests", 0, "head", 1, 0, to="session-id")
    actual["requests"][0]["head"].insert(0, ["x-new", "1"])
    rows = rows_of(actual, texts, "requests", 0, "head")
    assert marked(rows) == [("x-new", "added", 1), ("(name)", "different", 2)]


def test_another_order_of_keys_is_said(texts: SharedTexts) -> None:
    body = EXPECTED["requests"][0]["body"]
    actual = changed(EXPECTED, *BODY, to=dict(reversed(body.items())))
    (first, *_) = rows_of(actual, texts, *BODY)
    assert (first.state, first.number) == ("different", 1)
    assert first.ours is not None and first.ours[0].text.startswith("key order: upstream")


def test_a_list_of_other_length_marks_only_what_is_new(texts: SharedTexts) -> None:
    actual = changed(EXPECTED, "runs", 0, "stdout", to=[*EXPECTED["runs"][0]["stdout"][:2], "more", ""])
    states = [row.state for row in rows_of(actual, texts, "runs", 0, "stdout") if row.state != "same"]
    assert "added" in states or "different" in states
    assert len(states) <= 3


def test_what_differs_as_noise_does_is_no_difference(texts: SharedTexts) -> None:
    actual = changed(EXPECTED, *BODY, "model", to="gpt-5.40")
    some = sides(EXPECTED, texts)
    rows = some.rows(EXPECTED["requests"][0]["body"], actual["requests"][0]["body"], BODY)
    assert marked(rows) == [("model", "noise", None)]


def test_long_texts_stand_once_in_a_file_of_their_own(texts: SharedTexts) -> None:
    actual = changed(EXPECTED, *BODY, "instructions", to="You are" + " long" * 300)
    both = sides(actual, texts).alike(actual["requests"][0]["body"], "body", 0)
    again = sides(actual, texts).alike(actual["requests"][0]["body"], "body", 0)
    refs = [span.ref for rows in (both, again) for row in rows for span in row.ours or () if span.ref]
    assert len(refs) == 2 and refs[0] == refs[1]
    assert len(list(texts.folder.iterdir())) == 1
