"""The wire log of a cell: requests and answers in the order in which they were aligned, with the candidate's times."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from captures.wire import WireRow
from compare.align import Pair
from compare.surfaces import Tree

__all__ = ["LogRow", "wire_log"]

_MOST = 60


@dataclass(frozen=True, kw_only=True)
class LogRow:
    """One request and its answer; `ours` and `theirs` are their numbers, None where one side has no such request."""

    ours: int | None
    theirs: int | None
    run: int
    request: str
    connection: str
    answer: str
    events: str
    at: int | None = None
    took: int | None = None


def wire_log(
    expected: Tree,
    actual: Tree | None,
    pairs: Sequence[Pair],
    times: Sequence[WireRow] | None,
    script: Mapping[str, Any],
) -> list[LogRow]:
    """A row for each pair of requests; `script` is the scenario's answers, which say what a step sends."""
    rows = []
    for pair in pairs:
        number = pair.expected if pair.expected is not None else pair.actual
        tree = expected if pair.expected is not None else actual
        assert number is not None and tree is not None
        request = tree["requests"][number]
        answer = tree["responses"][number] if number < len(tree["responses"]) else {}
        known = times is not None and pair.actual is not None and pair.actual < len(times)
        time = times[pair.actual] if known and times is not None and pair.actual is not None else None
        rows.append(
            LogRow(
                ours=None if pair.expected is None else pair.expected + 1,
                theirs=None if pair.actual is None else pair.actual + 1,
                run=request["run"],
                request=f"{request['method']} {request['target']}",
                connection=request["connection"],
                answer=" · ".join(str(answer[key]) for key in ("step", "status", "end") if answer.get(key) is not None),
                events=_timed(time) if time and time.events else _recorded(answer, script),
                at=time.at if time else None,
                took=time.took if time else None,
            )
        )
    return rows


def _timed(time: WireRow) -> str:
    """`+3 response.created · +5 response.output_text.delta ×2 · response.completed`: a moment where it is another."""
    words: list[str] = []
    before = None
    for (at, kind), group in itertools.groupby(time.events):
        count = len(list(group))
        words.append(f"{f'+{at} ' if at != before else ''}{kind}{f' ×{count}' if count > 1 else ''}")
        before = at
    return _clipped(words)


def _recorded(answer: Mapping[str, Any], script: Mapping[str, Any]) -> str:
    """The events of a recorded answer, or what the script says that the step sends."""
    if "events" in answer:
        kinds = [
            str(event.get("type", "?")) if isinstance(event, dict) else str(event)[:40] for event in answer["events"]
        ]
        return _clipped([f"{kind}{f' ×{n}' if n > 1 else ''}" for kind, n in _counted(kinds)])
    track, _, number = str(answer.get("step", "")).partition("/")
    answers = script.get(track)
    answers = answers.get("answers") if isinstance(answers, Mapping) else answers
    if not isinstance(answers, Sequence) or not number.isdigit() or not 0 < int(number) <= len(answers):
        return ""
    step = answers[int(number) - 1]
    words = [f"{kind} {_name(value)}".strip() for item in step.get("output", ()) for kind, value in item.items()]
    words += [str(event.get("type", "?")) for event in step.get("events", ())]
    words += [f"HTTP {step['http'].get('status')}"] if isinstance(step.get("http"), Mapping) else []
    words += [f"fault {step['fault'].get('kind')}"] if isinstance(step.get("fault"), Mapping) else []
    return _clipped(words)


def _name(value: Any) -> str:
    return str(value.get("name", "")) if isinstance(value, Mapping) else ""


def _counted(words: Sequence[str]) -> list[tuple[str, int]]:
    return [(word, len(list(group))) for word, group in itertools.groupby(words)]


def _clipped(words: Sequence[str]) -> str:
    more = [f"… {len(words) - _MOST} more"] if len(words) > _MOST else []
    return " · ".join([*words[:_MOST], *more])
