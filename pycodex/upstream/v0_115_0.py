"""The Dialect of codex-cli 0.115.0."""

from __future__ import annotations

from pycodex.answer_heads import RerouteStyle
from pycodex.answers import AnswerStyle
from pycodex.approvals import ApprovalStyle
from pycodex.arguments import (
    BOOL,
    I32,
    I64,
    STRING,
    STRINGS,
    U64,
    USIZE,
    VALUE,
    ArgumentStyle,
    Enum,
    Field,
    ListOf,
    Struct,
)
from pycodex.code_mode.style import CodeStyle
from pycodex.config import ConfigStyle
from pycodex.crew.style import CrewStyle
from pycodex.danger import plain_forced_rm
from pycodex.event_json import EventFields
from pycodex.exec_rules import RulesStyle
from pycodex.features import FeatureStyle
from pycodex.images import ImageStyle
from pycodex.node_runtime import NodeStyle
from pycodex.patch.lines import line_feeds_only
from pycodex.patch.parse_hunks import parse_by_hunk
from pycodex.patch.style import PatchStyle
from pycodex.patch.turn_diff import DiffOfDisk
from pycodex.project_docs import DocsStyle
from pycodex.sandbox import SandboxStyle
from pycodex.skills import SkillStyle
from pycodex.tools.base_tool import CallTexts
from pycodex.tools.exec_command import ExecStyle
from pycodex.tools.shell_tools import ShellStyle
from pycodex.tools.small import QuestionStyle, SmallTools, ViewStyle
from pycodex.transports.base import TransportStyle
from pycodex.truncation import TruncateStyle
from pycodex.upstream import (
    blocks,
    bodies,
    codes,
    compaction,
    contexts,
    doctors,
    patches,
    permissions,
    plain_patches,
    servers,
    skill_lists,
    sockets,
    usage_limits,
)
from pycodex.upstream import failures as f
from pycodex.upstream import model_rows as rows
from pycodex.upstream.agent_records import agent_words_in_full
from pycodex.upstream.config_types import PERMISSION_TYPES_OLD, TYPES_OF_TABLES_OLD
from pycodex.upstream.dialect import (
    AuthStyle,
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
    RolloutStyle,
    SessionStyle,
    StreamStyle,
    ToolEntry,
    ToolsetStyle,
)
from pycodex.upstream.instructions import as_it_is, in_personality
from pycodex.upstream.logins import RefreshStyle
from pycodex.upstream.records_flat import FlatRecorder
from pycodex.upstream.retries import RetryStyle
from pycodex.upstream.reviews import ReviewStyle
from pycodex.upstream.toolset import ModelList
from pycodex.upstream.usage_limits import UsageLimitStyle
from pycodex.upstream.windows import no_window

__all__ = ["DIALECT"]

_OPTIONS = (
    "config", "enable", "disable", "images", "model", "oss", "local_provider", "sandbox", "profile", "full_auto",
    "bypass", "cwd", "skip_git_repo_check", "add_dirs", "ephemeral", "output_schema", "color", "progress_cursor",
    "json", "last_message_file",
)  # fmt: skip

_SHARED_OPTIONS = frozenset((
    "config", "enable", "disable", "model", "full_auto", "bypass", "skip_git_repo_check", "ephemeral", "json",
    "last_message_file",
))  # fmt: skip

_SESSION_OPTIONS = (
    "images", "model", "oss", "local_provider", "profile", "sandbox", "approval", "full_auto", "bypass", "cwd",
    "search", "add_dirs", "no_alt_screen",
)  # fmt: skip

_ARGUMENTS = ArgumentStyle(floats_are_numbers=False)

_DETAILS_OF_INPUT = Struct(
    name="ResponseCompletedInputTokensDetails",
    fields=(Field("cached_tokens", I64, required=True),),
)
_DETAILS_OF_OUTPUT = Struct(
    name="ResponseCompletedOutputTokensDetails", fields=(Field("reasoning_tokens", I64, required=True),)
)
_USAGE = Struct(
    name="ResponseCompletedUsage",
    fields=(
        Field("input_tokens", I64, required=True),
        Field("input_tokens_details", _DETAILS_OF_INPUT, optional=True, positional=True),
        Field("output_tokens", I64, required=True),
        Field("output_tokens_details", _DETAILS_OF_OUTPUT, optional=True, positional=True),
        Field("total_tokens", I64, required=True),
    ),
)
_ANSWERS = AnswerStyle(
    fields=EventFields(
        texts=("delta",),
        integers=("summary_index", "content_index"),
        values=("response", "item", "headers"),
        bounded=True,
    ),
    completed=Struct(
        name="ResponseCompleted",
        fields=(
            Field("id", STRING, required=True),
            Field("usage", _USAGE, optional=True),
        ),
    ),
    usage=_USAGE,
    error=Struct(
        name="Error",
        fields=(
            Field("type", STRING, optional=True, positional=True),
            Field("code", STRING, optional=True, positional=True),
            Field("message", STRING, optional=True, positional=True),
            Field("plan_type", STRING, optional=True, positional=True),
            Field("resets_at", I64, optional=True, positional=True),
        ),
    ),
    raw_codes=frozenset(),
    values=_ARGUMENTS,
    unreadable="failed to parse ResponseCompleted: {problem}",
)

