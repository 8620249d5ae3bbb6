"""Events of the tools: commands, plans, patches; `pycodex.protocol` has them beside all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pycodex.records import dataclass

__all__ = [
    "CommandAbandoned",
    "CommandEnded",
    "CommandStarted",
    "FileChange",
    "ImageViewed",
    "MessageSent",
    "PatchEnded",
    "PatchStarted",
    "PlanUpdated",
    "ReminderRecorded",
    "Slept",
    "TurnDiffed",
]


@dataclass(frozen=True, kw_only=True)
class CommandStarted:
    """A command runs. `process_id` is the session id, in digits; `started_at` unix seconds; `turn_id`: of the turn that
    wanted it, where that may be another than the one that runs (captured: code_mode/between_turns)."""

    call_id: str
    argv: tuple[str, ...]
    cwd: str
    process_id: str
    started_at: float
    turn_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class CommandEnded:
    """A command ended, or could not start. `duration` in seconds; `exit_code` is None only if there is none to tell."""

    call_id: str
    argv: tuple[str, ...]
    cwd: str
    process_id: str
    exit_code: int | None
    output: str
    duration: float
    status: Literal["completed", "failed", "declined"]
    source: Literal["unified_exec_startup", "user_shell"] = "unified_exec_startup"
    """Who ran it: the model, or the user."""


@dataclass(frozen=True, kw_only=True)
class PlanUpdated:
    """The model told its plan: (step, status) pairs; status is pending, in_progress or completed."""

    explanation: str | None
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class CommandAbandoned:
    """A command that still ran when the agent ended, and was killed. `output`: what it had printed."""

    process_id: str
    output: str


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """What a patch does to a file. `content`: the text of a new or deleted file, or the diff of an updated one."""

    kind: Literal["add", "delete", "update"]
    content: str
    move_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class PatchStarted:
    """A patch is applied: `changes` by absolute path, in its order. `started_at`: unix seconds."""

    call_id: str
    changes: Mapping[str, FileChange]
    started_at: float


@dataclass(frozen=True, kw_only=True)
class PatchEnded:
    """A patch was applied, or failed on the way. `duration` in seconds; `stdout`, `stderr`: what was said of it."""

    call_id: str
    changes: Mapping[str, FileChange]
    status: Literal["completed", "failed", "declined"]
    stdout: str
    stderr: str
    exit_code: int
    duration: float


@dataclass(frozen=True, kw_only=True)
class ImageViewed:
    """The model is shown an image of the disk. `at`: unix seconds."""

    call_id: str
    path: str
    at: float


@dataclass(frozen=True, kw_only=True)
class TurnDiffed:
    """What the turn has changed so far, as a git-like diff."""

    turn_id: str
    diff: str


@dataclass(frozen=True, kw_only=True)
class ReminderRecorded:
    """The agent made the user say something to the model."""

    turn_id: str
    item: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Slept:
    """A call let some time pass."""

    call_id: str
    milliseconds: int
    started_at: float
    at: float


@dataclass(frozen=True, kw_only=True)
class MessageSent:
    """The model says something to the user by a call."""

    call_id: str
    text: str
    at: float
    questions: tuple[Mapping[str, Any], ...] = ()
