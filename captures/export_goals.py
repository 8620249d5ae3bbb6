"""What the export takes from recordings of goals: what the model is told of one that is reached, or costs too much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from captures.recording import Recording

__all__ = ["GOALS"]

_PLACES = (
    (r"(?s)(<objective>\n).*(\n</objective>)", r"\1{objective}\2"),
    (r"(Time spent pursuing goal: )\d+", r"\1{seconds}"),
    (r"(Tokens used: )\d+", r"\1{used}"),
    (r"(Token budget: )\d+", r"\1{budget}"),
)


def _goal_words(recording: Recording) -> Iterator[tuple[str, str]]:
    """A message that says that the budget is spent; a report that is asked for."""
    for item in recording.tree["requests"][-1]["body"]["input"]:
        output = item.get("output")
        told = output.get("$json") if isinstance(output, dict) else None
        if isinstance(told, dict) and (report := told.get("completionBudgetReport")):
            yield "texts/goal_report.md", report
        for part in item.get("content") or ():
            text = part.get("text")
            if isinstance(text, str) and "has reached its token budget" in text:
                for pattern, place in _PLACES:
                    text = re.sub(pattern, place, text)
                yield "texts/goal_budget_spent.md", text


_CONTINUING = (
    (r"(Tokens used: )\d+", r"\1{used}"),
    (r"(Token budget: )\d+", r"\1{budget}"),
    (r"(Tokens remaining: )\d+", r"\1{remaining}"),
)


def _goal_continues(recording: Recording) -> Iterator[tuple[str, str]]:
    """The message that a turn begins with which goes on with a goal."""
    for part in (
        part for item in recording.tree["requests"][-1]["body"]["input"] for part in item.get("content") or ()
    ):
        text = part.get("text")
        if isinstance(text, str) and text.startswith("<codex_internal_context") and "Continue working" in text:
            for pattern, place in _CONTINUING:
                text = re.sub(pattern, place, text)
            yield "texts/goal_continues.md", text


GOALS = (("direct/tools/goal_budget", _goal_words), ("direct/tools/goal_resumed", _goal_continues))
"""Recordings, and what is taken from each."""
