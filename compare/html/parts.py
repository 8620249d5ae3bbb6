"""The parts of a cell's page that unfold: each request, each output, the files, the rollouts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from captures.recording import join_lines
from compare.align import Pair, same
from compare.html.sides import Row, Sides, Span
from compare.surfaces import Tree

__all__ = ["Part", "outputs_of", "requests_of"]

_SAME_LINES = 8
"""Of more equal lines in a row than this, the middle is left out."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A table of the page that unfolds: a request, an output, a file, a rollout."""

    title: str
    note: str
    open: bool
    rows: Sequence[Row]


def requests_of(ours: Tree, theirs: Tree, pairs: Sequence[Pair], sides: Sides) -> Iterable[Part]:
    """A part for each pair of requests."""
    for pair in pairs:
        if pair.expected is None or pair.actual is None:
            yield _lone_request(ours, theirs, pair, sides)
            continue
        path = ("requests", pair.expected)
        mine, other = ours["requests"][pair.expected], theirs["requests"][pair.actual]
        found = sides.below(path)
        rows: list[Row] = []
        plain = {key: value for key, value in mine.items() if key not in ("head", "body")}
        if same(plain, {key: other.get(key) for key in plain}):
            rows.append(
                Row(
                    depth=0,
                    label="request",
                    ours=_said(f"run {plain['run']} · {plain['http']} · {plain['connection']} connection"),
                )
            )
        for key in mine:
            if rows and key in plain and rows[0].label == "request":
                continue
            if key == "head" and same(mine[key], other.get(key)) and pair.expected:
                rows += _head(mine[key], ours["requests"][pair.expected - 1][key], pair.expected, sides)
            elif key == "body" and isinstance(mine["body"], dict) and isinstance(other.get("body"), dict):
                rows.append(Row(depth=0, label="body"))
                rows += _body(ours, theirs, pair, sides)
            else:
                rows += sides.rows(mine[key], other.get(key), (*path, key), label=key)
        number = f"{pair.expected + 1}" + (
            f" (the candidate's {pair.actual + 1})" if pair.actual != pair.expected else ""
        )
        yield Part(
            title=f"Request {number}: {mine['method']} {mine['target']}",
            note=_count(len(found)),
            open=bool(found),
            rows=rows,
        )


def _head(head: list[Any], before: list[Any], number: int, sides: Sides) -> Iterable[Row]:
    """A head that both sent: the headers that the request before did not have so."""
    known = sum(header in before for header in head)
    said = f"{known} of {len(head)} headers as in request {number}"
    yield Row(depth=0, label="head", ours=_said(said if known < len(head) else f"as in request {number}"))
    for header in head:
        if header not in before:
            yield from sides.alike(header, "", 1)


def _lone_request(ours: Tree, theirs: Tree, pair: Pair, sides: Sides) -> Part:
    added = pair.expected is None
    number = pair.actual if pair.expected is None else pair.expected
    assert number is not None
    request = (theirs if added else ours)["requests"][number]
    row = sides.alone(request, ("requests", number), "request", 0, added=added)
    return Part(
        title=f"Request {number + 1}{' of the candidate' if added else ''}: {request['method']} {request['target']}",
        note="only the candidate sent it" if added else "only upstream sent it",
        open=True,
        rows=[row],
    )


def _body(ours: Tree, theirs: Tree, pair: Pair, sides: Sides) -> Iterable[Row]:
    """The members of a body; what is as in the request before is said and not shown again."""
    assert pair.expected is not None and pair.actual is not None
    path = ("requests", pair.expected, "body")
    mine, other = ours["requests"][pair.expected]["body"], theirs["requests"][pair.actual]["body"]
    before = ours["requests"][pair.expected - 1]["body"] if pair.expected else None
    before = before if isinstance(before, dict) else {}
    if any(d.path == path for d in sides.below(path)) or (set(other) - set(mine)):
        yield from sides.rows(mine, other, path, depth=0)
        return
    repeated = [key for key in mine if key in before and key in other and same(mine[key], before[key])]
    repeated = [key for key in repeated if same(mine[key], other[key])]
    if repeated:
        yield Row(depth=1, label=f"as in request {pair.expected}", ours=_said(", ".join(repeated)))
    for key, value in mine.items():
        if key in repeated:
            continue
        if key not in other:
            yield sides.alone(value, (*path, key), key, 1, added=False)
            continue
        known = before.get(key)
        if isinstance(value, dict) and same(value, other[key]):
            yield from _beside_head(key, value, ours["requests"][pair.expected]["head"], sides)
        elif not same(value, other[key]) or not isinstance(value, list) or known is None:
            first = _told(pair, theirs, (value, other[key], known), (*path, key), sides)
            if first:
                yield Row(depth=1, label=key, ours=_said(f"the first {first} as in request {pair.expected}"))
                yield from sides.rest(value, other[key], (*path, key), 2, first)
            else:
                yield from sides.rows(value, other[key], (*path, key), label=key, depth=1)
        else:
            first = _common(known, value) if isinstance(known, list) else 0
            if not first:
                yield from sides.rows(value, other[key], (*path, key), label=key, depth=1)
                continue
            yield Row(depth=1, label=key, ours=_said(f"the first {first} as in request {pair.expected}"))
            for index in range(first, len(value)):
                yield from sides.rows(
                    value[index], other[key][index], (*path, key, index), label=str(index + 1), depth=2
                )


