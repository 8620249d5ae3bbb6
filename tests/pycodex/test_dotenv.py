"""The rules of `.env`, measured on both binaries with this file."""

from __future__ import annotations

from pycodex.dotenv import parse_dotenv, unreadable_lines

TEXT = """# c
A=1
export B = two # comment
C='sing $A'
D="dou $A ${A}x \\n \\" \\$Q"
E=un$A"q"'s'
F=a b
G=
H=x#y
I="multi
line"
J=\\$A
bad line
K=after
A.B=dot
1X=one
L=$UNSET-z
M=~
N: yaml
_L=3
P=$HOME/x
"""


def test_measured_file() -> None:
    assert parse_dotenv(TEXT, {"HOME": "/h"}) == {
        "A": "1",
        "B": "two",
        "C": "sing $A",
        "D": 'dou 1 1x \n " $Q',
        "G": "",
        "H": "x#y",
        "I": "multi\nline",
        "J": "$A",
        "K": "after",
        "A.B": "dot",
        "L": "-z",
        "M": "~",
        "_L": "3",
        "P": "/h/x",
    }


def test_the_environment_wins_in_substitutions() -> None:
    assert parse_dotenv("A=file\nB=$A\nA=last\n", {"A": "env"}) == {"A": "last", "B": "env"}
    assert parse_dotenv("X=${open\nY=1\\q\nZ='open\n", {}) == {}


def test_lines_that_are_left_out_are_numbered() -> None:
    lines = TEXT.splitlines()
    wrong = [lines[number - 1] for number in unreadable_lines(TEXT)]
    assert wrong == ["E=un$A\"q\"'s'", "F=a b", "bad line", "1X=one", "N: yaml"]
    assert unreadable_lines("A=1\n\n# c\n") == []
    assert unreadable_lines("A=1\nB='open\nC=2\n") == [2]
