"""The words the parts of the agent speak with each other: items, operations, events. Plain data, no behaviour.

Items are dictionaries, verbatim as on the wire (Responses API input items). Operations (`pycodex.operations`) go into
the submission loop, events come out of it: the recorder (`rollout`) and the printers (`events`) are consumers of the
same stream of events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pycodex.compact_events import CompactionSaid, CompactionStarted, ContextCompacted
from pycodex.context_events import ContextItem, ContextRecorded, GoalChanged, NotesRecorded, Part, UserMessageRecorded
from pycodex.crew.events import (
    AgentActivity,
    AgentCallEnded,
    AgentCallStarted,
    JobBegan,
    JobEnded,
    JobProgressed,
    MailRead,
)
from pycodex.mcp.events import McpCallEnded, McpCallStarted, McpServersStarted, McpToolUsed
from pycodex.operations import (
    Answer,
    ApprovalAsked,
    ClearGoal,
    Compact,
    Decide,
    GoBack,
    Interrupt,
    QuestionsAsked,
    Rename,
    Rested,
    RuntimeEvent,
    SetGoal,
    Shutdown,
    Steer,
    TextsReturned,
    TextsSent,
    TextStreamed,
    TextWaits,
    UserShell,
    UserTurn,
)
from pycodex.records import dataclass
from pycodex.review_events import (
    FailureTold,
    ReviewEnded,
    ReviewStarted,
    ReviewTurn,
    SettingsTold,
    SubagentOpened,
    SubagentTold,
)
from pycodex.tool_events import (
    CommandAbandoned,
    CommandEnded,
    CommandStarted,
    FileChange,
    ImageViewed,
    MessageSent,
    PatchEnded,
    PatchStarted,
    PlanUpdated,
    ReminderRecorded,
    Slept,
    TurnDiffed,
)
from pycodex.turn_events import (
    AgentFailure,
    SampleDone,
    SampleFinished,
    SampleStarted,
    StreamRetry,
    TurnAborted,
    TurnCompleted,
    TurnFailed,
    TurnStarted,
    Usage,
    WindowFilled,
)

if TYPE_CHECKING:
    from pycodex.review import Review

__all__ = [
    "AgentActivity",
    "AgentCallEnded",
    "AgentCallStarted",
    "AgentFailure",
    "Answer",
    "ApprovalAsked",
    "ClearGoal",
    "CommandAbandoned",
    "CommandEnded",
    "CommandStarted",
    "Compact",
    "CompactionSaid",
    "CompactionStarted",
    "ContextCompacted",
    "ContextItem",
    "ContextRecorded",
    "Decide",
    "DeprecationRaised",
    "Emit",
    "Event",
    "FailureTold",
    "FileChange",
    "GoBack",
    "GoalChanged",
    "ImageViewed",
    "Interrupt",
    "Item",
    "ItemBegan",
    "ItemDone",
    "JobBegan",
    "JobEnded",
    "JobProgressed",
    "LogLine",
    "MailRead",
    "McpCallEnded",
    "McpCallStarted",
    "McpServersStarted",
    "McpToolUsed",
    "MessageSent",
    "NotesRecorded",
    "NothingAsked",
    "Operation",
    "OutputRecorded",
    "Part",
    "PatchEnded",
    "PatchStarted",
    "PlanUpdated",
    "QuestionsAsked",
    "RateLimitsRead",
    "ReminderRecorded",
    "Rename",
    "Rested",
    "ReviewEnded",
    "ReviewStarted",
    "ReviewTurn",
    "SampleDone",
    "SampleFinished",
    "SampleStarted",
    "SectionBegan",
    "SetGoal",
    "SettingsTold",
    "Shutdown",
    "Slept",
    "Steer",
    "StreamRetry",
    "SubagentOpened",
    "SubagentTold",
    "TextStreamed",
    "TextWaits",
    "TextsReturned",
    "TextsSent",
    "ThreadNamed",
    "ThreadStarted",
    "TurnAborted",
    "TurnCompleted",
    "TurnDiffed",
    "TurnFailed",
    "TurnResult",
    "TurnStarted",
    "Usage",
    "UserMessageRecorded",
    "UserShell",
    "UserTurn",
    "WarningRaised",
    "WindowFilled",
]

Item = dict[str, Any]
"""One element of a request's `input` or of an answer's output."""


Operation = (
    UserTurn
    | ReviewTurn
    | Compact
    | UserShell
    | Steer
    | Interrupt
    | Decide
    | Answer
    | GoBack
    | Rename
    | SetGoal
    | ClearGoal
    | Shutdown
)


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ThreadStarted:
    """The thread exists (new or resumed)."""

    thread_id: str
    resumed: bool


@dataclass(frozen=True, kw_only=True)
class ThreadNamed:
    """The thread has a name now."""

    name: str


@dataclass(frozen=True, kw_only=True)
class NothingAsked:
    """The thread is closed again without a turn. `prompt`: what people are shown in its place; `ready`: whether they
    are told that the thread was ready."""

    prompt: str = ""
    ready: bool = True


@dataclass(frozen=True, kw_only=True)
class WarningRaised:
    """Something a person should know; the run goes on. `session`: it is about the thread that is taken up again."""

    message: str
    session: bool = False
    line: str | None = None  # what people read in place of `warning: ...`


@dataclass(frozen=True, kw_only=True)
class DeprecationRaised:
    """A setting that is on its way out, and what to do instead."""

    summary: str
    details: str


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """A line for the program's log on stderr."""

    level: Literal["ERROR", "WARN"]
    target: str
    message: str


