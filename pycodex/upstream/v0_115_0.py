"""The Dialect of codex-cli 0.115.0."""

from __future__ import annotations

from pycodex.approvals import ApprovalStyle
from pycodex.arguments import BOOL, I32, STRING, STRINGS, U64, USIZE, VALUE, ArgumentStyle, Enum, Field, Struct
from pycodex.config import ConfigStyle
from pycodex.danger import plain_forced_rm
from pycodex.exec_rules import RulesStyle
from pycodex.images import ImageStyle
from pycodex.project_docs import DocsStyle
from pycodex.sandbox import SandboxStyle
from pycodex.tools.base_tool import CallTexts
from pycodex.tools.exec_command import ExecStyle
from pycodex.transports.base import TransportStyle
from pycodex.truncation import TruncateStyle
from pycodex.upstream import blocks, bodies, contexts, permissions, skill_lists
from pycodex.upstream import failures as f
from pycodex.upstream.dialect import (
    Block,
    BodyStyle,
    ClientStyle,
    ContextStyle,
    Dialect,
    ExecCliStyle,
    Header,
    HeadStyle,
    IdStyle,
    ItemShape,
    ItemStyle,
    JsonlStyle,
    MetadataStyle,
    ModelStyle,
    PlainStyle,
    ProcessStyle,
    RetryStyle,
    RolloutStyle,
    StreamStyle,
    ToolEntry,
    ToolsetStyle,
)
from pycodex.upstream.instructions import as_it_is, in_personality
from pycodex.upstream.records_flat import FlatRecorder

__all__ = ["DIALECT"]

_ARGUMENTS = ArgumentStyle(control_character_consumed=True, floats_are_numbers=False)

_SANDBOX_PERMISSIONS = Enum(
    name="SandboxPermissions", variants=("use_default", "require_escalated", "with_additional_permissions")
)

_ADDITIONAL_PERMISSIONS = Struct(
    name="PermissionProfile",
    fields=(
        Field(
            "network",
            Struct(name="NetworkPermissions", fields=(Field("enabled", BOOL, optional=True),)),
            optional=True,
            positional=True,
        ),
        Field(
            "file_system",
            Struct(
                name="FileSystemPermissions",
                fields=(Field("read", STRINGS, optional=True), Field("write", STRINGS, optional=True)),
            ),
            optional=True,
            positional=True,
        ),
    ),
    elements=3,
)

_EXEC_COMMAND = Struct(
    name="ExecCommandArgs",
    fields=(
        Field("cmd", STRING, required=True),
        Field("workdir", STRING, optional=True),
        Field("shell", STRING, optional=True),
        Field("login", BOOL, optional=True),
        Field("tty", BOOL, default=False),
        Field("yield_time_ms", U64, default=10_000),
        Field("max_output_tokens", USIZE, optional=True),
        Field("sandbox_permissions", _SANDBOX_PERMISSIONS, default="use_default"),
        Field("additional_permissions", _ADDITIONAL_PERMISSIONS, optional=True),
        Field("justification", STRING, optional=True),
        Field("prefix_rule", STRINGS, optional=True),
    ),
    elements=11,
)

_WRITE_STDIN = Struct(
    name="WriteStdinArgs",
    fields=(
        Field("session_id", I32, required=True),
        Field("chars", STRING, default=""),
        Field("yield_time_ms", U64, default=250),
        Field("max_output_tokens", USIZE, optional=True),
    ),
)

_HIGH_DEMAND = "We're currently experiencing high demand, which may cause temporary errors."
_AT_CAPACITY = "Selected model is at capacity. Please try a different model."
_OUT_OF_ROOM = (
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying."
)
_QUOTA = "Quota exceeded. Check your plan and billing details."
_TO_PLUS = "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus."