_REROUTED = (
    "Your account was flagged for potentially high-risk cyber activity and this request was routed to gpt-5.2 as a "
    "fallback. To regain access to gpt-5.3-codex, apply for trusted access: https://chatgpt.com/cyber or learn more: "
    "https://developers.openai.com/codex/concepts/cyber-safety"
)

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

_SHELL_OPTIONS = (
    Field("timeout_ms", U64, optional=True, positional=True, aliases=("timeout",)),
    Field("sandbox_permissions", _SANDBOX_PERMISSIONS, optional=True),
    Field("prefix_rule", STRINGS, optional=True),
    Field("additional_permissions", _ADDITIONAL_PERMISSIONS, optional=True),
    Field("justification", STRING, optional=True, positional=True),
)

_SHELL = Struct(
    name="ShellToolCallParams",
    fields=(
        Field("command", STRINGS, required=True),
        Field("workdir", STRING, optional=True, positional=True),
        *_SHELL_OPTIONS,
    ),
)

_SHELL_COMMAND = Struct(
    name="ShellCommandToolCallParams",
    fields=(
        Field("command", STRING, required=True),
        Field("workdir", STRING, optional=True, positional=True),
        Field("login", BOOL, optional=True, positional=True),
        *_SHELL_OPTIONS,
    ),
)

_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
_EFFORT = Enum(name="ReasoningEffort", variants=_EFFORTS)

_MODEL = Struct(
    name="ModelInfo",
    fields=(
        rows.needed("slug", STRING),
        rows.needed("display_name", STRING),
        rows.wanted("description", STRING),
        rows.wanted("default_reasoning_level", _EFFORT),
        rows.needed("supported_reasoning_levels", rows.reasoning_level(_EFFORT)),
        rows.needed("shell_type", rows.shell_type("default", "local", "unified_exec", "disabled", "shell_command")),
        rows.needed("visibility", rows.VISIBILITY),
        rows.needed("supported_in_api", BOOL),
        rows.needed("priority", I32),
        rows.nested("availability_nux", "ModelAvailabilityNux"),
        rows.nested("upgrade", "ModelInfoUpgrade"),
        rows.needed("base_instructions", STRING),
        rows.wanted("model_messages", rows.MESSAGES),
        rows.needed("supports_reasoning_summaries", BOOL),
        rows.usually("default_reasoning_summary", rows.SUMMARY, "auto"),
        rows.needed("support_verbosity", BOOL),
        rows.wanted("default_verbosity", rows.VERBOSITY),
        rows.wanted("apply_patch_tool_type", Enum(name="ApplyPatchToolType", variants=("freeform", "function"))),
        rows.usually("web_search_tool_type", rows.WEB_SEARCH, "text"),
        rows.needed("truncation_policy", rows.POLICY),
        rows.needed("supports_parallel_tool_calls", BOOL),
        rows.flag("supports_image_detail_original"),
        rows.wanted("context_window", I64),
        rows.wanted("auto_compact_token_limit", I64),
        rows.usually("effective_context_window_percent", I64, 95),
        rows.needed("experimental_supported_tools", STRINGS),
        rows.usually(
            "input_modalities",
            ListOf(Enum(name="InputModality", variants=("text", "image"))),
            ["text", "image"],
        ),
        rows.flag("supports_search_tool"),
    ),
)

_HIGH_DEMAND = "We're currently experiencing high demand, which may cause temporary errors."
_AT_CAPACITY = "Selected model is at capacity. Please try a different model."
_OUT_OF_ROOM = (
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying."
)
_QUOTA = "Quota exceeded. Check your plan and billing details."
_TO_PLUS = "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus."
_WEB_SEARCH_NOTICE = (
    "`[features].{name}` is deprecated because web search is enabled by default.",
    'Set `web_search` to `"live"`, `"cached"`, or `"disabled"` at the top level '
    "(or under a profile) in config.toml if you want to override it.",
)
_BAD_IMAGE = "Invalid image in your last message. Please remove it and try again."
_NO_IMAGE = "The image data you provided does not represent a valid image"

