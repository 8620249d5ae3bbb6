"""How a version prints what happens: `exec --json`, and `exec` for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.crew.events import AgentCallEnded, AgentCallStarted
    from pycodex.upstream.plain_patches import PatchPrinter

__all__ = ["JsonlStyle", "PlainStyle"]


@dataclass(frozen=True, kw_only=True)
class JsonlStyle:
    """`exec --json`."""

    usage_keys: tuple[tuple[str, str], ...]
    """(printed key, attribute of Usage)."""
    reasoning_joined: bool
    """One item for all summary parts (joined by a newline), or one for each."""
    search_starts_empty: bool
    """Whether a web search is first shown without its query."""
    searches_begin_again: bool
    """Whether one that goes on is shown to begin when it is told of again."""
    deprecations: bool  # whether deprecated settings are told of
    patches_start: bool
    """Whether a patch is also reported when it begins."""
    running_commands_complete: bool
    """Whether a command that still runs at the end of the turn is reported as completed."""


@dataclass(frozen=True, kw_only=True)
class PlainStyle:
    """`exec` for people, on stderr."""

    banner: str  # may use {version}
    after_prompt: str | None  # a line after the user's text
    reasoning_heading: str | None
    command_separator: str
    """Between the working directory and the outcome of a command."""
    output_lines: int | None
    """How many lines of a command's output are printed; None: the output as it is, and a line break."""
    empty_output_line: bool
    """Whether a command without output leaves an empty line."""
    colors: Mapping[str, tuple[int, ...]]
    """With --color: escape codes of each role (see PlainPrinter), the outermost first."""
    section_line: bool
    """Whether a part of a reasoning summary begins with an empty line, as soon as the model begins it."""
    raw_reasoning_replaces: bool
    """With show_raw_agent_reasoning: whether raw content stands in place of the summary, or after it."""
    search: tuple[str, str]
    """The lines of a web search: begun and done; may use {query}. Each begins with a label that has a colour."""
    made: tuple[str, str] | None = None
    """The labels of an image that the model makes: begun and done. None: it is not shown."""
    plan: bool  # whether a plan is shown
    image: str | None  # the line of an image that the model views; may use {path}
    patches: PatchPrinter
    agents: Callable[[AgentCallStarted | AgentCallEnded], Iterable[str]]  # the lines of calls about other agents
    session_warnings_first: bool
    """Whether warnings about a resumed thread stand before `after_prompt`."""
    deprecation_indent: str  # before what to do instead of a deprecated setting
    bare_final_newline: bool
    """Whether a final message that ends in a line break gets no other one."""
    interrupted: str  # the line that ends an interrupted turn
    failure_repeats: int
    """How often the final error is printed."""
    retry: str
    """May use {error} (the word, in its colour) {progress} {message}."""