DIALECT = Dialect(
    version="0.115.0",
    client=ClientStyle(
        version="0.115.0",
        originator="codex_exec",
        prompt_originator="codex-tui",
        prompt_user_agent="{originator}/{version} ({os}; {arch}) {terminal} (codex-tui; {version})",
        user_agent="{originator}/{version} ({os}; {arch}) {terminal} (codex-exec; {version})",
        names_tmux=True,
        originator_variable="CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
        installation_file=False,
    ),
    head=HeadStyle(
        headers=(
            Header(name="version", value="{builtin_version}"),
            Header(name="x-codex-turn-state", value="{turn_state}"),
            Header(name="x-codex-turn-metadata", value="{turn_metadata}"),
            Header(name="x-client-request-id", value="{thread_id}"),
            Header(name="session_id", value="{thread_id}"),
            Header(name="authorization", value="Bearer {token}"),
            Header(name="accept", value="text/event-stream"),
            Header(name="content-type", value="application/json"),
            Header(name="user-agent", value="{user_agent}", provider_wins=True),
            Header(name="originator", value="{originator}", provider_wins=True),
            Header(name="host", value="{placeholder}"),
            Header(name="content-length", value="{placeholder}"),
        )
    ),
    metadata=MetadataStyle(
        keys=(("turn_id", "turn_id"), ("workspaces", "workspaces"), ("sandbox", "sandbox")),
        strip_credentials=False,
    ),
    body=BodyStyle(
        keys=(
            "model",
            "instructions",
            "input",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "reasoning",
            "store",
            "stream",
            "include",
            "service_tier",
            "prompt_cache_key",
            "text",
        ),
        instructions_key=True,
        client_metadata=(),
        nullable=("reasoning",),
        instructions=as_it_is,
        opens_with_tools=bodies.never_opens_with_tools,
        reasoning=bodies.reasoning_for_listed_models,
        include=bodies.encrypted_reasoning_if_reasoning,
        text=bodies.text,
    ),
    ids=IdStyle(minted={}, kept=("image_generation_call",)),
    items=ItemStyle(
        shapes={
            "message": ItemShape(keys=("type", "role", "content", "end_turn", "phase")),
            "reasoning": ItemShape(
                keys=("type", "summary", "content", "encrypted_content"),
                nullable=("content", "encrypted_content"),
            ),
            "function_call": ItemShape(keys=("type", "name", "namespace", "arguments", "call_id")),
            "custom_tool_call": ItemShape(keys=("type", "status", "call_id", "name", "input")),
            "web_search_call": ItemShape(keys=("type", "status", "action")),
            "image_generation_call": ItemShape(keys=("type", "id", "status", "revised_prompt", "result")),
            "function_call_output": ItemShape(keys=("type", "call_id", "output")),
            "custom_tool_call_output": ItemShape(keys=("type", "call_id", "name", "output")),
        },
        content={
            "input_text": ("type", "text"),
            "output_text": ("type", "text"),
            "summary_text": ("type", "text"),
            "reasoning_text": ("type", "text"),
            "text": ("type", "text"),
            "search": ("type", "query", "queries"),
            "open_page": ("type", "url"),
            "find_in_page": ("type", "url", "pattern"),
        },
    ),
    context=ContextStyle(
        base=Block(kind="model.base_instructions", provenance=contexts.HARNESS, render=blocks.base_instructions),
        apart=(),
        developer=(
            Block(kind="permissions.instructions", provenance=contexts.HARNESS, render=permissions.permissions_text),
            Block(kind="collaboration_mode", provenance=contexts.HARNESS, render=blocks.collaboration_mode),
            Block(
                kind="generic.developer_instructions",
                provenance=contexts.DEVELOPER,
                render=blocks.developer_instructions,
            ),
            Block(kind="host_skills.instructions", provenance=contexts.SKILLS, render=skill_lists.skills_by_path),
        ),
        user=(
            Block(kind="agents_md.instructions", provenance=contexts.AGENTS_MD, render=blocks.agents_md_for_cwd),
            Block(kind="environments.environment_context", provenance=contexts.HARNESS, render=blocks.environment),
        ),
        snapshot=contexts.turn_context_snapshot,
        previous=contexts.turn_context_previous,
        update=contexts.turn_context_update,
        resume_warning=contexts.model_changed_warning,
        aborted=blocks.turn_aborted,
    ),
    toolset=ToolsetStyle(
        entries=(
            ToolEntry(name="exec_command"),
            ToolEntry(name="write_stdin"),
            ToolEntry(name="update_plan"),
            ToolEntry(name="request_user_input"),
            ToolEntry(name="apply_patch", needs=frozenset({"apply_patch"})),
            ToolEntry(name="web_search", needs=frozenset({"web_search"})),
            ToolEntry(name="view_image"),
            ToolEntry(name="spawn_agent"),
            ToolEntry(name="send_input"),
            ToolEntry(name="resume_agent"),
            ToolEntry(name="wait_agent"),
            ToolEntry(name="close_agent"),
        ),
        texts=CallTexts(
            unknown_function="unsupported call: {name}", unknown_custom="unsupported custom tool call: {name}"
        ),
        aborted="aborted by user after {seconds:.1f}s",
        aborted_by_tool={},
        environment=permissions.no_environment,
        log_errors=False,
        log_target="codex_core::tools::router",
        fatal_log_target="codex_core::util",
        abandoned_log=None,
    ),
    models=ModelStyle(
        default="gpt-5.4",
        fallback={
            "base_instructions": {"$text": "base_instructions.fallback.md"},
            "context_window": 272_000,
            "effective_context_window_percent": 95,
            "default_reasoning_level": None,
            "default_reasoning_summary": "auto",
            "supports_reasoning_summaries": False,
            "support_verbosity": False,
            "supports_parallel_tool_calls": False,
            "truncation_policy": {"mode": "bytes", "limit": 10_000},
            "apply_patch_tool_type": None,
        },
        fallback_warning=(
            "Model metadata for `{model}` not found. Defaulting to fallback metadata; "
            "this can degrade performance and cause issues."
        ),
        base_instructions=in_personality,
        instructions_key=False,
    ),
    exec=ExecStyle(
        argument_struct=_EXEC_COMMAND,
        stdin_struct=_WRITE_STDIN,
        argument_style=_ARGUMENTS,
        argument_prelude=VALUE,  # any JSON first (measured: errors of the syntax come before those of the struct)
        command_line=True,
        tokens_of_text=True,
        env={
            "NO_COLOR": "1",
            "TERM": "dumb",
            "LANG": "C.UTF-8",
            "LC_CTYPE": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "COLORTERM": "",
            "PAGER": "cat",
            "GIT_PAGER": "cat",
            "GH_PAGER": "cat",
            "CODEX_CI": "1",
            "CODEX_THREAD_ID": "{thread_id}",
        },
        keeps_shell_path=True,
        failure="exec_command failed for `{command}`: {error}",
        start_error_is_item=False,
        approval=ApprovalStyle(
            dangerous=plain_forced_rm,
            danger_reason="blocked by policy",
            every_command_allowed=False,
            loose_words=True,
            rules=RulesStyle(pattern="PrefixPattern {{ first: {first}, rest: [{rest}] }}"),
        ),
        denial="is an error",
        late_output_only=True,
        interrupt_without_tty=False,
    ),
    sandbox=SandboxStyle(
        protected=(".git", ".agents", ".codex"),
        protects_missing=False,
        own_root="memories",
        missing_root=(
            "\nthread 'main' ({pid}) panicked at linux-sandbox/src/linux_run_main.rs:449:27:\n"
            'error building bubblewrap command: UnsupportedOperation("Sandbox expected writable root {root}, but it '
            'does not exist.")\n'
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
        ),
        linked="bwrap: Can't create file at {path}: Is a directory\n",
    ),
    processes=ProcessStyle(signal_offset=None),
    truncate=TruncateStyle(
        warning_line=False,
        policy_caps_output=False,
        history_factor=1.2,
        omitted_marker=False,
    ),
    arguments=_ARGUMENTS,
    retry=RetryStyle(
        rules=(
            f.row(f.broken("missing_key"), f.detail),
            f.row(f.status_code("server_is_overloaded", 503), f.fixed(_AT_CAPACITY), request=True),
            f.row(f.status_code("slow_down", 503), f.fixed(_AT_CAPACITY), request=True),
            f.row(f.status(500), f.fixed(_HIGH_DEMAND), request=True, stream=True),
            f.row(f.server_error, f.unexpected_status, request=True, stream=True),
            f.row(f.status(400), f.raw_body),
            f.row(f.status_code("usage_not_included", 429), f.fixed(_TO_PLUS)),
            f.row(f.status(429), f.retry_limit),
            f.row(f.broken("status"), f.unexpected_status, stream=True),
            f.row(f.broken("send"), f.disconnected, request=True, stream=True),
            f.row(f.code("context_length_exceeded"), f.fixed(_OUT_OF_ROOM), fills_window=True),
            f.row(f.code("insufficient_quota"), f.fixed(_QUOTA)),
            f.row(f.code("usage_not_included"), f.fixed(_TO_PLUS)),
            f.row(f.code("server_is_overloaded", "slow_down"), f.fixed(_AT_CAPACITY)),
            f.row(f.code("invalid_prompt"), f.detail),
            f.row(f.always, f.disconnected, stream=True),
        ),
        first_delay=0.2,
        jitter=0.1,
        stream_limit=100,
        retry_after=False,
    ),
    stream=StreamStyle(
        end_turn_false_continues=False,
        any_message_is_final=False,
        incomplete_counts=False,
        keep_finished_items=False,
    ),
    transport=TransportStyle(send_error="error sending request for url ({url})"),
    config=ConfigStyle(
        profiles="table",
        reasoning_efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
        warn_unknown_keys=False,
        service_tiers=("fast", "flex"),
    ),
    docs=DocsStyle(cut_warning=None),
    images=ImageStyle(
        opening="<image name=[Image #{number}]>",
        unreadable="Codex could not read the local image at `{path}`: failed to read image at {path}: {reason}",
        undecodable="Codex cannot attach image at `{path}`: unsupported image format `{mime}`.",
        keeps_tags=False,
        checks_name=True,
        detail=False,
    ),
    jsonl=JsonlStyle(
        usage_keys=(
            ("input_tokens", "input_tokens"),
            ("cached_input_tokens", "cached_input_tokens"),
            ("output_tokens", "output_tokens"),
        ),
        reasoning_joined=False,
        search_starts_empty=True,
        running_commands_complete=True,
    ),
    plain=PlainStyle(
        banner="OpenAI Codex v{version} (research preview)",
        after_prompt="mcp startup: no servers",
        reasoning_heading="thinking",
        command_separator="",
        output_lines=20,
        empty_output_line=True,
        colors={
            "label": (1,),
            "user": (36,),
            "startup": (36,),
            "heading": (35, 3),
            "command": (1,),
            "success": (32,),
            "failure": (31,),
            "output": (2,),
            "plan": (35,),
            "explanation": (3,),
            "step_done": (32,),
            "step_now": (36,),
            "step_later": (2,),
            "tokens": (3, 35),
            "warning": (1, 33),
            "error": (31,),
            "retry": (2,),
        },
        section_line=True,
        raw_reasoning_replaces=False,
        search=("🌐 Searching the web...", "🌐 Searched: {query}"),
        plan=True,
        session_warnings_first=True,
        bare_final_newline=True,
        interrupted="task interrupted",
        failure_repeats=1,
        retry="Reconnecting... {attempt}/{limit} ({message})",
    ),
    cli=ExecCliStyle(
        debug_models=False,
        extra_stdin=False,
        unknown_thread_starts_new=True,
        no_daemon=False,
        full_auto=True,
        more_options=("progress_cursor",),
        exec_usage="codex exec [OPTIONS] [PROMPT] [COMMAND]",
        exec_usage_path="codex exec",
        resume_usage="codex exec resume [OPTIONS] [SESSION_ID] [PROMPT]",
        writable_roots=permissions.roots_in_policy_order,
        sandbox_summary=permissions.summary_with_memories,
        path_warning="WARNING: proceeding, even though we could not update PATH: {reason}",
        temp_home_reason='Refusing to create helper binaries under temporary dir "{temp}" (codex_home: "{home}")',
        skill_log_target="codex_core::codex",
        untrusted_notice=None,
        interrupted_exit=0,
        last_message_opened_first=False,
        startup_warnings=permissions.no_warnings,
    ),
    rollout=RolloutStyle(recorder=FlatRecorder),
)
