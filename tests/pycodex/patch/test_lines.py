"""Where chunks stand and what becomes of the file, in the two ways of handling line endings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pycodex.patch.hunks import Chunk, PatchError
from pycodex.patch.lines import keep_line_endings, line_feeds_only
from pycodex.patch.parse_lines import parse_by_line

BOTH = (line_feeds_only, keep_line_endings)
Update = Callable[[str, Sequence[Chunk], str], str]


def chunks(body: str) -> Sequence[Chunk]:
    return parse_by_line(f"*** Begin Patch\n*** Update File: f\n{body}\n*** End Patch").hunks[0].chunks


@pytest.mark.parametrize("update", BOTH)
@pytest.mark.parametrize(
    ("text", "body", "after"),
    [
        ("one\ntwo\n", "@@\n-two\n+2", "one\n2\n"),
        ("one\ntwo", "@@\n-one\n+1", "1\ntwo\n"),
        ("", "@@\n+x", "x\n"),
        ("x\n", "@@\n-x", ""),
        ("a\nx\na\nx\n", "@@\n a\n-x\n+y\n*** End of File", "a\nx\na\ny\n"),
        ("f\n p\ng\n p\n", "@@ g\n- p\n+ q", "f\n p\ng\n q\n"),
        ("a\nb\nc\n", "@@\n-a\n+1\n@@\n-c\n+3", "1\nb\n3\n"),
        ("a\nb\n", "@@\n+c", "a\nb\nc\n"),
        ("a\n", "@@\n-a\n-\n+b", "b\n"),
    ],
    ids=["line", "bare end", "empty", "emptied", "end of file", "context", "two chunks", "addition", "last break"],
)
def test_a_file_is_updated(update: Update, text: str, body: str, after: str) -> None:
    assert update(text, chunks(body), "f") == after


@pytest.mark.parametrize("update", BOTH)
@pytest.mark.parametrize(
    ("line", "written"),
    [("x", "x"), ("x \t", "x"), ("  x\u3000", "x"), ("a \u2013 b", "a - b"), ("\u201cit\u2019s\u201d", '"it\'s"')],
)
def test_lines_are_found_in_looser_forms(update: Update, line: str, written: str) -> None:
    assert update(f"first\n{line}\n", chunks(f"@@\n-{written}\n+new"), "f") == "first\nnew\n"


@pytest.mark.parametrize("update", BOTH)
def test_the_strictest_form_wins(update: Update) -> None:
    assert update(" x\nx\n", chunks("@@\n-x\n+y"), "f") == " x\ny\n"


@pytest.mark.parametrize("update", BOTH)
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("@@\n-a\n-c", "Failed to find expected lines in f:\na\nc"),
        ("@@ z\n-a", "Failed to find context 'z' in f"),
        ("@@\n-b\n@@\n-a", "Failed to find expected lines in f:\na"),
        ("@@\n-a\n-b\n-c\n-d", "Failed to find expected lines in f:\na\nb\nc\nd"),
    ],
)
def test_what_does_not_stand_there_is_told(update: Update, body: str, error: str) -> None:
    with pytest.raises(PatchError) as caught:
        update("a\nb\n", chunks(body), "f")
    assert str(caught.value) == error


def test_unchanged_lines_keep_their_text_where_endings_are_kept() -> None:
    body = "@@\n two\n-three\n+3"
    assert keep_line_endings("two  \r\nthree\n", chunks(body), "f") == "two  \r\n3\r\n"
    assert line_feeds_only("two  \r\nthree\n", chunks(body), "f") == "two\n3\n"


def test_new_lines_end_as_the_first_one_does() -> None:
    assert keep_line_endings("one\rtwo\nthree", chunks("@@\n two\n+2.5"), "f") == "one\rtwo\n2.5\rthree\r"


def test_lines_added_before_an_empty_last_line() -> None:
    assert line_feeds_only("a\n\n", chunks("@@\n+b"), "f") == "a\nb\n"
    assert keep_line_endings("a\n\n", chunks("@@\n+b"), "f") == "a\n\nb\n"


def test_the_end_of_the_file_may_stand_before_an_earlier_chunk_in_one_of_them() -> None:
    body = "@@\n-x\n+y\n*** End of File\n@@\n-x\n+z\n*** End of File"
    assert line_feeds_only("a\nx\n", chunks(body), "f") == "a\ny\n"
    with pytest.raises(PatchError):
        keep_line_endings("a\nx\n", chunks(body), "f")
