"""The types of a Dialect: everything one version of codex-cli does differently, as data and named functions.

Behaviour = f(Dialect, ModelInfo, Settings, mode). No rule reads a version: `Dialect.version` is text to print. Each
version writes its Dialect out in full in a file of its own, so that a diff of two files is the drift. To add a version:
one such file, one row in `pycodex.upstream`, one folder of exported data.

Templates are `str.format` texts; the names they may use are said at the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.protocol import Item, Part
from pycodex.records import dataclass, field
from pycodex.upstream.cli_style import ExecCliStyle
from pycodex.upstream.item_styles import IdStyle, ItemShape, ItemStyle
from pycodex.upstream.printed_styles import JsonlStyle, PlainStyle
from pycodex.upstream.session_style import SessionStyle

if TYPE_CHECKING:
    from pycodex.answer_heads import RerouteStyle
    from pycodex.answers import AnswerStyle
    from pycodex.arguments import ArgumentStyle, Struct
    from pycodex.code_mode.style import CodeStyle
    from pycodex.config import ConfigStyle
    from pycodex.context import ContextManager, Thread
    from pycodex.crew.style import CrewStyle
    from pycodex.doctor.style import DoctorStyle
    from pycodex.images import ImageStyle
    from pycodex.mcp.style import McpStyle
    from pycodex.patch.style import PatchStyle
    from pycodex.project_docs import DocsStyle
    from pycodex.rollout import Recorder
    from pycodex.sandbox import SandboxStyle
    from pycodex.settings import Settings
    from pycodex.skills import SkillStyle
    from pycodex.tools.base_tool import CallTexts
    from pycodex.tools.exec_command import ExecStyle
    from pycodex.tools.shell_tools import ShellStyle
    from pycodex.tools.small import SmallTools
    from pycodex.transports.base import TransportStyle
    from pycodex.truncation import TruncateStyle
    from pycodex.upstream.compaction import CompactStyle
    from pycodex.upstream.logins import RefreshStyle
    from pycodex.upstream.retries import RetryStyle
    from pycodex.upstream.reviews import GuardianStyle, ReviewStyle
    from pycodex.upstream.sockets import WebSocketStyle
    from pycodex.upstream.toolset import ModelList

__all__ = [
    "AuthStyle",
    "Block",
    "BodyStyle",
    "ClientStyle",
    "ContextStyle",
    "Dialect",
    "ExecCliStyle",
    "HeadStyle",
    "Header",
    "IdStyle",
    "ItemShape",
    "ItemStyle",
    "JsonlStyle",
    "MetadataStyle",
    "ModelStyle",
    "OfferStyle",
    "PlainStyle",
    "ProcessStyle",
    "RolloutStyle",
    "SessionStyle",
    "StreamStyle",
    "TitleStyle",
    "ToolEntry",
    "ToolsetStyle",
]


@dataclass(frozen=True, kw_only=True)
class ClientStyle:
    """Who the client says it is, in exec mode, and where a prompt is given to the program itself."""

    version: str
    originator: str
    notifies_as: str
    """What the program of `notify` is told for an exec run."""
    prompt_originator: str
    prompt_user_agent: str
    user_agent: str
    """Both may use {originator} {version} {os} {arch} {terminal}."""
    names_tmux: bool  # whether the user agent names tmux as the terminal
    originator_variable: str
    """Environment variable that replaces the originator."""
    fallback_originator: str
    """The originator where that variable says what no header may."""
    originator_log: tuple[str, str]
    """What is logged of it: by whom, and the words with {value}."""
    installation_file: bool
    """Whether $CODEX_HOME/installation_id is kept."""
    nameless_without_authorities: bool
    """Whether an unusable file of authorities takes originator and user agent out of each head, whatever the scheme."""


@dataclass(frozen=True, kw_only=True)
class AuthStyle:
    """How auth.json is read."""

    modes: tuple[str, ...]
    """What `auth_mode` may be."""
    broken_file_stops: bool
    """Whether nothing runs with a file that cannot be used, whatever the provider."""
    refresh: RefreshStyle
    command_log: tuple[str, str] = ("", "")
    """Target and text of the line in the log of a command that told no token; may use {problem}."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """One header of a turn's request. `value` may use request values in braces; without one of them it is left out.

    A provider's own headers come first. One of the same name is replaced in its place, or wins (`provider_wins`).
    """

    name: str
    value: str
    provider_wins: bool = False


@dataclass(frozen=True, kw_only=True)
class HeadStyle:
    """The request head, in wire order."""

    headers: tuple[Header, ...]


@dataclass(frozen=True, kw_only=True)
class MetadataStyle:
    """x-codex-turn-metadata: pairs (JSON key, name of a request value), in order; a value None is left out."""

    keys: tuple[tuple[str, str], ...]
    strip_credentials: bool
    """Whether user:password is cut from remote URLs."""


@dataclass(frozen=True, kw_only=True)
class BodyStyle:
    """The request body: its keys in order (a key without a value is left out), and where instructions go."""

    keys: tuple[str, ...]
    instructions_key: bool
    """True: the base prompt stands in `instructions`; False: it is the first input message (role developer)."""
    client_metadata: tuple[tuple[str, str], ...]
    """As MetadataStyle.keys, values as text."""
    nullable: tuple[str, ...]
    """Keys that are written as null rather than left out."""
    instructions: Callable[[str, Settings], str]
    """The base prompt as sent, from the one that is kept."""
    notes: bool
    """Whether OpenAI's own provider is told what is noted of each item."""
    opens_with_tools: Callable[[Settings], bool]
    """Whether the thread opens with the tools and the base prompt as items of its history (then no `tools` key)."""
    outputs: Callable[[Sequence[Item], Settings], list[Item]]
    """The history with its tool outputs as they are sent."""
    reasoning: Callable[[Settings], Any]
    include: Callable[[Settings], list[str]]
    text: Callable[[Settings], Any]
    parallel_calls: Callable[[Settings], bool]


