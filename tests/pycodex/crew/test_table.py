"""Tables of comma-separated values: what is read, what is refused, what is written."""

from __future__ import annotations

import csv

import pytest

from pycodex.crew.table import TableError, read_table, written


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2\n", [("1", "2")]),
        ("\ufeffa,b\r\n1,2\r3,4", [("1", "2"), ("3", "4")]),
        ('a,b\n"1,2","say ""hi"""\n', [("1,2", 'say "hi"')]),
        ('a,b\n"l\r\nm",x"y\n', [("l\r\nm", 'x"y')]),
        ("a,b\n\n,\n , \n", [(" ", " ")]),
    ],
)
def test_rows(text: str, rows: list[tuple[str, str]]) -> None:
    assert list(read_table(text).rows) == rows
    assert read_table(text).headers == ("a", "b")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("\n\n", None, "csv input must include a header row"),
        ("a,b,a\n", "c", "csv header a is duplicated"),
        ("a,b\n1\n", "c", "id_column c was not found in csv headers"),
        ("a,b\n,\n1,2\n3\n", None, "csv row 3 has 1 fields but header has 2"),
    ],
)
def test_what_is_refused(text: str, column: str | None, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read_table(text, column)
    assert str(caught.value) == message


def test_a_value_may_be_long_and_the_limit_of_others_stays() -> None:
    limit = csv.field_size_limit()
    (row,) = read_table("a\n" + "x" * (limit + 1)).rows
    assert len(row[0]) == limit + 1
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("value", ["plain", " spaced ", "a,b", 'say "hi"', "two\nlines", "\r", ""])
def test_what_is_written_is_read_again(value: str) -> None:
    text = written(["a", "b"], [[value, "x"]])
    assert read_table(text).rows == ((value, "x"),)
    assert text.startswith("a,b\n")
