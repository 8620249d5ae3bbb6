"""Two texts, word by word: what is equal, what differs, and the equal stretches that are too long to read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Piece", "compare_words", "fold"]

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MOST = 4_000_000
"""Two stretches with more pairs of words than this are shown as replaced, so that no text costs seconds."""

_KEPT = 120
_FOLDED = 400


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of both texts; equal stretches have the same text on both sides. `folded`: not worth showing."""

    ours: str
    theirs: str
    folded: bool = False

    @property
    def equal(self) -> bool:
        return self.ours == self.theirs


def compare_words(ours: str, theirs: str) -> list[Piece]:
    """The pieces in order, first by line and then, where lines differ, by word; both texts are whole in them."""
    pieces: list[Piece] = []
    left, right = ours.splitlines(keepends=True), theirs.splitlines(keepends=True)
    for a, b in _stretches(left, right):
        if a == b:
            pieces.append(Piece(ours=a, theirs=b))
        else:
            pieces += [Piece(ours=c, theirs=d) for c, d in _stretches(_WORD.findall(a), _WORD.findall(b))]
    return _joined(pieces)


def fold(pieces: Sequence[Piece]) -> list[Piece]:
    """The same with the middles of long equal stretches marked as folded."""
    out: list[Piece] = []
    for number, piece in enumerate(pieces):
        if not piece.equal or len(piece.ours) <= _FOLDED:
            out.append(piece)
            continue
        text = piece.ours
        start = 0 if number == 0 else _KEPT
        stop = len(text) if number == len(pieces) - 1 else len(text) - _KEPT
        parts = ((text[:start], False), (text[start:stop], True), (text[stop:], False))
        out += [Piece(ours=part, theirs=part, folded=folded) for part, folded in parts if part]
    return out


def _stretches(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str, str]]:
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    stop, there = len(ours) - end, len(theirs) - end
    yield "".join(ours[:start]), "".join(theirs[:start])
    left, right = ours[start:stop], theirs[start:there]
    if len(left) * len(right) > _MOST:
        yield "".join(left), "".join(right)
    else:
        for _, i1, i2, j1, j2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            yield "".join(left[i1:i2]), "".join(right[j1:j2])
    yield "".join(ours[stop:]), "".join(theirs[there:])


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of the same kind as one, and no empty ones."""
    out: list[Piece] = []
    for piece in pieces:
        if not piece.ours and not piece.theirs:
            continue
        if out and out[-1].equal == piece.equal:
            out[-1] = Piece(ours=out[-1].ours + piece.ours, theirs=out[-1].theirs + piece.theirs)
        else:
            out.append(piece)
    return out
