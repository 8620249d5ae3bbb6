"""Which scenarios speak of what. A scenario belongs to the first section that has a pattern for it; those that send
nothing to a server, and those that no pattern fits, are left out. To add a section, write its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

__all__ = ["EVENTS", "SECTIONS", "SHORT", "Section", "section_of"]


@dataclass(frozen=True, kw_only=True)
class Section:
    """`place` is where it stands on the page; the order of the rows is that in which their patterns are tried. `tables`
    names what facts are shown above the rules; `folded`: the rules are folded away, they are many."""

    title: str
    place: int
    about: str
    patterns: Sequence[str]
    tables: Sequence[str] = ()
    folded: bool = False


SECTIONS: Sequence[Section] = (
    Section(
        title="WebSocket",
        place=9,
        about="Asked for by the built-in provider `openai`, and by one with `supports_websockets`; answer the upgrade "
        "with 426 to be posted to instead, at once and without a word.",
        patterns=("*websocket*", "faults/upgrade_*"),
        tables=("upgrade", "message"),
    ),
    Section(
        title="Side requests",
        place=10,
        about="Anything that is no `/responses`. A provider of one's own is asked for nothing else.",
        patterns=("request/oss_*",),
        tables=("side",),
    ),
    Section(
        title="Connection",
        place=1,
        about="Whether a request came on a connection that an earlier one had used, by what that one was answered: "
        "after a stream never, because the client closes it once it has read `response.completed`, and does not wait "
        "for the end of the body.",
        patterns=("faults/*", "server/silent", "server/closed_early"),
        tables=("connection",),
    ),
    Section(
        title="Head",
        place=2,
        about="In this order, all lower case; the columns say in how many of a lane's POSTs each stands, and what the "
        "value is in `exec/hello`.",
        patterns=(
            "request/provider_*",
            "request/user_agent",
            "request/turn_state",
            "request/dotenv",
            "request/thread_source",
            "context/git_remote",
            "exec/hello_git",
        ),
        tables=("head",),
    ),
    Section(
        title="Body",
        place=3,
        about="Compact JSON, never compressed here. In this order; the columns say in how many of a lane's POSTs a key "
        "stands, and what the value is in `exec/hello`.",
        patterns=("request/*",),
        tables=("body",),
    ),
    Section(
        title="Input items",
        place=4,
        about="What `input` is made of, over all recordings of a lane. The whole history is sent each time, its "
        "earlier part unchanged; `store` is false.",
        patterns=("exec/*", "context/*", "rollout/*"),
        tables=("items",),
    ),
    Section(
        title="Tools",
        place=5,
        about="What a model is offered, over all recordings of a lane.",
        patterns=("tools/*", "debug/*"),
        tables=("tools",),
    ),
    Section(
        title="Events",
        place=7,
        about="What is read of an answer, and what a fault in it leads to. `python -m compare server URL` looks for "
        "each of these.",
        patterns=("server/[!s]*", "server/same_call_id", "server/schema_ignored", "output/*"),
        tables=("events",),
    ),
    Section(
        title="Errors and retries",
        place=8,
        about="The statuses of each run show what is asked again: `500×2` is one request and one retry. Many of "
        "these scenarios set `request_max_retries` (4 by default) or `stream_max_retries` (5 by default) low.",
        patterns=("failures/*", "server/status_*"),
        tables=(),
    ),
    Section(
        title="What tools answer",
        place=6,
        about="The outputs that come back in the next request.",
        patterns=("shell/*", "patch/*", "sandbox/*", "signals/*"),
        folded=True,
    ),
)

SHORT: Sequence[str] = (
    "exec/hello",
    "exec/resume",
    "tools/exec_command",
    "tools/parallel_calls",
    "server/deltas_only",
    "server/closed_early",
    "server/grammar",
    "server/silent",
    "server/usage_in_part",
    "request/unknown_items",
    "server/status_400",
    "server/status_429",
    "server/status_422",
    "failures/request_retry",
    "request/turn_state",
    "request/openai_websocket_426",
)
"""What a server cannot do without."""

EVENTS: Mapping[str, Sequence[str]] = {
    "`response.output_item.done`": (
        "server/deltas_only",
        "server/output_in_completed_only",
        "server/item_done_twice",
        "server/item_after_completed",
    ),
    "`response.completed`": (
        "server/closed_early",
        "server/done_marker",
        "server/completed_without_id",
        "server/usage_missing",
        "server/usage_in_part",
        "server/end_turn_false",
        "server/end_turn_false_old",
    ),
    "`response.failed`": ("server/failed", "failures/event_codes"),
    "`response.incomplete`": ("server/incomplete", "server/incomplete_old", "failures/content_filter"),
    "`error`": ("server/error_event",),
    "deltas, `added`, `created`, `in_progress`, unknown ones": ("server/grammar",),
    "`event:` lines, ends of lines": ("server/type_in_event_line", "server/no_last_blank_line"),
    "no event for a while": ("server/silent",),
}
"""Event -> the scenarios whose rules say what is done with it."""


def section_of(scenario: str) -> Section | None:
    """The section that a scenario belongs to."""
    fitting = (each for each in SECTIONS if any(fnmatchcase(scenario, pattern) for pattern in each.patterns))
    return next(fitting, None)
