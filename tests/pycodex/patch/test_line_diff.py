"""Unified diffs as the library of codex-cli makes them."""

from __future__ import annotations

import random

import pytest

from pycodex.patch.line_diff import unified_diff


def text(lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "diff"),
    [
        ("abc", "abc", ""),
        ("", "a", "@@ -0,0 +1 @@\n+a\n"),
        ("a", "", "@@ -1 +0,0 @@\n-a\n"),
        ("abcde", "abXde", "@@ -2,3 +2,3 @@\n b\n-c\n+X\n d\n"),
        ("abcdefghi", "Xbcdefghi", "@@ -1,2 +1,2 @@\n-a\n+X\n b\n"),
        ("abcdefgh", "Xbcdefgy", "@@ -1,2 +1,2 @@\n-a\n+X\n b\n@@ -7,2 +7,2 @@\n g\n-h\n+y\n"),
        ("ab", "aab", "@@ -1,2 +1,3 @@\n a\n+a\n b\n"),
        ("xaax", "xaaax", "@@ -3,2 +3,3 @@\n a\n+a\n x\n"),
    ],
)
def test_a_diff_with_one_line_of_context(old: str, new: str, diff: str) -> None:
    assert unified_diff(text(old), text(new), context=1) == diff


def test_a_line_without_an_end_is_told() -> None:
    expected = "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"
    assert unified_diff("a", "a\n", context=3) == expected


def test_a_carriage_return_ends_a_line() -> None:
    assert unified_diff("a\rb\r\n", "a\rc\r\n", context=1) == "@@ -1,2 +1,2 @@\n a\r-b\r\n+c\r\n"


def test_a_header_stands_before_the_first_hunk_only() -> None:
    assert unified_diff("", "", context=3, header=("a", "b")) == ""
    assert unified_diff("x\n", "", context=3, header=("a", "b")).startswith("--- a\n+++ b\n@@ ")


def _applied(old: list[str], diff: str) -> list[str]:
    """The new lines that a diff of whole lines describes, checked against the old ones."""
    new: list[str] = []
    place = 0
    for line in diff.splitlines():
        if line.startswith("@@"):
            first, _, count = line.split()[1][1:].partition(",")
            start = int(first) - (count != "0")
            new += old[place:start]
            place = start
        elif line[0] == "+":
            new.append(line[1:])
        else:
            assert old[place] == line[1:]
            new += [line[1:]] if line[0] == " " else []
            place += 1
    return new + old[place:]


@pytest.mark.parametrize("seed", range(60))
def test_a_diff_says_how_one_text_becomes_the_other(seed: int) -> None:
    source = random.Random(seed)
    old, new = ([source.choice("abcd") for _ in range(source.randint(0, 20))] for _ in range(2))
    diff = unified_diff(text("".join(old)), text("".join(new)), context=source.randint(1, 3))
    assert _applied(old, diff) == new
