"""The two readers of the patch format; where both are named the text means the same to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pycodex.patch.hunks import Patch, PatchError
from pycodex.patch.parse_hunks import parse_by_hunk
from pycodex.patch.parse_lines import parse_by_line

BOTH = (parse_by_hunk, parse_by_line)
Parse = Callable[[str], Patch]


def wrapped(body: str) -> str:
    return f"*** Begin Patch\n{body}\n*** End Patch"


def refused(parse: Parse, text: str) -> str:
    with pytest.raises(PatchError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize("parse", BOTH)
def test_a_patch_of_every_operation(parse: Parse) -> None:
    patch = parse(
        wrapped(
            "*** Add File: new\n+one\n+\n++\n*** Delete File: old\n*** Update File: a b\n*** Move to: c\n"
            "@@ def f():\n kept\n-gone\n+come\n\n@@\n+more\n*** End of File"
        )
    )
    add, delete, update = patch.hunks
    assert (add.kind, add.path, add.content) == ("add", "new", "one\n\n+\n")
    assert (delete.kind, delete.path) == ("delete", "old")
    assert (update.path, update.move_to, update.told_path) == ("a b", "c", "c")
    first, second = update.chunks
    assert (first.context, first.at_end) == ("def f():", False)
    assert (first.old, first.new) == (("kept", "gone", ""), ("kept", "come", ""))
    assert first.kept == ((0, 0), (2, 2))
    assert (second.context, second.old, second.new, second.at_end) == (None, (), ("more",), True)


@pytest.mark.parametrize("parse", BOTH)
@pytest.mark.parametrize(
    "text",
    [
        "\n  " + wrapped("*** Add File: x\n+y") + " \n",
        "<<'EOF'\n" + wrapped("*** Add File: x\n+y") + "\nEOF",
        "<<EOF\n" + wrapped("*** Add File: x\n+y") + "\n anythingEOF",
        wrapped("*** Add File: x\n+y").replace("\n", "\r\n"),
        "*** Begin Patch  \n *** Add File: x \n+y\n\t*** End Patch",
    ],
    ids=["blanks", "heredoc", "bare heredoc", "CRLF", "padded markers"],
)
def test_what_may_stand_around_a_patch(parse: Parse, text: str) -> None:
    assert [(hunk.path, hunk.content) for hunk in parse(text).hunks] == [("x", "y\n")]


@pytest.mark.parametrize("parse", BOTH)
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "invalid patch: The last line of the patch must be '*** End Patch'"),
        ("*** Begin Patch", "invalid patch: The last line of the patch must be '*** End Patch'"),
        ("*** End Patch", "invalid patch: The first line of the patch must be '*** Begin Patch'"),
        ("<<'END'\n" + wrapped("") + "\nEND", "invalid patch: The first line of the patch must be '*** Begin Patch'"),
        (wrapped("*** Update File: a"), "invalid hunk at line 2, Update file hunk for path 'a' is empty"),
        (wrapped("*** Update File: a\n@@"), "invalid hunk at line 4, Update hunk does not contain any lines"),
        (wrapped("*** Update File: a\n@@\n*** End of File"), "at line 4, Update hunk does not contain any lines"),
        (wrapped("*** Update File: a\n x\nbad"), "at line 4, Expected update hunk to start with a @@ context marker"),
        (wrapped("*** Update File: a\n@@\nbad"), "at line 4, Unexpected line found in update hunk: 'bad'. Every line"),
        (wrapped("*** Add File: a\n+x\ny"), "at line 4, 'y' is not a valid hunk header. Valid hunk headers: '*** Add"),
        (wrapped("*** Delete File: a\n+x"), "at line 3, '+x' is not a valid hunk header"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(parse: Parse, text: str, error: str) -> None:
    assert error in refused(parse, text)


def test_a_wrong_first_line_of_an_update_is_counted_differently() -> None:
    text = wrapped("*** Update File: a\nbad")
    assert "at line 4, Unexpected line" in refused(parse_by_hunk, text)
    assert "at line 3, Unexpected line" in refused(parse_by_line, text)


def test_a_marker_that_is_none_ends_an_update_in_one_of_them() -> None:
    text = wrapped("*** Update File: a\n x\n***bad")
    assert "at line 4, '***bad' is not a valid hunk header" in refused(parse_by_hunk, text)
    assert "at line 4, Expected update hunk to start" in refused(parse_by_line, text)


def test_an_environment_is_known_to_one_of_them() -> None:
    text = wrapped("*** Environment ID:  here \n*** Add File: a")
    assert "is not a valid hunk header" in refused(parse_by_hunk, text)
    assert parse_by_line(text).environment == "here"
    assert "cannot be empty" in refused(parse_by_line, wrapped("*** Environment ID:\n*** Add File: a"))
    twice = wrapped("*** Environment ID: a\n*** Environment ID: b\n*** Add File: a")
    assert "cannot be specified more than once" in refused(parse_by_line, twice)


def test_a_patch_without_operations_is_none_too() -> None:
    for parse in BOTH:
        assert parse("*** Begin Patch\n*** End Patch").hunks == ()