@dataclass(frozen=True, kw_only=True)
class Block:
    """One part of the initial context. `render` gives its text, or None when there is nothing to say."""

    kind: str
    provenance: Mapping[str, Any]
    render: Callable[[Settings], str | None]


@dataclass(frozen=True, kw_only=True)
class ContextStyle:
    """What stands before the user's text. `update` gives (role, parts) messages for what changed since `snapshot`."""

    base: Block
    """The base prompt, where it is an item of the history (`BodyStyle.opens_with_tools`)."""
    developer: tuple[Block, ...]
    apart: tuple[Block, ...]
    """Developer texts after these, each a message of its own."""
    user: tuple[Block, ...]
    window: Callable[[Settings, Thread], list[Part]]
    """What is said of the context window, in a message after the first of the developer's."""
    snapshot: Callable[[Settings, bool], dict[str, Any]]
    """The state that the context expresses, as a rollout keeps it; and whether the thread opens with its tools."""
    previous: Callable[[Sequence[Mapping[str, Any]]], dict[str, Any] | None]
    """The last such state in the records of a rollout."""
    update: Callable[[Mapping[str, Any], Settings, bool], list[tuple[str, list[Part]]]]
    resume_warning: Callable[[Mapping[str, Any] | None, Settings], str | None]
    aborted: Callable[[Settings], tuple[str, str]]
    """The role and the text of what the history says of an interrupted turn."""
    switches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The key of the configuration that can leave out a kind of parts (`pycodex.upstream.included`)."""


@dataclass(frozen=True, kw_only=True)
class TitleStyle:
    """The request for a title, beside a prompt's first turn: another context, few tools, a schema for the answer."""

    context: ContextStyle
    entries: tuple[ToolEntry, ...]
    prompt: str
    """Name of the text; it may use {prompt}."""
    schema: str
    """Name of the text."""
    limit: int
    """Bytes to which the whole of it is cut."""


@dataclass(frozen=True, kw_only=True)
class ToolEntry:
    """A tool by the name under which the data hold it; sent when `needs` are met (`pycodex.upstream.toolset.fits`)."""

    name: str
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ToolsetStyle:
    """The tools of a request, in order, and the answers to calls that have no handler."""

    entries: tuple[ToolEntry, ...]
    texts: CallTexts
    models: ModelList
    small: SmallTools
    aborted: str
    """The output of a call that an interrupt cut off; may use {seconds}."""
    aborted_by_tool: Mapping[str, str]  # the same for single tools
    parallel: frozenset[str]
    """Tools that run beside each other where they are declared; a call of any other waits for those before it, and
    those after it wait."""
    login_follows_setting: bool  # whether tools have the argument `login` only where login shells are allowed
    questions_follow_setting: bool
    """Whether `tools.experimental_request_user_input` can take away the tools that ask the user."""
    environment: Callable[[Settings], Mapping[str, str]]
    """What commands find in their environment of the run's settings."""
    agents: CrewStyle
    log_errors: bool  # whether a failed call is logged on stderr
    log_target: str
    fatal_log_target: str  # of calls that can have no output
    abandoned_log: tuple[str, str] | None
    """Target and text of the log line for a command that is killed at the end; may use {thread_id}."""
    code: CodeStyle | None = None


