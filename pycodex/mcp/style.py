"""What differs between versions of codex-cli in MCP: a part of the Dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.mcp.approvals import ApprovalQuestion
    from pycodex.mcp.http_style import HttpStyle
    from pycodex.mcp.names import Name, Origin
    from pycodex.mcp.plain import CallLines, StartupLines, WholeCalls
    from pycodex.protocol import Item
    from pycodex.settings import Settings

__all__ = ["McpStyle"]

Texts = tuple[str, str]
"""Target and text of a line of the log."""


@dataclass(frozen=True, kw_only=True)
class McpStyle:
    """Texts may use the fields that stand in braces."""

    capabilities: Mapping[str, Any]
    """What the client says of itself when it begins."""
    protocol: str = "2025-06-18"
    http: HttpStyle
    """Of servers at a URL."""
    execution_read: bool
    """Whether the field `execution` of a tool is looked at (captured: mcp/odd_tools)."""
    name_pattern: str | None
    """What the names of servers must match, in whole; a server with another name does not start (captured:
    mcp/server_names). None: any name is one."""
    startup_timeout: float
    tool_timeout: float
    patience: float | None
    """Seconds that the first request waits for servers, which come in later; None: until they are there or not."""
    parallel_key: bool
    """Whether `supports_parallel_tool_calls` counts."""
    names: Callable[[Sequence[Origin]], Mapping[Origin, Name]]
    schema: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    bad_schema_log: Texts | None
    """A tool whose schema cannot be told is left out; {name} {problem}."""
    pages: bool
    """Whether a list of tools that has more is read to its end."""
    bad_line_log: Texts | None
    """A line that is no message ends the connection: {problem}. None: it is left alone."""
    cancel_reason: str | None
    """What a server is told when a call takes too long, or is cut off; None: nothing."""
    empty_results: bool
    """Whether a result without any content is one."""
    handshake: tuple[str, ...]
    """What a start that failed comes to, and the causes of that: {problem}."""
    handshake_timeout: str
    """{seconds} {nearly}"""
    late: str
    """A request that takes too long: {method} {seconds} {nearly}."""
    bad_arguments_log: Texts
    """{problem}"""
    log_target: str
    """Of what servers note as an error."""
    output: Callable[[Mapping[str, Any]], str | list[Item]]
    """What the model gets of a result."""
    images: Callable[[list[Item], Settings], list[Item]] | None
    """What the model is shown in place of the images among the parts."""
    cuts: bool
    """Whether the tool itself cuts what the model gets, before the history does."""
    cut_as_result: bool
    """Whether a call that is cut off has what the model is told of that as its result (captured:
    interactive/mcp_approval_esc_old)."""
    to_code: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """What code gets of a result that is kept (captured: code_mode/old_modules, code_mode/mcp)."""
    wall_time: str | None
    """What stands before it: {seconds}."""
    kept: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """The result as it is told and kept."""
    metadata: tuple[tuple[str, str], ...] | None
    """What a call tells the server of the turn (see MetadataStyle); None: nothing."""
    needs_approval: Callable[[Mapping[str, Any]], bool]
    """By the tool's annotations, whether a call has to be allowed where there is a sandbox."""
    approval_modes: bool
    """Whether the configuration says of tools whether they have to be allowed."""
    question: ApprovalQuestion
    refused: str
    """What a call comes to that nobody can allow."""
    refused_log: Texts | None
    """{thread_id}"""
    refused_takes_time: bool
    """Whether that has a duration."""
    tells_meta: bool
    """Whether programs are told the `_meta` of a result."""
    tells_unknown_server: bool
    """Whether people are told of a call that names a server that is not there."""
    unknown_server: str
    """{method} {server}"""
    described: str | None
    """The description of a namespace whose server has none: {name}."""
    startup: StartupLines | None
    """What people are told of the start of servers; None: nothing."""
    calls: WholeCalls | CallLines
    """What people are told of calls."""
    required_log: Texts
    """{problem}"""
    required_refusal: str
    """{problem}"""