def _told(pair: Pair, theirs: Tree, lists: tuple[Any, Any, Any], path: tuple[Any, ...], sides: Sides) -> int:
    """How many first elements of two lists both sides had so in the request before, with no difference in them."""
    mine, other, known = lists
    last = theirs["requests"][pair.actual - 1]["body"] if pair.actual else None
    there = last.get(path[-1]) if isinstance(last, dict) else None
    if not all(isinstance(one, list) for one in (mine, other, known, there)):
        return 0
    assert isinstance(there, list)
    most = min(_common(known, mine), _common(there, other))
    wrong = {d.path[len(path)] for d in sides.below(path) if len(d.path) > len(path)}
    for number, one in enumerate(sides.paired(mine, other, path)[:most]):
        if one.expected != number or one.actual != number or number in wrong:
            return number
    return most


def _beside_head(key: str, value: Mapping[str, Any], head: Sequence[Any], sides: Sides) -> Iterable[Row]:
    """An object that both have; what a header of the same name says too (turn metadata) is not shown twice."""
    headers = {header[0]: header[1] for header in head if isinstance(header, list) and len(header) == 2}
    twice = [name for name, member in value.items() if name in headers and same(headers[name], member)]
    yield from sides.alike({name: member for name, member in value.items() if name not in twice}, key, 1)
    if twice:
        yield Row(depth=2, label="as the header", ours=_said(", ".join(twice)))


def outputs_of(ours: Tree, theirs: Tree, sides: Sides) -> Iterable[Part]:
    """Exit codes, what was printed, files and rollouts."""
    several = len(ours["runs"]) > 1
    for number, run in enumerate(ours["runs"]):
        other = theirs["runs"][number] if number < len(theirs["runs"]) else {}
        of = f" of run {number + 1}" if several else ""
        path = ("runs", number)
        yield _plain_part(f"Exit code{of}", run["exit"], other.get("exit"), (*path, "exit"), sides)
        for stream in ("stdout", "stderr"):
            yield _lines_part(f"{stream}{of}", run[stream], other.get(stream, []), (*path, stream), sides)
    for section, title in (("files", "Files of the workspace"), ("home", "Files of CODEX_HOME")):
        if ours[section] or theirs[section]:
            yield _plain_part(title, ours[section], theirs[section], (section,), sides)
    for pair in sides.paired(ours["rollouts"], theirs["rollouts"], ("rollouts",)):
        if pair.expected is None or pair.actual is None:
            tree, index = (ours, pair.expected) if pair.expected is not None else (theirs, pair.actual)
            assert index is not None
            value = tree["rollouts"][index]
            row = sides.alone(value, ("rollouts", index), "rollout", 0, added=pair.expected is None)
            yield Part(title=f"Rollout {index + 1}", note="on one side only", open=True, rows=[row])
            continue
        mine, other = ours["rollouts"][pair.expected], theirs["rollouts"][pair.actual]
        here = ("rollouts", pair.expected, "lines")
        yield _lines_part(f"Rollout {pair.expected + 1}: {mine['path']}", mine["lines"], other["lines"], here, sides)


def _plain_part(title: str, ours: Any, theirs: Any, path: tuple[Any, ...], sides: Sides) -> Part:
    found = sides.below(path)
    return Part(title=title, note=_count(len(found)), open=bool(found), rows=sides.rows(ours, theirs, path))


def _lines_part(title: str, ours: list[Any], theirs: list[Any], path: tuple[Any, ...], sides: Sides) -> Part:
    found = sides.below(path)
    if same(ours, theirs):
        count = len(ours) - (1 if ours and ours[-1] == "" else 0)
        rows = list(_whole(ours, path, sides)) if count else []
        return Part(title=title, note=f"same, {count} lines" if count else "empty on both sides", open=False, rows=rows)
    rows = _thinned(sides.rows(ours, theirs, path))
    return Part(title=title, note=_count(len(found), noisy=True), open=bool(found), rows=rows)


def _whole(lines: list[Any], path: tuple[Any, ...], sides: Sides) -> Iterable[Row]:
    """Equal lines; of a rollout, which repeats what was on the wire, only their kinds."""
    if path[0] == "rollouts":
        kinds = [_kind(line) for line in lines if line != ""]
        words = [f"{kind}{f' ×{n}' if n > 1 else ''}" for kind, n in ((k, len(list(g))) for k, g in groupby(kinds))]
        yield Row(depth=0, label="lines", ours=_said(" · ".join(words)))
    else:
        yield from sides.alike(join_lines(lines), "", 0)


def _kind(line: Any) -> str:
    value = line.get("$json") if isinstance(line, dict) else None
    if not isinstance(value, dict):
        return "text"
    payload = value.get("payload")
    inner = payload.get("type") if isinstance(payload, dict) else None
    return f"{value.get('type')}{f' {inner}' if isinstance(inner, str) else ''}"


def _thinned(rows: Sequence[Row]) -> list[Row]:
    """Long runs of equal lines without their middle."""
    out: list[Row] = []
    start = 0
    while start < len(rows):
        stop = start
        while stop < len(rows) and rows[stop].state == "same" and rows[stop].number is None:
            stop += 1
        count = stop - start
        if count > _SAME_LINES:
            left_out = Row(depth=0, label="", ours=_said(f"… {count - 6} lines the same …"))
            out += [*rows[start : start + 3], left_out, *rows[stop - 3 : stop]]
        else:
            out += rows[start:stop]
        if stop < len(rows):
            out.append(rows[stop])
        start = stop + 1
    return out


def _count(found: int, noisy: bool = False) -> str:
    return (
        "same, or as noise"
        if noisy and not found
        else "same"
        if not found
        else f"{found} difference{'s' if found > 1 else ''}"
    )


def _common(known: list[Any], value: list[Any]) -> int:
    count = 0
    while count < min(len(known), len(value)) and same(known[count], value[count]):
        count += 1
    return count


def _said(text: str) -> tuple[Span, ...]:
    return (Span(text=text),)
