"""Two texts as a unified diff, as codex-cli's diff library makes it: the shortest edit script by Myers' algorithm in
linear space, with edits moved next to each other where the lines allow it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["unified_diff"]

Edit = tuple[str, int, int, int, int]
"""(`equal`, `delete` or `insert`; first and last-but-one line of the old text; the same of the new text)."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def unified_diff(old: str, new: str, *, context: int, header: tuple[str, str] | None = None) -> str:
    """The diff with that many lines of context; empty when the texts are equal. A lone carriage return ends a line."""
    old_lines, new_lines = _LINE.findall(old), _LINE.findall(new)
    text: list[str] = []
    for group in _groups(_merged(_compacted(_edits(old_lines, new_lines), old_lines, new_lines)), context):
        if not text and header is not None:
            text.append(f"--- {header[0]}\n+++ {header[1]}\n")
        first, last = group[0], group[-1]
        text.append(f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n")
        for kind, i, j, k, m in group:
            if kind == "equal":
                text += [_shown(" ", line) for line in old_lines[i:j]]
            else:
                text += [_shown("-", line) for line in old_lines[i:j]]
                text += [_shown("+", line) for line in new_lines[k:m]]
    return "".join(text)


def _shown(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith(("\n", "\r")) else f"{mark}{line}\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> str:
    """Lines `start` to `end` as a hunk's head has them: counted from 1; an empty range stands at the line before it."""
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def _groups(edits: list[Edit], context: int) -> Iterator[list[Edit]]:
    """The edits with what is around them; long equal parts separate the groups."""
    if edits and edits[0][0] == "equal":
        kind, i, j, k, m = edits[0]
        cut = max(j - i - context, 0)
        edits[0] = (kind, i + cut, j, k + cut, m)
    if edits and edits[-1][0] == "equal":
        kind, i, j, k, m = edits[-1]
        cut = max(j - i - context, 0)
        edits[-1] = (kind, i, j - cut, k, m - cut)
    group: list[Edit] = []
    for kind, i, j, k, m in edits:
        if kind == "equal" and j - i > 2 * context:
            group.append((kind, i, i + context, k, k + context))
            yield group
            group = [(kind, j - context, j, m - context, m)]
        else:
            group.append((kind, i, j, k, m))
    if group and not (len(group) == 1 and group[0][0] == "equal"):
        yield group


def _edits(old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """The edit script: in every part what is equal at its start and end, and between them the halves around the middle
    of a shortest path."""
    edits: list[Edit] = []
    # Parts still to do, the next one last; a finished edit waits there for its turn, too.
    waiting: list[tuple[int, int, int, int] | Edit] = [(0, len(old), 0, len(new))]
    while waiting:
        part = waiting.pop()
        if len(part) == 5:
            edits.append(part)
            continue
        i, j, k, m = part
        same = 0
        while i + same < j and k + same < m and old[i + same] == new[k + same]:
            same += 1
        if same:
            edits.append(("equal", i, i + same, k, k + same))
        i, k, same = i + same, k + same, 0
        while i < j - same and k < m - same and old[j - same - 1] == new[m - same - 1]:
            same += 1
        if same:
            waiting.append(("equal", j - same, j, m - same, m))
        j, m = j - same, m - same
        if i < j and k < m:
            x, y = _middle(old[i:j], new[k:m])
            waiting += [(i + x, j, k + y, m), (i, i + x, k, k + y)]
        elif i < j:
            edits.append(("delete", i, j, k, k))
        elif k < m:
            edits.append(("insert", i, i, k, m))
    return edits


def _middle(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """Where the middle snake of a shortest path begins. Both searches keep, per diagonal, how far they came."""
    n, m = len(old), len(new)
    delta = n - m
    forward, backward = {1: 0}, {1: 0}
    for distance in range((n + m + 1) // 2 + 1):
        for k in range(distance, -distance - 1, -2):
            x = x0 = _step(forward, k, distance)
            while x < n and x - k < m and old[x] == new[x - k]:
                x += 1
            forward[k] = x
            if delta % 2 and abs(k - delta) < distance and x + backward.get(delta - k, 0) >= n:
                return x0, x0 - k
        for k in range(distance, -distance - 1, -2):
            x = _step(backward, k, distance)
            while x < n and x - k < m and old[n - x - 1] == new[m - (x - k) - 1]:
                x += 1
            backward[k] = x
            if not delta % 2 and abs(k - delta) <= distance and x + forward.get(delta - k, 0) >= n:
                return n - x, m - (x - k)
    raise AssertionError("two texts always have a shortest edit script")


def _step(reached: dict[int, int], k: int, distance: int) -> int:
    down = k == -distance or (k != distance and reached.get(k - 1, 0) < reached.get(k + 1, 0))
    return reached.get(k + 1, 0) if down else reached.get(k - 1, 0) + 1


def _compacted(edits: list[Edit], old: Sequence[str], new: Sequence[str]) -> list[Edit]:
    """Edits that can be moved up or down to another one are merged with it: deletions first, then insertions.

    Deletions only change places with insertions; the library compares them with no lines of the new text, so that
    they never move along equal ones.
    """
    for kind in ("delete", "insert"):
        place = 0
        while place < len(edits):
            if edits[place][0] == kind:
                place = _up(edits, place, old, new)
                place = _down(edits, place, old, new)
            place += 1
    return edits


def _up(edits: list[Edit], place: int, old: Sequence[str], new: Sequence[str]) -> int:
    while place > 0:
        kind, i, j, k, m = edits[place]
        before, bi, bj, bk, bm = edits[place - 1]
        if before == "equal":
            same = 0
            while kind == "insert" and same < min(bj - bi, m - k) and old[bj - same - 1] == new[m - same - 1]:
                same += 1
            if same:
                _join(edits, place + 1, ("equal", bj - same, bj, m - same, m))
                edits[place] = (kind, i - same, j - same, k - same, m - same)
                edits[place - 1] = (before, bi, bj - same, bk, bm - same)
            elif bi < bj:
                return place
            if edits[place - 1][1] == edits[place - 1][2]:
                del edits[place - 1]
                place -= 1
        elif before == kind:
            edits[place - 1] = (kind, bi, bj + j - i, bk, bm + m - k)
            del edits[place]
            place -= 1
        else:
            edits[place - 1], edits[place] = edits[place], edits[place - 1]
            place -= 1
    return place


def _down(edits: list[Edit], place: int, old: Sequence[str], new: Sequence[str]) -> int:
    while place + 1 < len(edits):
        kind, i, j, k, m = edits[place]
        after, ai, aj, ak, am = edits[place + 1]
        if after == "equal":
            same = 0
            while kind == "insert" and same < min(aj - ai, m - k) and old[ai + same] == new[k + same]:
                same += 1
            if same:
                if place and edits[place - 1][0] == "equal":
                    _, bi, bj, bk, bm = edits[place - 1]
                    edits[place - 1] = ("equal", bi, bj + same, bk, bm + same)
                else:
                    edits.insert(place, ("equal", ai, ai + same, k, k + same))
                    place += 1
                edits[place] = (kind, i + same, j + same, k + same, m + same)
                edits[place + 1] = (after, ai + same, aj, ak + same, am)
            elif ai < aj:
                return place
            if edits[place + 1][1] == edits[place + 1][2]:
                del edits[place + 1]
        elif after == kind:
            edits[place] = (kind, i, j + aj - ai, k, m + am - ak)
            del edits[place + 1]
        else:
            edits[place], edits[place + 1] = edits[place + 1], edits[place]
            place += 1
    return place


def _join(edits: list[Edit], place: int, equal: Edit) -> None:
    """Equal lines join those that begin at `place`, or stand there."""
    if place < len(edits) and edits[place][0] == "equal":
        kind, i, j, k, m = edits[place]
        same = equal[2] - equal[1]
        edits[place] = (kind, i - same, j, k - same, m)
    else:
        edits.insert(place, equal)


def _merged(edits: list[Edit]) -> list[Edit]:
    """Equal neighbours as one; deletions and insertions side by side as one replacement.

    An edit that changed places keeps the position it had in the other text, as in the library: a replacement takes its
    old lines from the deletions and its new lines from the insertions, but one of them alone stands where it stood.
    """
    merged: list[Edit] = []
    deleted: Edit | None = None
    inserted: Edit | None = None

    def close() -> None:
        nonlocal deleted, inserted
        if deleted is not None and inserted is not None:
            merged.append(("replace", deleted[1], deleted[2], inserted[3], inserted[4]))
        elif deleted is not None or inserted is not None:
            merged.append(deleted or inserted)  # type: ignore[arg-type]
        deleted = inserted = None

    for edit in edits:
        kind, i, j, k, m = edit
        if kind == "delete":
            deleted = edit if deleted is None else (*deleted[:2], deleted[2] + j - i, *deleted[3:])
        elif kind == "insert":
            inserted = edit if inserted is None else (*inserted[:4], inserted[4] + m - k)
        else:
            close()
            if merged and merged[-1][0] == "equal":
                last = merged.pop()
                edit = (kind, last[1], last[2] + j - i, last[3], last[4] + m - k)
            merged.append(edit)
    close()
    return merged