@dataclass(frozen=True, kw_only=True)
class RateLimitsRead:
    """How much of a limit is used (`pycodex.rate_limits`): an answer says it, or a refusal (`reached`)."""

    limits: Mapping[str, Any]
    reached: bool = False


@dataclass(frozen=True, kw_only=True)
class SectionBegan:
    """The model begins a part of a reasoning summary."""

    turn_id: str


@dataclass(frozen=True, kw_only=True)
class ItemBegan:
    """The model begins an item; `item` is what is known of it."""

    turn_id: str
    item: Item


@dataclass(frozen=True, kw_only=True)
class ItemDone:
    """The model finished an item; it is in the history now (unless `kept` is false: a kind the dialect drops)."""

    turn_id: str
    item: Item
    at: float
    kept: bool = True
    id: str | None = None
    """The id the model gave it, also where the dialect keeps none."""
    said: str | None = None
    """What people are told that it says, where that is not all of it."""
    plan: str | None = None
    """The plan that it proposes."""

    @property
    def told(self) -> Item | None:
        """The item as people are told of it; None: a message that says nothing to them."""
        if self.said is None:
            return self.item
        return {**self.item, "content": [{"type": "output_text", "text": self.said}]} if self.said.strip() else None


@dataclass(frozen=True, kw_only=True)
class OutputRecorded:
    """A tool's output joined the history."""

    turn_id: str
    item: Item
    at: float


Event = (
    ThreadStarted
    | NothingAsked
    | ThreadNamed
    | WarningRaised
    | DeprecationRaised
    | LogLine
    | TurnStarted
    | ContextRecorded
    | UserMessageRecorded
    | ReminderRecorded
    | NotesRecorded
    | RateLimitsRead
    | SectionBegan
    | SampleStarted
    | ItemBegan
    | ItemDone
    | OutputRecorded
    | SampleDone
    | SampleFinished
    | StreamRetry
    | TurnCompleted
    | TurnFailed
    | TurnAborted
    | CommandStarted
    | CommandEnded
    | CommandAbandoned
    | PatchStarted
    | ImageViewed
    | PatchEnded
    | TurnDiffed
    | PlanUpdated
    | AgentActivity
    | AgentCallStarted
    | AgentCallEnded
    | MailRead
    | JobBegan
    | JobProgressed
    | JobEnded
    | MessageSent
    | Slept
    | McpServersStarted
    | McpCallStarted
    | McpToolUsed
    | McpCallEnded
    | WindowFilled
    | CompactionStarted
    | CompactionSaid
    | ContextCompacted
    | ReviewStarted
    | SettingsTold
    | GoalChanged
    | SubagentOpened
    | SubagentTold
    | FailureTold
    | ReviewEnded
    | RuntimeEvent
)

Emit = Callable[[Event], None]


@dataclass(frozen=True, kw_only=True)
class TurnResult:
    """What a turn brought. `failure` is None when it ended well; `items`: those of this turn, outputs too; `review`:
    what a reviewer found."""

    output_text: str
    items: tuple[Item, ...]
    usage: Usage
    failure: AgentFailure | None = None
    last_agent_message: str | None = None
    review: Review | None = None
