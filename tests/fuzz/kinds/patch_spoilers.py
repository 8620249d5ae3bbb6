"""Ways to spoil a patch: its lines, its words, its characters. Some leave it valid: the fuzzer does not mind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

__all__ = ["spoilt"]

_LOOK_ALIKES = {"-": "–", "'": "’", '"': "”", " ": "\u00a0", "“": '"', "”": '"', "—": "-", "é": "e\u0301", "…": "..."}
_HEADERS = (
    *("*** Begin Patch", "*** End Patch", "*** End of File", "@@", "@@ nowhere", "@@ def f(a):", "***"),
    "*** Add File: ",
    *("*** Add File: w/short.txt", "*** Add File: w/added.txt", "*** Add File: w", "*** Add File: w/short.txt/x"),
    *("*** Add File: /nowhere/at/all", "*** Add File: ../ws/w/up.txt", "*** Add File: ./w/dot.txt", "*** Add File:x"),
    *("*** Delete File: w/short.txt", "*** Delete File: w/missing.txt", "*** Delete File: w", "*** Delete File: ."),
    *("*** Update File: w/long.txt", "*** Update File: w/missing.txt", "*** Update File: w", "*** Update File: "),
    *("*** Move to: w/target.txt", "*** Move to: w/short.txt", "*** Move to: w", "*** Move to: "),
    *("*** Environment ID: x", "*** Environment ID: ", "*** Rename File: x", "*** update file: w/long.txt"),
    *("", " ", "+", "-", "+added", "-line 3", " line 3", "line 3", "\\ No newline at end of file", "@@ -1,2 +1,2 @@"),
)  # fmt: skip


def spoilt(random: Random, text: str) -> str:
    """The patch after one to three changes."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        text = random.choice(_SPOILERS)(random, text)
    return text


def _lines(change: Callable[[Random, list[str], int], list[str]]) -> Callable[[Random, str], str]:
    """A change of one line, as a change of the text."""

    def spoil(random: Random, text: str) -> str:
        lines = text.split("\n")
        # Without its first line every patch is answered the same.
        at = (
            random.randrange(len(lines))
            if random.random() < 0.1
            else random.randrange(min(1, len(lines) - 1), len(lines))
        )
        return "\n".join(change(random, lines, at))

    return spoil


def _drop(random: Random, lines: list[str], at: int) -> list[str]:
    return lines[:at] + lines[at + 1 :]


def _twice(random: Random, lines: list[str], at: int) -> list[str]:
    return lines[: at + 1] + lines[at:]


def _swap(random: Random, lines: list[str], at: int) -> list[str]:
    other = random.randrange(len(lines))
    lines = list(lines)
    lines[at], lines[other] = lines[other], lines[at]
    return lines


def _insert(random: Random, lines: list[str], at: int) -> list[str]:
    return [*lines[:at], random.choice(_HEADERS), *lines[at:]]


def _replace(random: Random, lines: list[str], at: int) -> list[str]:
    return [*lines[:at], random.choice(_HEADERS), *lines[at + 1 :]]


def _indent(random: Random, lines: list[str], at: int) -> list[str]:
    return [*lines[:at], random.choice((" ", "  ", "\t")) + lines[at], *lines[at + 1 :]]


def _trail(random: Random, lines: list[str], at: int) -> list[str]:
    return [*lines[:at], lines[at] + random.choice((" ", "  ", "\t", "\r", "x")), *lines[at + 1 :]]


def _prefix(random: Random, lines: list[str], at: int) -> list[str]:
    return [*lines[:at], random.choice((" ", "+", "-", "", "@", "*")) + lines[at][1:], *lines[at + 1 :]]


def _inside(random: Random, lines: list[str], at: int) -> list[str]:
    """Another character in a line: mostly a context that is not there."""
    line = lines[at]
    place = random.randint(0, len(line))
    return [*lines[:at], line[:place] + random.choice("aé 0-") + line[place + random.randint(0, 1) :], *lines[at + 1 :]]


def _blanks(random: Random, lines: list[str], at: int) -> list[str]:
    """Blanks that a lenient search passes over."""
    line = lines[at]
    return [*lines[:at], line[:1] + random.choice(("", " ", "   ")) + line[1:].strip() + " ", *lines[at + 1 :]]


def _crlf(random: Random, text: str) -> str:
    return text.replace("\n", "\r\n")


def _look_alike(random: Random, text: str) -> str:
    found = [sign for sign in _LOOK_ALIKES if sign in text]
    sign = random.choice(found)
    if random.random() < 0.5:
        return text.replace(sign, _LOOK_ALIKES[sign], random.randint(1, 3))
    head, _, tail = text.rpartition(sign)
    return head + _LOOK_ALIKES[sign] + tail


def _cut(random: Random, text: str) -> str:
    return text[: random.randint(0, len(text))]


def _around(random: Random, text: str) -> str:
    before, after = random.choice(
        (("", "\n"), ("\n", ""), ("```\n", "\n```"), ("<<EOF\n", "\n"), ("x\n", ""), ("", "\nx"))
    )
    return before + text + after


_SPOILERS: Sequence[Callable[[Random, str], str]] = (
    *(
        _lines(change)
        for change in (_drop, _twice, _swap, _insert, _insert, _replace, _indent, _trail, _prefix, _inside)
    ),
    *(_lines(_blanks), _crlf, _look_alike, _cut, _around),
)
