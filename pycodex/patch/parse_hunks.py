"""A patch read one file operation after the other: each takes the lines it understands, the next begins behind them."""

from __future__ import annotations

from collections.abc import Sequence

from pycodex.patch.hunks import (
    ADD,
    CONTEXT,
    DELETE,
    END_OF_FILE,
    MOVE,
    UPDATE,
    Chunk,
    Hunk,
    InvalidHunk,
    Patch,
    bad_header,
    bad_line,
    inside,
)
from pycodex.rust import trim

__all__ = ["parse_by_hunk"]

_FIRST_LINE = 2  # the first one is the marker
_NO_LINES = "Update hunk does not contain any lines"


def parse_by_hunk(text: str) -> Patch:
    """The patch that `text` is. Raises PatchError."""
    rest = inside(text)[1:-1]
    hunks: list[Hunk] = []
    number = _FIRST_LINE
    while rest:
        hunk, taken = _hunk(rest, number)
        hunks.append(hunk)
        number += taken
        rest = rest[taken:]
    return Patch(hunks=tuple(hunks))


def _hunk(rest: Sequence[str], number: int) -> tuple[Hunk, int]:
    """The operation at the start of `rest` (line `number`), and how many lines it took."""
    header = trim(rest[0])
    if header.startswith(ADD):
        added = 1
        while added < len(rest) and rest[added].startswith("+"):
            added += 1
        content = "".join(f"{line[1:]}\n" for line in rest[1:added])
        return Hunk(kind="add", path=header.removeprefix(ADD), content=content), added
    if header.startswith(DELETE):
        return Hunk(kind="delete", path=header.removeprefix(DELETE)), 1
    if header.startswith(UPDATE):
        return _update(header.removeprefix(UPDATE), rest, number)
    raise InvalidHunk(number, bad_header(header))


def _update(path: str, rest: Sequence[str], number: int) -> tuple[Hunk, int]:
    taken = 1
    move_to = None
    if taken < len(rest) and rest[taken].startswith(MOVE):
        move_to = rest[taken].removeprefix(MOVE)
        taken += 1
    chunks: list[Chunk] = []
    while taken < len(rest):
        if not trim(rest[taken]):
            taken += 1
        elif rest[taken].startswith("***"):
            break
        else:
            chunk, lines = _chunk(rest[taken:], number + taken, first=not chunks)
            chunks.append(chunk)
            taken += lines
    if not chunks:
        raise InvalidHunk(number, f"Update file hunk for path '{path}' is empty")
    return Hunk(kind="update", path=path, move_to=move_to, chunks=tuple(chunks)), taken


def _chunk(rest: Sequence[str], number: int, *, first: bool) -> tuple[Chunk, int]:
    """The chunk at the start of `rest`, and how many lines it took. Only the first one may begin without a mark."""
    context = None
    start = 1
    if rest[0].startswith(f"{CONTEXT} "):
        context = rest[0].removeprefix(f"{CONTEXT} ")
    elif rest[0] != CONTEXT:
        if not first:
            raise InvalidHunk(number, f"Expected update hunk to start with a @@ context marker, got: '{rest[0]}'")
        start = 0
    if start >= len(rest) or rest[start] == END_OF_FILE:
        raise InvalidHunk(number + 1, _NO_LINES)
    old: list[str] = []
    new: list[str] = []
    kept: list[tuple[int, int]] = []
    taken = start
    for line in rest[start:]:
        if line == END_OF_FILE:
            return _made(context, old, new, kept, at_end=True), taken + 1
        if not line or line[0] == " ":
            kept.append((len(old), len(new)))
            old.append(line[1:])
            new.append(line[1:])
        elif line[0] == "+":
            new.append(line[1:])
        elif line[0] == "-":
            old.append(line[1:])
        elif taken == start:
            raise InvalidHunk(number + 1, bad_line(line))
        else:
            break  # the next chunk or operation begins here
        taken += 1
    return _made(context, old, new, kept, at_end=False), taken


def _made(context: str | None, old: list[str], new: list[str], kept: list[tuple[int, int]], *, at_end: bool) -> Chunk:
    return Chunk(context=context, old=tuple(old), new=tuple(new), kept=tuple(kept), at_end=at_end)
