"""Where the lines of a chunk stand in a file, and what the file becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pycodex.patch.hunks import Chunk, PatchError
from pycodex.rust import trim, trim_end

__all__ = ["keep_line_endings", "line_feeds_only"]

_LINE = re.compile(r"(?=[\s\S])([^\r\n]*)(\r\n|\r|\n|\Z)")

Replacement = tuple[int, int, Sequence[str]]
"""From which line on, how many lines, and what stands there instead."""

_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    }
)


def _ascii(line: str) -> str:
    return trim(line).translate(_PUNCTUATION)


_FORMS: tuple[Callable[[str], str], ...] = (str, trim_end, trim, _ascii)
"""Ways to compare lines, the strictest first: as they are, without white space at the end, without any around them,
and with ASCII in place of typographic dashes, quotes and spaces."""


def _seek(lines: Sequence[str], pattern: Sequence[str], first: int) -> int | None:
    """The first place from `first` on where `pattern` stands, in the strictest form that finds one."""
    if not pattern:
        return first
    last = len(lines) - len(pattern)
    for form in _FORMS:
        wanted = [form(line) for line in pattern]
        for place in range(first, last + 1):
            if all(form(lines[place + offset]) == line for offset, line in enumerate(wanted)):
                return place
    return None


def _find(
    lines: Sequence[str], chunk: Chunk, start: int, path: str, *, end_may_precede: bool
) -> tuple[int, Sequence[str], Sequence[str]]:
    """Where the old lines of a chunk stand, and its old and new lines as they count there.

    Lines at the end of the file have one place only; `end_may_precede`: also where earlier chunks reach beyond it. A
    last empty line may stand for the line break at the end of the file; then it does not count.
    """

    def seek(pattern: Sequence[str]) -> int | None:
        last = len(lines) - len(pattern)
        if last < 0:
            return None
        earliest = 0 if end_may_precede else start
        return _seek(lines, pattern, max(last, earliest) if chunk.at_end and pattern else start)

    old, new = chunk.old, chunk.new
    place = seek(old)
    if place is None and not old[-1]:
        old = old[:-1]
        new = new[:-1] if new and not new[-1] else new
        place = seek(old)
    if place is None:
        raise PatchError(f"Failed to find expected lines in {path}:\n" + "\n".join(chunk.old))
    return place, old, new


def _after_context(lines: Sequence[str], chunk: Chunk, start: int, path: str) -> int:
    if chunk.context is None:
        return start
    place = _seek(lines, [chunk.context], start)
    if place is None:
        raise PatchError(f"Failed to find context '{chunk.context}' in {path}")
    return place + 1


def line_feeds_only(original: str, chunks: Sequence[Chunk], path: str) -> str:
    """The file with its chunks applied. Lines are what stands between line feeds, so a carriage return is part of a
    line; a chunk's lines, unchanged ones too, stand as the patch has them. Raises PatchError."""
    lines = original.split("\n")
    if not lines[-1]:
        lines.pop()
    found: list[Replacement] = []
    start = 0
    for chunk in chunks:
        start = _after_context(lines, chunk, start, path)
        if not chunk.old:
            # Lines that replace none go to the end, before an empty last line.
            found.append((len(lines) - 1 if lines and not lines[-1] else len(lines), 0, chunk.new))
            continue
        place, old, new = _find(lines, chunk, start, path, end_may_precede=True)
        found.append((place, len(old), new))
        start = place + len(old)
    # From the last place to the first, so that places stay true; of two at one place the later one goes first.
    for place, count, new in reversed(sorted(found, key=lambda each: each[0])):
        lines[place : place + count] = new
    if not lines or lines[-1]:
        lines.append("")
    return "\n".join(lines)


def keep_line_endings(original: str, chunks: Sequence[Chunk], path: str) -> str:
    """The file with its chunks applied. A line ends at a line feed, a carriage return or both; it keeps its ending
    and, where the patch has it as unchanged, its text. New lines end as the first line of the file does, and so does a
    last line that had no ending. Raises PatchError."""
    parts = [(match[1], match[2]) for match in _LINE.finditer(original)]
    preferred = parts[0][1] if parts and parts[0][1] else "\n"
    lines = [text for text, _ in parts]
    found: list[Replacement] = []
    start = 0
    for chunk in chunks:
        start = _after_context(lines, chunk, start, path)
        if not chunk.old:
            found.append((len(lines), 0, chunk.new))
            continue
        place, old, new = _find(lines, chunk, start, path, end_may_precede=False)
        found += _around_kept(chunk, place, old, new)
        start = place + len(old)
    whole = [text + (ending or preferred) for text, ending in parts]
    for place, count, new in reversed(sorted(found, key=lambda each: each[0])):
        whole[place : place + count] = [line + preferred for line in new]
    return "".join(whole)


def _around_kept(chunk: Chunk, place: int, old: Sequence[str], new: Sequence[str]) -> list[Replacement]:
    """The replacements between the lines that stay."""
    found: list[Replacement] = []
    old_start = new_start = 0
    kept = [pair for pair in chunk.kept if pair[0] < len(old) and pair[1] < len(new)]
    for old_kept, new_kept in (*kept, (len(old), len(new))):
        if old_start < old_kept or new_start < new_kept:
            found.append((place + old_start, old_kept - old_start, new[new_start:new_kept]))
        old_start, new_start = old_kept + 1, new_kept + 1
    return found
