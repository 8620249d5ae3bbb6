"""What can be asked of an AgentRuntime, and what it asks of the person before it. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pycodex.records import dataclass

__all__ = [
    "Answer",
    "ApprovalAsked",
    "ClearGoal",
    "Compact",
    "Decide",
    "GoBack",
    "Interrupt",
    "QuestionsAsked",
    "Rename",
    "Rested",
    "RuntimeEvent",
    "SetGoal",
    "Shutdown",
    "Steer",
    "TextStreamed",
    "TextWaits",
    "TextsReturned",
    "TextsSent",
    "UserShell",
    "UserTurn",
]


@dataclass(frozen=True, kw_only=True)
class UserTurn:
    """Run one turn on this text, and on images given by their paths; after the turns that were asked for before."""

    text: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Steer:
    """A text that joins the running turn, where the dialect lets it; without one it is a turn of its own."""

    text: str


@dataclass(frozen=True, kw_only=True)
class UserShell:
    """The user runs a command; the model reads of it in the next turn."""

    command: str


@dataclass(frozen=True, kw_only=True)
class Compact:
    """Let the model sum the thread up, which then goes on with the summary."""


@dataclass(frozen=True, kw_only=True)
class Interrupt:
    """Stop the running turn at once, or the user's command where none runs. Texts that wait to join it: `send` makes a
    turn of them, as one message; `return` hands them back (TextsReturned), with those of turns that are to come."""

    waiting: Literal["send", "return"] = "return"


@dataclass(frozen=True, kw_only=True)
class Decide:
    """The answer to an ApprovalAsked. What is denied is not done, and the turn is interrupted."""

    call_id: str
    allowed: bool
    for_good: bool = False
    """Commands that begin with the `prefix` that was asked about run unasked from now on: it becomes a rule."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answers to QuestionsAsked: by the question's id, the labels (or words) chosen. None: no answer, and the turn
    is interrupted."""

    call_id: str
    answers: Mapping[str, Sequence[str]] | None


@dataclass(frozen=True, kw_only=True)
class GoBack:
    """Drop so many of the last prompts and what came of them, once the turns that were asked for before have ended.
    Files stay as they are. Of a thread that is kept only (`pycodex.keeping`)."""

    prompts: int = 1


@dataclass(frozen=True, kw_only=True)
class Rename:
    """Give the thread a name, at once; also while a turn runs. Of a thread that is kept only."""

    name: str


@dataclass(frozen=True, kw_only=True)
class SetGoal:
    """Give the thread a goal in place of the one it has, or (without an `objective`) let that one rest or go on; at
    once, also while a turn runs. One that is active goes on when there is nothing else to do."""

    objective: str | None = None
    status: Literal["active", "paused"] = "active"


@dataclass(frozen=True, kw_only=True)
class ClearGoal:
    """The thread has no goal any more."""


@dataclass(frozen=True, kw_only=True)
class Shutdown:
    """End the submission loop; commands that still run are killed."""


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked:
    """May this be done outside of the sandbox? Waits for a Decide."""

    call_id: str
    action: Mapping[str, Any]
    reason: str | None
    prefix: tuple[str, ...] = ()
    """What the model would like to run unasked from now on, if it may be."""


@dataclass(frozen=True, kw_only=True)
class QuestionsAsked:
    """The model asks, or a tool; each question has an id, a header, a text and options, and maybe the label that Esc
    stands for (`escape`). Waits for an Answer."""

    call_id: str
    questions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class TextWaits:
    """A text waits to join the running turn."""

    text: str


@dataclass(frozen=True, kw_only=True)
class TextsReturned:
    """Texts that waited to join a turn that is interrupted, in order."""

    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TextsSent:
    """Texts that waited to join a turn become a turn of their own, as one."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Rested:
    """A turn has ended, however it did, and none is running now."""


@dataclass(frozen=True, kw_only=True)
class TextStreamed:
    """A piece of the model's answer, while it is written."""

    text: str


RuntimeEvent = ApprovalAsked | QuestionsAsked | Rested | TextWaits | TextsReturned | TextsSent | TextStreamed
