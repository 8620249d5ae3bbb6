"""The words the parts of the agent speak with each other: items, operations, events. Plain data, no behaviour.

Items are dictionaries, verbatim as on the wire (Responses API input items). Operations (`pycodex.operations`) go into
the submission loop, events come out of it: the recorder (`rollout`) and the printers (`events`) are consumers of the
same stream of events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pycodex.context_events import ContextItem, ContextRecorded, NotesRecorded, Part, UserMessageRecorded
from pycodex.operations import (
    Answer,
    ApprovalAsked,
    Decide,
    Interrupt,
    QuestionsAsked,
    Rested,
    RuntimeEvent,
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
    PatchEnded,
    PatchStarted,
    PlanUpdated,
    ReminderRecorded,
    TurnDiffed,
)

if TYPE_CHECKING:
    from pycodex.review import Review

__all__ = [
    "AgentFailure",
    "Answer",
    "ApprovalAsked",
    "CommandAbandoned",
    "CommandEnded",
    "CommandStarted",
    "ContextItem",
    "ContextRecorded",
    "Decide",
    "DeprecationRaised",
    "Emit",
    "Event",
    "FailureTold",
    "FileChange",
    "ImageViewed",
    "Interrupt",
    "Item",
    "ItemBegan",
    "ItemDone",
    "LogLine",
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
    "Rested",
    "ReviewEnded",
    "ReviewStarted",
    "ReviewTurn",
    "SampleDone",
    "SampleFinished",
    "SampleStarted",
    "SectionBegan",
    "SettingsTold",
    "Shutdown",
    "Steer",
    "StreamRetry",
    "SubagentOpened",
    "SubagentTold",
    "TextStreamed",
    "TextWaits",
    "TextsReturned",
    "TextsSent",
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


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of one answer, or a sum of such."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0
    total_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            cached_input_tokens=self.cached_input_tokens + other.cached_input_tokens,
            cache_write_input_tokens=self.cache_write_input_tokens + other.cache_write_input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_output_tokens=self.reasoning_output_tokens + other.reasoning_output_tokens,
            total_tokens=self.total_tokens + other.total_tokens,
        )


Operation = UserTurn | ReviewTurn | UserShell | Steer | Interrupt | Decide | Answer | Shutdown


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ThreadStarted:
    """The thread exists (new or resumed)."""

    thread_id: str
    resumed: bool


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
class TurnStarted:
    """`started_at`: unix seconds. `prompt` is the user's text. `by`: what the turn is for: a prompt, or a command that
    the user runs."""

    turn_id: str
    prompt: str
    started_at: float
    by: Literal["prompt", "shell"] = "prompt"


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
class SampleStarted:
    """The provider accepted a request and an answer begins."""

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


@dataclass(frozen=True, kw_only=True)
class OutputRecorded:
    """A tool's output joined the history."""

    turn_id: str
    item: Item
    at: float


@dataclass(frozen=True, kw_only=True)
class SampleDone:
    """`response.completed`. `turn`, `thread`: sums up to and with this answer. `told` False: it says no usage."""

    turn_id: str
    response_id: str
    usage: Usage
    turn: Usage
    thread: Usage
    complete: bool = True  # False: it was `response.incomplete`
    told: bool = True


@dataclass(frozen=True, kw_only=True)
class SampleFinished:
    """The answer and every tool it called are done."""

    turn_id: str


@dataclass(frozen=True, kw_only=True)
class WindowFilled:
    """The provider says that the context window is full. `last`: what was missing to that; `thread`: the window."""

    turn_id: str
    last: Usage
    thread: Usage


@dataclass(frozen=True, kw_only=True)
class StreamRetry:
    """The stream broke and is tried again after `delay` seconds: `attempt` of `limit`, or for as long as it takes.

    `progress` says so in words: `1/5`, `waiting for network`.
    """

    message: str
    progress: str
    attempt: int
    limit: int | None
    delay: float


@dataclass(frozen=True, kw_only=True)
class AgentFailure:
    """Why a turn failed: the sentence people read, and the word that rollouts keep (`other`, `unauthorized` ...)."""

    message: str
    info: Any = "other"


@dataclass(frozen=True, kw_only=True)
class TurnCompleted:
    """`usage` is the sum over the thread, as `--json` prints it. Times are unix seconds."""

    turn_id: str
    last_agent_message: str | None
    usage: Usage
    started_at: float
    completed_at: float
    first_token_at: float | None


@dataclass(frozen=True, kw_only=True)
class TurnFailed:
    """As TurnCompleted, with the reason. `told`: people know it already."""

    turn_id: str
    last_agent_message: str | None
    failure: AgentFailure
    started_at: float
    completed_at: float
    first_token_at: float | None
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class TurnAborted:
    """The turn was interrupted; `item` is what the history now says of that. Times are unix seconds."""

    turn_id: str
    item: Item
    started_at: float
    completed_at: float


Event = (
    ThreadStarted
    | NothingAsked
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
    | WindowFilled
    | ReviewStarted
    | SettingsTold
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
