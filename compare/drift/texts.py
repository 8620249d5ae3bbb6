"""How a long text changed, for reading: unchanged lines folded, changed ones word by word. Pure.

A line that is only there before stands behind `-`, one that is only there after behind `+`; a line with other words in
it behind `!`, with `[-what went-]` and `{+what came+}`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from compare.html.words import compare_words

__all__ = ["size_of", "text_diff"]

_ALIKE = 0.4
"""Lines with at least this much in common are shown as one that changed."""

_REWRITTEN = 0.1
_KEPT = 40
_LINE = 2000


def text_diff(before: str, after: str, *, most: int = 80) -> list[str]:
    """The lines of the difference, at most `most` of them; where nothing is left of a text, that is all it says."""
    ours, theirs = before.splitlines(), after.splitlines()
    if difflib.SequenceMatcher(None, _words(before), _words(after), autojunk=False).quick_ratio() < _REWRITTEN:
        return ["! rewritten: hardly a word is left"]
    lines = list(_lines(ours, theirs))
    if before.splitlines() == after.splitlines() and before != after:
        lines.append("! line breaks at the end or within changed")
    if len(lines) > most:
        lines = [*lines[:most], f"… and {len(lines) - most} more lines of this difference"]
    return lines


def size_of(before: str, after: str) -> str:
    """`14101 -> 14388 characters, 12 words out, 40 words in`."""
    old, new = _words(before), _words(after)
    out = came = 0
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            out, came = out + i2 - i1, came + j2 - j1
    return f"{len(before)} -> {len(after)} characters, {out} words out, {came} words in"


def _lines(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            if i2 - i1 > 0:
                yield f"  … {i2 - i1} equal line{'s' if i2 - i1 > 1 else ''}"
            continue
        pairs = list(_paired(ours[i1:i2], theirs[j1:j2]))
        for old, new in pairs:
            if old is None:
                yield f"+ {_clipped(new or '')}"
            elif new is None:
                yield f"- {_clipped(old)}"
            else:
                yield f"! {_words_marked(old, new)}"


def _paired(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Lines that are alike side by side, in order; the others alone."""
    at = 0
    for old in ours:
        found = next((j for j in range(at, len(theirs)) if _alike(old, theirs[j])), None)
        if found is None:
            yield old, None
            continue
        yield from ((None, new) for new in theirs[at:found])
        yield old, theirs[found]
        at = found + 1
    yield from ((None, new) for new in theirs[at:])


def _alike(old: str, new: str) -> bool:
    matcher = difflib.SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _words_marked(old: str, new: str) -> str:
    out = []
    pieces = compare_words(old, new)
    for number, piece in enumerate(pieces):
        if piece.equal:
            out.append(_folded(piece.ours, first=number == 0, last=number == len(pieces) - 1))
        else:
            out.append((f"[-{piece.ours}-]" if piece.ours else "") + (f"{{+{piece.theirs}+}}" if piece.theirs else ""))
    return _clipped("".join(out))


def _folded(text: str, *, first: bool, last: bool) -> str:
    """An equal stretch without its middle."""
    if len(text) <= 3 * _KEPT:
        return text
    return ("" if first else text[:_KEPT]) + " … " + ("" if last else text[-_KEPT:])


def _clipped(line: str) -> str:
    return line if len(line) <= _LINE else f"{line[:_LINE]}…"


def _words(text: str) -> list[str]:
    return text.split()
