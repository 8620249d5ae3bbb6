"""What codex-cli does with MCP servers, by version. Loaded where a server is configured."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pycodex.mcp.http_style import HttpStyle
    from pycodex.mcp.style import McpStyle

__all__ = ["flat_servers", "spaced_servers"]

_BAD_ARGUMENTS = ("codex_core::mcp_tool_call", "failed to parse tool call arguments: {problem}")
_WORKER = "rmcp::transport::worker::WorkerTransport"
_STATUS_ERROR = "HTTP status {class} error ({status} {reason}) for url ({url})"
_LOG = "codex_rmcp_client::logging_client_handler"
_LATE = "timed out handshaking with MCP server after {seconds}"


_MAY_RUN = 'Allow the {server} MCP server to run tool "{tool}"?'


def _acts(annotations: Mapping[str, Any]) -> bool:
    """Only what says that it destroys, or that it acts on the world (captured: mcp/annotations_sandboxed_old)."""
    if annotations.get("destructiveHint") is True:
        return True
    return annotations.get("readOnlyHint") is False and annotations.get("openWorldHint") is True


def _may_act(annotations: Mapping[str, Any]) -> bool:
    """All but what says that it only reads, or does no harm (captured: mcp/annotations_sandboxed_new)."""
    if annotations.get("readOnlyHint") is True:
        return False
    return annotations.get("destructiveHint") is not False or annotations.get("openWorldHint") is not False


def _plain_http() -> HttpStyle:
    """Of 0.115.0."""
    from pycodex.mcp.http_failures import judged_by_type, unsent_plainly
    from pycodex.mcp.http_style import HttpStyle

    return HttpStyle(
        capabilities={},
        transport=(
            f"{_WORKER}<rmcp::transport::streamable_http_client::StreamableHttpClientWorker<"
            "codex_rmcp_client::rmcp_client::StreamableHttpResponseClient>>"
        ),
        user_agent=None,
        tells_protocol=False,
        own_first=True,
        post_order=("accept", "authorization", "mcp-session-id", "content-type"),
        judge=judged_by_type,
        unsent=unsent_plainly,
        bad_token=(
            "Client error: builder error",
            "Client(Reqwest(reqwest::Error { kind: Builder, source: http::Error(InvalidHeaderValue) }))",
        ),
        retries=(),
        serial=True,
        resumes=False,
        handshake_timeout=_LATE,
        timeout_told=False,
        listening_refused=f"fail to get common stream: Client error: {_STATUS_ERROR}",
        end_refused=f"fail to delete session: Client error: {_STATUS_ERROR} session_id={{session}}",
        not_logged_in="The {name} MCP server is not logged in. Run `codex mcp login {name}`.",
        login_result=False,
        discovers=True,
    )


def _judging_http() -> HttpStyle:
    """Of 0.169.0."""
    from pycodex.mcp.http_failures import judged_by_status, unsent_request
    from pycodex.mcp.http_style import HttpStyle

    return HttpStyle(
        capabilities={"elicitation": {"form": {}, "url": {}}},
        transport=(
            "codex_rmcp_client::tool_list_changes::ToolListChanges<"
            "codex_rmcp_client::event_notification_transport::EventNotificationTransport<"
            f"{_WORKER}<rmcp::transport::streamable_http_client::StreamableHttpClientWorker<"
            "codex_rmcp_client::http_client_adapter::StreamableHttpClientAdapter>>>>"
        ),
        user_agent="codex-mcp-client/{version}",
        tells_protocol=True,
        own_first=False,
        post_order=("accept", "content-type", "authorization", "mcp-session-id"),
        judge=judged_by_status,
        unsent=unsent_request,
        bad_token=(
            "Client error: invalid HTTP header: failed to parse header value",
            'Client(Header("failed to parse header value"))',
        ),
        retries=(0.25, 1.0),
        serial=False,
        resumes=True,
        handshake_timeout=_LATE,
        timeout_told=True,
        listening_refused="fail to get common stream: unexpected server response: GET returned HTTP {status}",
        end_refused=(
            "fail to delete session: unexpected server response: DELETE returned HTTP {status} session_id={session}"
        ),
        not_logged_in=None,
        login_result=True,
        discovers=False,
    )


@cache
def flat_servers() -> McpStyle:
    """Of 0.115.0."""
    from pycodex.mcp.approvals import ApprovalQuestion
    from pycodex.mcp.names import flat_names
    from pycodex.mcp.plain import StartupLines, WholeCalls
    from pycodex.mcp.results import plain_output, whole_result
    from pycodex.mcp.schemas import plain_schema
    from pycodex.mcp.style import McpStyle

    return McpStyle(
        capabilities={},
        http=_plain_http(),
        execution_read=True,
        name_pattern="^[a-zA-Z0-9_-]+$",
        startup_timeout=10,
        tool_timeout=60,
        patience=None,
        parallel_key=False,
        names=flat_names,
        schema=plain_schema,
        bad_schema_log=(
            "codex_core::tools::spec",
            'Failed to convert "{name}" MCP tool to OpenAI tool: Error({problem}, line: 0, column: 0)',
        ),
        pages=False,
        bad_line_log=("rmcp::transport::async_rw", "Error reading from stream: serde error {problem}"),
        cancel_reason=None,
        empty_results=False,
        handshake=("handshaking with MCP server failed: {problem}",),
        handshake_timeout=_LATE,
        late="timed out awaiting {method} after {seconds}",
        bad_arguments_log=_BAD_ARGUMENTS,
        log_target=_LOG,
        output=plain_output,
        images=None,
        cuts=False,
        cut_as_result=True,
        to_code=whole_result,
        wall_time=None,
        kept=dict,
        metadata=None,
        needs_approval=_acts,
        approval_modes=False,
        question=ApprovalQuestion(
            text=_MAY_RUN,
            once=("Allow", "Run the tool and continue."),
            session=("Allow for this session", "Run the tool and remember this choice for this session."),
            always=None,
            cancel=("Cancel", "Cancel this tool call."),
            cancelled="user cancelled MCP tool call",
            escape_cancels=False,
            though_never=True,
        ),
        refused="user cancelled MCP tool call",
        refused_log=(
            "codex_app_server::bespoke_event_handling",
            "request failed with client error: JSONRPCErrorError {{ code: -32000, data: None, message: "
            '"request_user_input is not supported in exec mode for thread `{thread_id}`" }}',
        ),
        refused_takes_time=True,
        tells_meta=False,
        tells_unknown_server=True,
        unknown_server="{method} failed: unknown MCP server '{server}'",
        described=None,
        startup=StartupLines(),
        calls=WholeCalls(),
        required_log=("codex_core::codex", "Failed to create session: {problem}"),
        required_refusal=(
            "Error: thread/start: thread/start failed: error creating thread: Fatal error: Failed to initialize "
            "session: {problem}"
        ),
    )


@cache
def spaced_servers() -> McpStyle:
    """Of 0.169.0."""
    from pycodex.mcp.approvals import ApprovalQuestion
    from pycodex.mcp.images import shown_images
    from pycodex.mcp.names import spaced_names
    from pycodex.mcp.plain import CallLines
    from pycodex.mcp.results import result_for_code, told_output, without_audio
    from pycodex.mcp.schemas import kept_schema
    from pycodex.mcp.style import McpStyle

    return McpStyle(
        capabilities={"elicitation": {"form": {}, "url": {}}, "experimental": {"codex/auth-change": {}}},
        http=_judging_http(),
        execution_read=False,
        name_pattern=None,
        startup_timeout=30,
        tool_timeout=300,
        patience=1.0,
        parallel_key=True,
        names=spaced_names,
        schema=kept_schema,
        bad_schema_log=None,
        pages=True,
        bad_line_log=None,
        cancel_reason="MCP request cancelled by caller",
        empty_results=True,
        handshake=("handshaking with MCP server failed: {problem}", "{problem}"),
        handshake_timeout="timed out handshaking with MCP server after {nearly}: deadline has elapsed",
        late="timed out awaiting {method} after {nearly}",
        bad_arguments_log=_BAD_ARGUMENTS,
        log_target=_LOG,
        output=told_output,
        images=shown_images,
        cuts=True,
        cut_as_result=False,
        to_code=result_for_code,
        wall_time="Wall time: {seconds:.4f} seconds\nOutput:",
        kept=without_audio,
        metadata=(
            ("session_id", "tree_id"),
            ("thread_id", "thread_id"),
            ("turn_id", "turn_id"),
            ("forked_from_thread_id", "forked_from"),
            ("parent_thread_id", "parent_thread_id"),
            ("parent_turn_id", "parent_turn_id"),
            ("subagent_kind", "subagent_kind"),
            ("thread_source", "thread_source"),
            ("turn_trigger", "turn_trigger"),
            ("user_input_requested_during_turn", "asked_user"),
            ("sandbox", "sandbox"),
            ("sandbox_mode", "sandbox_mode"),
            ("auto_review_enabled", "auto_review_enabled"),
            ("node_repl_auto_review_required", "node_repl_auto_review_required"),
            ("node_repl_disabled", "node_repl_disabled"),
            ("workspaces", "workspaces"),
            ("turn_started_at_unix_ms", "turn_started_at_unix_ms"),
            ("model", "model"),
            ("reasoning_effort", "reasoning_effort"),
            ("codex_version", "version"),
        ),
        needs_approval=_may_act,
        approval_modes=True,
        question=ApprovalQuestion(
            text=_MAY_RUN,
            once=("Allow", "Run the tool and continue"),
            session=("Allow for this session", "Run the tool and remember this choice for this session"),
            always=("Always allow", "Run the tool and remember this choice for future tool calls"),
            cancel=("Cancel", "Cancel this tool call"),
            cancelled="user cancelled MCP tool call",
            escape_cancels=True,
            though_never=False,
        ),
        refused="MCP tool call requires approval, but approval policy is never",
        refused_log=None,
        refused_takes_time=False,
        tells_meta=True,
        tells_unknown_server=False,
        unknown_server="unknown MCP server '{server}'",
        described="Tools in the {name} namespace.",
        startup=None,
        calls=CallLines(),
        required_log=("codex_core::session", "Failed to create session: {problem}"),
        required_refusal=(
            "Error: thread/start: thread/start failed: error creating thread: Fatal error: Failed to initialize "
            "session: {problem} (code -32603)"
        ),
    )