@dataclass(frozen=True, kw_only=True)
class OfferStyle:
    """The question for the models of a provider. `log`: target and text of the line for an answer that cannot be used,
    may use {problem}; `unreadable`: its problem where the list cannot be read, may use {kind} {place} {bytes}."""

    headers: tuple[Header, ...]
    log: tuple[str, str]
    unreadable: str
    unsent: str
    timeout: str


@dataclass(frozen=True, kw_only=True)
class ModelStyle:
    """The catalog, and what is assumed of a model that it does not list."""

    catalog: Struct  # what a file with a catalog is read as
    fallback: Mapping[str, Any]
    fallback_warning: str  # may use {model}
    shell_type: str  # of models whose row does not say it
    base_instructions: Callable[[Settings], str]
    """The model's base prompt, with the personality that the configuration names."""
    instructions_key: bool
    """Whether the key `instructions` of the configuration replaces the base prompt."""
    unlisted_tier: str | None = None
    """The warning of a service tier that the model's row does not list, which is not sent then; may use {tier} {model}.
    None: any tier is sent."""
    unadvertised_code: str | None = None
    """The warning of a listed model that has code by a feature alone; may use {model}. None: there is none."""
    row_tier: bool = False
    """Whether the program that a person talks to takes the tier of the model's row where none is configured."""
    offer: OfferStyle | None = None
    """How a provider is asked which models it offers; None: it is not asked."""


@dataclass(frozen=True, kw_only=True)
class ProcessStyle:
    """Commands as processes. `signal_offset`: as in ProcessManager."""

    signal_offset: int | None


@dataclass(frozen=True, kw_only=True)
class StreamStyle:
    """What else counts in a stream."""

    input_cuts_answer: str
    """The feature with which what is entered while the model answers breaks the answer off (else it waits for its
    end)."""
    end_turn_false_continues: bool
    any_message_is_final: bool
    """Whether the last message of the turn is its final one, or only one of the last answer that says something."""
    keep_finished_items: bool
    """Whether a resend carries the items (and tool outputs) of the broken answer."""
    answers: AnswerStyle
    """How the events that end an answer are read."""
    reroute: RerouteStyle


@dataclass(frozen=True, kw_only=True)
class RolloutStyle:
    """The rollout file: `recorder` makes the object that maps events to records, given what the file holds already."""

    recorder: Callable[[ContextManager, Sequence[Mapping[str, Any]]], Recorder]
    cuts_into_files: bool
    """Whether a thread of which the end is dropped goes on in another file (else the file says what is dropped)."""
    kept_settings: Mapping[str, str] = field(default_factory=dict)
    """What a thread that goes on keeps, whatever the configuration says: names in a `thread_settings_applied` record,
    and in the configuration."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One version of codex-cli."""

    version: str
    client: ClientStyle
    auth: AuthStyle
    head: HeadStyle
    metadata: MetadataStyle
    mcp: Callable[[], McpStyle]
    body: BodyStyle
    ids: IdStyle
    items: ItemStyle
    context: ContextStyle
    session: SessionStyle
    compact: CompactStyle
    doctor: Callable[[], DoctorStyle]
    title: TitleStyle | None  # None: no title is asked for
    toolset: ToolsetStyle
    models: ModelStyle
    exec: ExecStyle
    shells: ShellStyle | None
    """The older tools that run commands, where there are any."""
    patch: PatchStyle
    sandbox: SandboxStyle
    processes: ProcessStyle
    truncate: TruncateStyle
    arguments: ArgumentStyle
    retry: RetryStyle
    stream: StreamStyle
    websocket: WebSocketStyle
    transport: TransportStyle
    config: ConfigStyle
    docs: DocsStyle
    skills: SkillStyle
    images: ImageStyle
    jsonl: JsonlStyle
    plain: PlainStyle
    cli: ExecCliStyle
    rollout: RolloutStyle
    review: ReviewStyle
    guardian: GuardianStyle | None  # None: no model reviews
