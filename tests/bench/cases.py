"""What the bench runs: scripts that any agent can follow, and the ratios that pycodex should reach.

To add a case: a function and a row in CASES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CASES", "Case"]

Answers = dict[str, Any]

_OPTIONS = ("--skip-git-repo-check", "-s", "danger-full-access")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of the bench.

    answers  makes the script
    first    answers to a run before the measured one, in the same home, where there is one; then the thread is resumed
    shown    what is printed of it: names of Figures
    targets  name of a figure -> pycodex / the newest codex-cli, at most
    """

    answers: Callable[[], Answers]
    first: Callable[[], Answers] | None = None
    shown: tuple[str, ...]
    targets: Mapping[str, float] = field(default_factory=dict)

    @property
    def argv(self) -> list[str]:
        """The words of the measured run."""
        return ["exec", *_OPTIONS, *(("resume", "--last") if self.first else ()), "go"]

    @property
    def first_argv(self) -> list[str]:
        """The words of the run before it."""
        return ["exec", *_OPTIONS, "begin"]


def _hello() -> Answers:
    return {"main": [{"output": [{"message": "hi there"}]}]}


def _call(number: int) -> dict[str, Any]:
    arguments = {"cmd": "true"}
    return {"output": [{"call": {"name": "exec_command", "arguments": arguments, "call_id": f"call_{number}"}}]}


def _tool_turns() -> Answers:
    return {"main": [*(_call(number) for number in range(100)), *_hello()["main"]]}


def _done(number: int, text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
    item = {"id": f"msg_{number}", "type": "message", "status": "completed", "role": "assistant", "content": content}
    return {"type": "response.output_item.done", "output_index": number, "item": item}


def _answer(*events: dict[str, Any]) -> Answers:
    """One answer of raw events between created and completed: fewer than the API sends, each in its shape."""
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    first = {"type": "response.created", "response": {"id": "resp_1"}}
    last = {"type": "response.completed", "response": {"id": "resp_1", "usage": usage}}
    return {"main": [{"events": [first, *events, last]}]}


def _deltas(count: int) -> Callable[[], Answers]:
    def answers() -> Answers:
        delta = {"type": "response.output_text.delta", "item_id": "msg_0", "output_index": 0, "content_index": 0}
        added = {**_done(0, "")["item"], "status": "in_progress", "content": []}
        return _answer(
            {"type": "response.output_item.added", "output_index": 0, "item": added},
            *({**delta, "delta": "word ", "logprobs": [], "sequence_number": number} for number in range(count)),
            _done(0, "word " * count),
        )

    return answers


def _long_history() -> Answers:
    return _answer(*(_done(number, f"message {number} of a long thread. " * 5) for number in range(4_998)))


def _tool_turn() -> Answers:
    return {"main": [_call(0), *_hello()["main"]]}


CASES: Mapping[str, Case] = {
    "hello": Case(
        answers=_hello,
        shown=("first_request", "wall", "cpu", "peak"),
        targets={"first_request": 0.7, "peak": 0.35},
    ),
    "hello, in a home that was used before": Case(
        answers=_hello, first=_hello, shown=("first_request", "wall", "cpu", "peak")
    ),
    "100 exec_command turns": Case(
        answers=_tool_turns, shown=("wall", "cpu", "peak"), targets={"wall": 0.4, "cpu": 0.4}
    ),
    "10,000 text deltas": Case(answers=_deltas(10_000), shown=("wall", "cpu", "peak"), targets={"cpu": 1.0}),
    "100,000 text deltas": Case(answers=_deltas(100_000), shown=("wall", "cpu", "peak")),
    "a history of 5,000 items": Case(
        answers=_tool_turn, first=_long_history, shown=("first_request", "wall", "cpu", "peak")
    ),
}