# Sentences of a usage limit, by plan.
_VISIT = "https://chatgpt.com/codex/settings/usage"
_USAGE_LIMIT = UsageLimitStyle(
    plans={
        **dict.fromkeys(
            ("free", "go"),
            "You've hit your usage limit. Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus),",
        ),
        "plus": (
            "You've hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), "
            f"visit {_VISIT} to purchase more credits"
        ),
        "pro": f"You've hit your usage limit. Visit {_VISIT} to purchase more credits",
        **dict.fromkeys(
            ("team", "business"),
            "You've hit your usage limit. To get more access now, send a request to your admin",
        ),
    },
    other_plan="You've hit your usage limit.",
    named="You've hit your usage limit for {name}. Switch to another model now,",
    promoted="You've hit your usage limit. {message},",
    kinds={},
)

_PERMISSIONS = "feature:exec_permission_approvals"
_NO_AGENT = "subagent:None"
_NO_PERMISSIONS = "!feature:exec_permission_approvals"
_SHELL_NEEDS = ("feature:shell_tool", "feature:unified_exec|shell:unified_exec")
_OLD_SHELL = ("feature:shell_tool", "!feature:unified_exec")


def _tool(name: str, *needs: str) -> ToolEntry:
    return ToolEntry(name=name, needs=frozenset(needs))


DIALECT = Dialect(
    version="0.115.0",
    client=ClientStyle(
        version="0.115.0",
        originator="codex_exec",
        notifies_as="codex-exec",
        prompt_originator="codex-tui",
        prompt_user_agent="{originator}/{version} ({os}; {arch}) {terminal} (codex-tui; {version})",
        user_agent="{originator}/{version} ({os}; {arch}) {terminal} (codex-exec; {version})",
        names_tmux=True,
        originator_variable="CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
        fallback_originator="codex_cli_rs",
        originator_log=(
            "codex_core::default_client",
            "Unable to turn originator override {value} into header value: failed to parse header value",
        ),
        installation_file=False,
        nameless_without_authorities=True,
    ),
    auth=AuthStyle(
        modes=("apikey", "chatgpt", "chatgptAuthTokens"),
        broken_file_stops=True,
        refresh=RefreshStyle(
            headers=(
                Header(name="content-type", value="application/json"),
                Header(name="accept", value="*/*"),
                Header(name="user-agent", value="{user_agent}"),
                Header(name="originator", value="{originator}"),
                Header(name="host", value=""),
                Header(name="content-length", value=""),
            ),
            reason=None,
            failed="Failed to refresh token: {status}: {body}",
            unreadable="error decoding response body",
            log=("codex_core::auth", "Failed to refresh token: {status}: {body}"),
            final=((401, None),),
            locks=(),
            remembered=False,
        ),
    ),
    head=HeadStyle(
        headers=(
            Header(name="version", value="{builtin_version}"),
            Header(name="x-codex-beta-features", value="{beta_features}"),
            Header(name="x-codex-turn-state", value="{turn_state}"),
            Header(name="x-codex-turn-metadata", value="{turn_metadata}"),
            Header(name="x-client-request-id", value="{thread_id}"),
            Header(name="session_id", value="{thread_id}"),
            Header(name="x-openai-subagent", value="{subagent_label}"),
            Header(name="authorization", value="Bearer {token}"),
            Header(name="chatgpt-account-id", value="{account}"),
            Header(name="accept", value="text/event-stream"),
            Header(name="content-encoding", value="{encoding}"),
            Header(name="content-type", value="application/json", provider_wins=True),
            Header(name="user-agent", value="{user_agent}", provider_wins=True),
            Header(name="originator", value="{originator}", provider_wins=True),
            Header(name="host", value="{placeholder}", provider_wins=True),
            Header(name="content-length", value="{placeholder}", provider_wins=True),
        )
    ),
    mcp=servers.flat_servers,
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
        notes=False,
        opens_with_tools=bodies.never_opens_with_tools,
        outputs=bodies.patch_outputs_as_text,
        reasoning=bodies.reasoning_for_listed_models,
        include=bodies.encrypted_reasoning_if_reasoning,
        text=bodies.text,
        parallel_calls=bodies.parallel_as_listed,
    ),
    ids=IdStyle(minted={}, kept=("image_generation_call",)),
    items=ItemStyle(
        keeps_images=True,
        shapes={
            "message": ItemShape(keys=("type", "role", "content", "end_turn", "phase")),
            "reasoning": ItemShape(
                keys=("type", "summary", "content", "encrypted_content"),
                nullable=("content", "encrypted_content"),
            ),
            "function_call": ItemShape(keys=("type", "name", "namespace", "arguments", "call_id")),
            "local_shell_call": ItemShape(keys=("type", "call_id", "status", "action")),
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
            "exec": ("type", "command", "timeout_ms", "working_directory", "env", "user"),
        },
        whole=("exec",),
    ),
    context=ContextStyle(
        base=Block(kind="model.base_instructions", provenance=contexts.HARNESS, render=blocks.base_instructions),
        apart=(),
        window=no_window,
        developer=(
            Block(kind="permissions.instructions", provenance=contexts.HARNESS, render=permissions.permissions_text),
            Block(kind="collaboration_mode", provenance=contexts.HARNESS, render=blocks.collaboration_mode),
            Block(
                kind="generic.developer_instructions",
                provenance=contexts.DEVELOPER,
                render=blocks.developer_instructions_or_nothing,
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
    # It has none: this is pycodex' own, in the words of the first version that has one.
    doctor=doctors.codex_doctor,
    title=None,
    toolset=ToolsetStyle(
        entries=(
            _tool("exec", "feature:code_mode", "!feature:code_mode_only"),
            _tool("exec.only", "feature:code_mode", "feature:code_mode_only"),
            _tool("exec_wait", "feature:code_mode"),
            _tool("exec_command", *_SHELL_NEEDS, _NO_PERMISSIONS),
            _tool("exec_command.permissions", *_SHELL_NEEDS, _PERMISSIONS),
            _tool("write_stdin", *_SHELL_NEEDS),
            _tool("list_mcp_resources", "mcp"),
            _tool("list_mcp_resource_templates", "mcp"),
            _tool("read_mcp_resource", "mcp"),
            _tool("shell", *_OLD_SHELL, "shell:default", _NO_PERMISSIONS),
            _tool("shell.permissions", *_OLD_SHELL, "shell:default", _PERMISSIONS),
            _tool("local_shell", *_OLD_SHELL, "shell:local"),
            _tool("shell_command", *_OLD_SHELL, "shell:shell_command", _NO_PERMISSIONS),
            _tool("shell_command.permissions", *_OLD_SHELL, "shell:shell_command", _PERMISSIONS),
            _tool("update_plan"),
            _tool("js_repl", "feature:js_repl"),
            _tool("js_repl_reset", "feature:js_repl"),
            _tool("request_user_input", "!feature:default_mode_request_user_input", _NO_AGENT),
            _tool("request_user_input.default_mode", "feature:default_mode_request_user_input", _NO_AGENT),
            _tool("request_permissions", "feature:request_permissions_tool"),
            _tool("apply_patch", "patch:freeform|feature:apply_patch_freeform", "!patch:function"),
            _tool("apply_patch.function", "patch:function"),
            _tool("grep_files", "tool:grep_files"),
            _tool("read_file", "tool:read_file"),
            _tool("list_dir", "tool:list_dir"),
            _tool("test_sync_tool", "tool:test_sync_tool"),
            _tool("web_search", "web_search"),
            _tool("image_generation", "feature:image_generation"),
            _tool("view_image", "!detail|!feature:image_detail_original"),
            _tool("view_image.detail", "detail", "feature:image_detail_original"),
            _tool("artifacts", "feature:artifact"),
            _tool("spawn_agent", "feature:multi_agent"),
            _tool("send_input", "feature:multi_agent"),
            _tool("resume_agent", "feature:multi_agent"),
            _tool("wait_agent", "feature:multi_agent"),
            _tool("close_agent", "feature:multi_agent"),
            _tool("spawn_agents_on_csv", "feature:enable_fanout"),
            _tool("report_agent_job_result", "feature:enable_fanout", "subagent:agent_job"),
            _tool("mcp", "mcp_tools"),
        ),
        small=SmallTools(
            questions=QuestionStyle(
                struct="RequestUserInputArgs",
                log=(
                    "codex_app_server::bespoke_event_handling",
                    "request failed with client error: JSONRPCErrorError {{ code: -32000, data: None, message: "
                    '"request_user_input is not supported in exec mode for thread `{thread_id}`" }}',
                ),
            ),
            permissions=None,
            view=ViewStyle(
                file_to_code=False,
                prelude=None,
                details={None: None, "original": "original"},
                usual=None,
                wrong_detail=(
                    "view_image.detail only supports `original`; omit `detail` for default resized behavior, "
                    "got `{detail}`"
                ),
                unsupported=None,
                nul=None,
                clean_paths=False,
            ),
            plan_told=True,
            original_needs="image_detail_original",
            original_always=None,
        ),
        models=ModelList(
            block=r"(?:- .* \(`.*`\): .*\n)+",
            row=(
                "- {name} (`{slug}`): {description} Default reasoning effort: {default}. "
                "Supported reasoning efforts: {efforts}.\n"
            ),
            effort="{effort} ({description})",
            nothing="No picker-visible models are currently loaded.\n",
        ),
        texts=CallTexts(
            unknown_function="unsupported call: {name}",
            unknown_custom="unsupported custom tool call: {name}",
            namespace="{namespace}:{name}",
        ),
        aborted="aborted by user after {seconds:.1f}s",
        aborted_by_tool={},
        parallel=frozenset({"exec_command", "shell", "shell_command", "view_image", "test_sync_tool"}),
        login_follows_setting=True,
        questions_follow_setting=False,
        environment=permissions.no_environment,
        agents=CrewStyle(
            namespace=None,
            one="id",
            several="ids",
            several_required=True,
            nobody="ids must be non-empty",
            effort=Enum(name="ReasoningEffort", variants=("none", "minimal", "low", "medium", "high", "xhigh")),
            closed="status",
            notified_as="agent_id",
            limit="collab spawn failed: agent thread limit reached (max {limit})",
            failed_is_completed=True,
            roles_decide=True,
            settles_effort=False,
            shares_session=False,
            tells_resumed=False,
            settles_interrupts=False,
            not_kept="collab spawn failed: Fatal error: parent thread rollout unavailable for fork: {thread_id}",
            forked_output=(
                "You are the newly spawned agent. The prior conversation history was forked from your parent agent. "
                "Treat the next user message as your new task, and use the forked history only as background context."
            ),
            forked_role="",
            lists_hidden=True,
            features_off=frozenset({"multi_agent", "enable_fanout"}),
        ),
        log_errors=False,
        log_target="codex_core::tools::router",
        fatal_log_target="codex_core::util",
        abandoned_log=None,
        code=CodeStyle(
            yield_ms=10_000,
            wait_yield_ms=10_000,
            max_tokens=10_000,
            lost="exec runner is not available",
            replaced=None,
            stale="",
            unknown="exec cell {number} not found",
            unnamed=None,
            generation="",
            wait="exec_wait",
            declared=codes.described_to_code,
            tools=codes.offered_to_code,
            facts=frozenset(("mcp",)),
            engine=codes.node_of_settings,
            script="worker_cell.mjs",
            flags=("--allow-worker",),
            failures_thrown=False,
            image_urls=True,
            numbers_named=True,
            retained_bytes=64 << 20,
            cut_warning=False,
            calls_outlive=True,
            outlives_interrupt=True,
            asking_holds_look=False,
            input_ends_look=False,
        ),
    ),
    models=ModelStyle(
        catalog=rows.models_of(_MODEL),
        shell_type="shell_command",
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
            "shell_type": "default",
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
        core_variables=frozenset(("HOME", "LOGNAME", "PATH", "SHELL", "USER", "USERNAME", "TMPDIR", "TEMP", "TMP")),
        policy_filters_login=False,
        bad_workdir=None,
        normal_workdir=False,
        session_warning=(
            "Warning: The maximum number of unified exec processes you can keep open is {limit} and you currently have "
            "{open} processes open. Reuse older processes or close them to prevent automatic pruning of old processes"
        ),
        keeps_shell_path=True,
        failure="exec_command failed for `{command}`: {error}",
        start_error_is_item=False,
        approval=ApprovalStyle(
            dangerous=plain_forced_rm,
            danger_reasons={"forced rm": "blocked by policy"},
            shows_argv_in=None,
            every_command_allowed=False,
            literal_words=False,
            rules=RulesStyle(pattern="PrefixPattern {{ first: {first}, rest: [{rest}] }}"),
        ),
        denial="is an error",
        late_output_only=True,
        interrupt_without_tty=False,
    ),
    patch=PatchStyle(
        parse=parse_by_hunk,
        update=line_feeds_only,
        function_arguments=Struct(name="ApplyPatchToolArgs", fields=(Field("input", STRING, required=True),)),
        normal_paths=False,
        once_per_path=False,
        absolute_errors=False,
        parents_first=True,
        not_a_file=None,
        not_text=patches.not_text,
        environment_refused="",
        protected=(),
        own_folders=True,
        refusal=patches.outside_of_project,
        runs_in_folder=True,
        output_is_json=True,
        shell_warning=(
            "Warning: apply_patch was requested via {tool}. Use the apply_patch tool instead of exec_command."
        ),
        turn_diff=DiffOfDisk,
        diff_after_answers=True,
    ),
    shells=ShellStyle(
        names=("shell", "container.exec", "local_shell"),
        argv_struct=_SHELL,
        script_struct=_SHELL_COMMAND,
        argument_style=_ARGUMENTS,
        argument_prelude=VALUE,  # as for exec_command (captured: shell/arguments_syntax)
        dangerous=plain_forced_rm,
        danger_reason="blocked by policy",
        escalation=(
            "approval policy is Never; reject command — you should not ask for escalated permissions"
            " if the approval policy is Never"
        ),
        log_target="codex_core::exec",
        env={"CODEX_THREAD_ID": "{thread_id}"},
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
        missing_program=(
            "\nthread 'main' ({pid}) panicked at linux-sandbox/src/linux_run_main.rs:674:5:\n"
            "Failed to execvp {program}: No such file or directory (os error 2)\n"
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
        ),
        linked="bwrap: Can't create file at {path}: Is a directory\n",
    ),
    processes=ProcessStyle(signal_offset=None),
    truncate=TruncateStyle(
        warning_line=False,
        policy_caps_output=False,
        history_in_tokens=False,
        fits_history=False,
        waits_bounded=False,
        omitted_marker=False,
    ),
    arguments=_ARGUMENTS,
    retry=RetryStyle(
        rules=(
            f.row(f.broken("missing_key"), f.detail),
            f.row(f.broken("login"), f.detail),
            f.row(f.broken("refresh"), f.detail, stream=True),
            f.row(f.broken("compaction"), f.detail),
            f.row(f.error_code("server_is_overloaded", 503), f.fixed(_AT_CAPACITY), request=True),
            f.row(f.error_code("slow_down", 503), f.fixed(_AT_CAPACITY), request=True),
            f.row(f.status(500), f.fixed(_HIGH_DEMAND), request=True, stream=True),
            f.row(f.server_error, f.unexpected_status, request=True, stream=True),
            f.row(
                f.body_says(_NO_IMAGE, 400),
                f.fixed(_BAD_IMAGE),
                log="Invalid image detected; sanitizing tool output to prevent poisoning",
            ),
            f.row(f.status(400), f.raw_body),
            f.row(usage_limits.reached, usage_limits.told(_USAGE_LIMIT), reaches_limit=True),
            f.row(usage_limits.not_included, f.fixed(_TO_PLUS)),
            f.row(f.status(429), f.retry_limit),
            f.row(f.broken("status"), f.unexpected_status, stream=True),
            f.row(f.broken("timeout"), f.detail, stream=True),
            f.row(f.broken("send", "unreachable"), f.disconnected, request=True, stream=True),
            f.row(f.code("context_length_exceeded"), f.fixed(_OUT_OF_ROOM), fills_window=True),
            f.row(f.code("insufficient_quota"), f.fixed(_QUOTA)),
            f.row(f.code("usage_not_included"), f.fixed(_TO_PLUS)),
            f.row(f.code("server_is_overloaded", "slow_down"), f.fixed(_AT_CAPACITY)),
            f.row(f.code("invalid_prompt"), f.message_if_any("Invalid request.")),
            f.row(f.code("rate_limit_exceeded"), f.disconnected, stream=True, delay=f.delay_in_words),
            f.row(f.always, f.disconnected, stream=True),
        ),
        first_delay=0.2,
        jitter=0.1,
        stream_limit=100,
        retry_after=False,
    ),
    stream=StreamStyle(
        input_cuts_answer="",
        end_turn_false_continues=False,
        any_message_is_final=False,
        keep_finished_items=False,
        answers=_ANSWERS,
        reroute=RerouteStyle(notice=None, warning=_REROUTED, kept="Warning: {warning}"),
    ),
    websocket=sockets.WebSocketStyle(
        enabled=sockets.as_a_feature,
        headers=(
            Header(name="version", value="{builtin_version}"),
            Header(name="x-codex-turn-state", value="{turn_state}"),
            Header(name="x-codex-turn-metadata", value="{turn_metadata}"),
            Header(name="x-client-request-id", value="{thread_id}"),
            Header(name="session_id", value="{thread_id}"),
            Header(name="openai-beta", value="responses_websockets=2026-02-06"),
            Header(name="originator", value="{originator}", provider_wins=True),
            Header(name="authorization", value="Bearer {token}"),
            Header(name="chatgpt-account-id", value="{account}"),
        ),
        keys=(
            "model",
            "instructions",
            "previous_response_id",
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
            "generate",
            "client_metadata",
        ),
        client_metadata=(("x-codex-turn-metadata", "turn_metadata"),),
        lost=frozenset({"websocket_connection_limit_reached"}),
        connect_log="failed to connect to websocket: {reason}, url: {url}",
    ),
    transport=TransportStyle(
        send_error="error sending request for url ({url})",
        too_many_redirects="error following redirect for url ({url})",
        tunnel=(("user-agent", "{user_agent}"), ("proxy-authorization", "{login}")),
    ),
    config=ConfigStyle(
        profiles="table",
        reasoning_efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
        warn_unknown_keys=False,
        service_tiers=("fast", "flex"),
        types_of_tables=TYPES_OF_TABLES_OLD,
        permission_types=PERMISSION_TYPES_OLD,
        permission_profiles="bridged",
        features=FeatureStyle(
            aliases={
                "connectors": "apps",
                "enable_experimental_windows_sandbox": "experimental_windows_sandbox",
                "experimental_use_unified_exec_tool": "unified_exec",
                "request_permissions": "exec_permission_approvals",
                "web_search": "web_search_request",
                "collab": "multi_agent",
                "memory_tool": "memories",
                "experimental_use_freeform_apply_patch": "apply_patch_freeform",
                "include_apply_patch_tool": "apply_patch_freeform",
            },
            keys={
                "experimental_use_unified_exec_tool": "unified_exec",
                "experimental_use_freeform_apply_patch": "apply_patch_freeform",
            },
            beta=("js_repl", "apps", "guardian_approval", "prevent_idle_sleep"),
            implied={"code_mode_only": "code_mode", "enable_fanout": "multi_agent"},
            needed={"js_repl_tools_only": "js_repl"},
            node=NodeStyle(
                tools={
                    "js_repl": ("js_repl", ("js_repl", "js_repl_tools_only")),
                    "code_mode": ("exec", ("code_mode",)),
                },
                minimum=(22, 22, 0),
                warning=(
                    "Disabled `{tool}` for this session because the configured Node runtime is unavailable or "
                    "incompatible. {problem}"
                ),
            ),
            notices={
                "web_search": _WEB_SEARCH_NOTICE,
                "web_search_request": _WEB_SEARCH_NOTICE,
                "web_search_cached": _WEB_SEARCH_NOTICE,
            },
            sorts_as="features.{name}",
            own_names=frozenset({"web_search_request", "web_search_cached"}),
            renamed=(
                "`[features].{name}` is deprecated. Use `[features].{feature}` instead.",
                "Enable it with `--enable {feature}` or `[features].{feature}` in config.toml. See "
                "https://developers.openai.com/codex/config-basic#feature-flags for details.",
            ),
            unstable=(
                "Under-development features enabled: {names}. Under-development features are incomplete and may behave "
                "unpredictably. To suppress this warning, set `suppress_unstable_features_warning = true` in {config}."
            ),
        ),
    ),
    docs=DocsStyle(
        cut_warning=None,
        failure_log=("codex_core::project_doc", "error trying to find project doc: {error}"),
    ),
    skills=SkillStyle(
        long_texts=False,
        listed_length=None,
        window_percent=None,
        unlisted="",
        repairs=False,
        bundled_first=False,
        not_utf8="stream did not contain valid UTF-8",
        broken_link=(
            "codex_core::skills::loader",
            "failed to stat skills entry {path} (symlink): No such file or directory (os error 2)",
        ),
    ),
    images=ImageStyle(
        opening="<image name=[Image #{number}]>",
        unreadable="Codex could not read the local image at `{path}`: failed to read image at {path}: {reason}",
        undecodable="Codex cannot attach image at `{path}`: unsupported image format `{mime}`.",
        broken="Image located at `{path}` is invalid: failed to decode image at {path}: {reason}",
        limits=(2048, 768),
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
        searches_begin_again=False,
        deprecations=False,
        patches_start=False,
        running_commands_complete=True,
    ),
    plain=PlainStyle(
        banner="OpenAI Codex v{version} (research preview)",
        after_prompt="mcp startup: no servers",
        made=("image generation started", "generated image"),
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
            "made": (35,),
            "patch": (3, 35),
            "file": (35,),
            "added": (32,),
            "removed": (31,),
            "explanation": (3,),
            "step_done": (32,),
            "step_now": (36,),
            "step_later": (2,),
            "tokens": (3, 35),
            "warning": (1, 33),
            "deprecated": (1, 35),
            "deprecation": (2,),
            "error": (31,),
            "retry": (2,),
        },
        section_line=True,
        raw_reasoning_replaces=False,
        search=("🌐 Searching the web...", "🌐 Searched: {query}"),
        plan=True,
        image="viewed image {path}",
        patches=plain_patches.WHOLE,
        agents=agent_words_in_full,
        session_warnings_first=True,
        deprecation_indent="  ",
        bare_final_newline=True,
        interrupted="task interrupted",
        failure_repeats=1,
        retry="Reconnecting... {progress} ({message})",
    ),
    cli=ExecCliStyle(
        doctor_help=False,
        debug_models=False,
        trust_before_prompt=True,
        probes_local_server_again=True,
        hook_trust_warning=None,
        extra_stdin=False,
        unknown_thread_starts_new=True,
        no_model=None,
        bad_pattern=None,
        resumes_scripts=False,
        options=_OPTIONS,
        shared_options=_SHARED_OPTIONS,
        heard_before=_SHARED_OPTIONS,
        session_options=_SESSION_OPTIONS,
        approval_policies=("untrusted", "on-failure", "on-request", "never"),
        commands=("resume", "review"),
        profile_value="CONFIG_PROFILE",
        profile_problem=None,
        exec_usage="codex exec [OPTIONS] [PROMPT] [COMMAND]",
        exec_usage_path="codex exec",
        resume_usage="codex exec resume [OPTIONS] [SESSION_ID] [PROMPT]",
        last_or_began=True,
        writable_roots=permissions.roots_in_policy_order,
        added_roots=permissions.roots_added_last,
        sandbox_summary=permissions.summary_with_memories,
        path_warning="WARNING: proceeding, even though we could not update PATH: {reason}",
        temp_home_reason='Refusing to create helper binaries under temporary dir "{temp}" (codex_home: "{home}")',
        skill_log_target="codex_core::codex",
        untrusted_notice=None,
        interrupted_exit=0,
        last_message_opened_first=False,
        startup_warnings=permissions.no_warnings,
    ),
    session=SessionStyle(
        remembers_shell=False,
        remembers_cleared=False,
        init_spares_file=True,
        locks_names=False,
        keeps_reviewer=True,
        settles_personality="pragmatic",
        permissions=("ask", "full"),
        efforts=("low", "medium", "high", "xhigh"),
        implement="Implement the plan.",
        wordless=frozenset({"new", "resume", "compact", "init", "status", "diff"}),
        begun_in_folder=True,
        goes_back_anew=False,
        implement_fresh=None,
    ),
    compact=compaction.CompactStyle(
        estimate=compaction.json_tokens,
        keep=compaction.keep_texts,
        context_at_once=False,
        retries_all=True,
        summary_of_turn=True,
        hash_counts=False,
        keeps_prompt=False,
        endpoint=compaction.Endpoint(
            path="responses/compact",
            headers=(
                Header(name="version", value="{builtin_version}"),
                Header(name="x-openai-subagent", value="{subagent_label}"),
                Header(name="session_id", value="{thread_id}"),
                Header(name="authorization", value="Bearer {token}"),
                Header(name="chatgpt-account-id", value="{account}"),
                Header(name="content-type", value="application/json", provider_wins=True),
                Header(name="accept", value="*/*", provider_wins=True),
                Header(name="user-agent", value="{user_agent}", provider_wins=True),
                Header(name="originator", value="{originator}", provider_wins=True),
                Header(name="host", value="{placeholder}", provider_wins=True),
                Header(name="content-length", value="{placeholder}", provider_wins=True),
            ),
            keys=("model", "input", "instructions", "tools", "parallel_tool_calls", "reasoning", "text"),
        ),
        remote_failed="Error running remote compact task: {error}",
        remote_log=(
            "codex_core::compact_remote",
            "remote compaction failed turn_id={turn_id} last_api_response_total_tokens={total} "
            "all_history_items_model_visible_bytes={history} "
            "estimated_tokens_of_items_added_since_last_successful_api_response={added_tokens} "
            "estimated_bytes_of_items_added_since_last_successful_api_response={added_bytes} "
            "model_context_window_tokens={window} failing_compaction_request_model_visible_bytes={request} "
            "compact_error={error}",
        ),
        not_one_sealed=(
            "Fatal error: remote compaction v2 expected exactly one compaction output item, got {count} from {items} "
            "output items"
        ),
        warning=(
            "Heads up: Long threads and multiple compactions can cause the model to be less accurate. Start a new "
            "thread when possible to keep threads small and targeted."
        ),
        shortened=(
            "codex_core::compact",
            "Context window exceeded while compacting; removing oldest history item. Error: {error}",
        ),
        failed=("codex_core::codex", "Failed to run pre-sampling compact"),
    ),
    rollout=RolloutStyle(recorder=FlatRecorder, cuts_into_files=False),
    guardian=None,
    review=ReviewStyle(
        features_off=frozenset({"multi_agent", "enable_fanout"}),
        shares_session=False,
        begins_turn=False,
        tells_messages=True,
        tells_twice=frozenset({"reasoning", "web_search_call", "message"}),
        is_final=False,
        interruptible=True,
        refusal="Error: review/start: review/start failed: {problem}",
        one_comment="Review comment:",
        more_comments="Full review comments:",
        no_words="Reviewer failed to output a response.",
        no_answer="Review was interrupted. Please re-run /review and wait for it to complete.",
        hints=("current changes", "changes against '{branch}'", "commit {sha}", "commit {sha}: {title}"),
    ),
)
