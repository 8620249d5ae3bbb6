"""The Dialect of codex-cli 0.169.0."""

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
    Scalar,
    Struct,
)
from pycodex.code_mode.style import CodeStyle
from pycodex.config import ConfigStyle
from pycodex.crew.style import NICKNAMES, CrewStyle
from pycodex.danger import forced_rm_anywhere
from pycodex.event_json import EventFields
from pycodex.exec_rules import RulesStyle
from pycodex.features import FeatureStyle
from pycodex.images import ImageStyle
from pycodex.patch.lines import keep_line_endings
from pycodex.patch.parse_lines import parse_by_line
from pycodex.patch.style import PatchStyle
from pycodex.patch.turn_diff import DiffOfTexts
from pycodex.project_docs import DocsStyle
from pycodex.sandbox import SandboxStyle
from pycodex.skills import SkillStyle
from pycodex.tools.base_tool import CallTexts
from pycodex.tools.exec_command import ExecStyle
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
    included,
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
from pycodex.upstream.agent_records import agent_words
from pycodex.upstream.config_types import PERMISSION_TYPES_NEW, TYPES_OF_TABLES_NEW
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
    OfferStyle,
    PlainStyle,
    ProcessStyle,
    RolloutStyle,
    SessionStyle,
    StreamStyle,
    TitleStyle,
    ToolEntry,
    ToolsetStyle,
)
from pycodex.upstream.instructions import without_personality, without_planning
from pycodex.upstream.logins import REFUSALS, RefreshStyle
from pycodex.upstream.records_ordered import OrderedRecorder
from pycodex.upstream.retries import RetryStyle
from pycodex.upstream.reviews import GuardianStyle, ReviewStyle
from pycodex.upstream.toolset import ModelList
from pycodex.upstream.usage_limits import UsageLimitStyle
from pycodex.upstream.windows import no_window, told_window

__all__ = ["DIALECT"]

_OPTIONS = (
    "config", "enable", "disable", "strict_config", "images", "model", "oss", "local_provider", "profile",
    "sandbox", "approve_for_me", "bypass", "bypass_hook_trust", "cwd", "worktree", "add_dirs", "thread_source",
    "cyber_access_program", "skip_git_repo_check", "trust", "ephemeral", "ignore_user_config", "ignore_rules",
    "output_schema", "color", "json", "last_message_file",
)  # fmt: skip

_SHARED_OPTIONS = frozenset((
    "config", "enable", "disable", "strict_config", "model", "bypass", "bypass_hook_trust", "worktree",
    "thread_source", "cyber_access_program", "skip_git_repo_check", "trust", "ephemeral", "ignore_user_config",
    "ignore_rules", "output_schema", "json", "last_message_file",
))  # fmt: skip

_SESSION_OPTIONS = (
    "strict_config", "images", "model", "oss", "local_provider", "profile", "sandbox", "approve_for_me", "bypass",
    "bypass_hook_trust", "cwd", "worktree", "add_dirs", "approval", "search", "no_alt_screen", "no_daemon",
)  # fmt: skip

_ARGUMENTS = ArgumentStyle(floats_are_numbers=True)

_DETAILS_OF_INPUT = Struct(
    name="ResponseCompletedInputTokensDetails",
    fields=(Field("cached_tokens", I64, required=True), Field("cache_write_tokens", I64, default=0)),
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
        Field("codex_rollout_budget_units", Scalar("a JSON number", "float"), optional=True),
    ),
)
_USAGE_METADATA = Struct(
    name="ResponseUsageMetadata",
    fields=(
        Field("detailed_explanation", VALUE, optional=True, positional=True),
        Field("review_target", VALUE, optional=True, positional=True),
    ),
)
_ANSWERS = AnswerStyle(
    fields=EventFields(
        texts=("delta", "item_id", "call_id", "text"),
        integers=("summary_index", "content_index"),
        values=("response", "item", "headers", "metadata"),
        bounded=False,
    ),
    completed=Struct(
        name="ResponseCompleted",
        fields=(
            Field("id", STRING, required=True),
            Field("usage", _USAGE, optional=True),
            Field("usage_metadata", _USAGE_METADATA, optional=True, positional=True),
            Field("end_turn", BOOL, optional=True),
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
            Field("", VALUE, optional=True),  # a sixth, whose name no answer is known to use
        ),
    ),
    raw_codes=frozenset({"context_length_exceeded"}),
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
    name="AdditionalPermissionProfile",
    fields=(
        Field(
            "network",
            Struct(name="NetworkPermissions", fields=(Field("enabled", BOOL, optional=True),)),
            optional=True,
            positional=True,
        ),
        Field("file_system", VALUE, optional=True, positional=True),
    ),
    elements=2,
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
        Field("sandbox_permissions", _SANDBOX_PERMISSIONS, optional=True),
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

# What arguments are read as before the tool's own struct (measured: its errors come first).
_ENVIRONMENT = Struct(
    name="ToolEnvironmentArgs", fields=(Field("environment_id", STRING, optional=True, positional=True),)
)
# Then the working directory alone (fuzzer: `{"cmd":0,"workdir":[]}` complains of workdir). Its name is never seen.
_WORKDIR = Struct(name="WorkdirArgs", fields=(Field("workdir", STRING, optional=True),))
_TERMINAL = Struct(name="TerminalSessionArgs", fields=(Field("session_id", I32, required=True),))

_MODEL = Struct(
    name="ModelInfoWithLegacyBaseInstructions",
    buffered=True,
    fields=(
        rows.needed("slug", STRING),
        rows.needed("display_name", STRING),
        rows.wanted("description", STRING),
        rows.wanted("default_reasoning_level", STRING),
        rows.needed("supported_reasoning_levels", rows.reasoning_level(STRING)),
        rows.needed("shell_type", rows.shell_type("default", "local", "shell_command", "unified_exec", "disabled")),
        rows.needed("visibility", rows.VISIBILITY),
        rows.needed("supported_in_api", BOOL),
        rows.needed("priority", I32),
        rows.usually("additional_speed_tiers", STRINGS, []),
        rows.nested("availability_nux", "ModelAvailabilityNux"),
        rows.nested("upgrade", "ModelInfoUpgrade"),
        rows.wanted("base_instructions", STRING),
        rows.usually("model_messages", VALUE, None),
        rows.usually("default_reasoning_summary", rows.SUMMARY, "auto"),
        rows.needed("support_verbosity", BOOL),
        rows.wanted("default_verbosity", rows.VERBOSITY),
        rows.wanted("apply_patch_tool_type", Enum(name="ApplyPatchToolType", variants=("freeform",))),
        rows.usually("web_search_tool_type", rows.WEB_SEARCH, "text"),
        rows.needed("truncation_policy", rows.POLICY),
        rows.flag("supports_image_detail_original"),
        rows.wanted("context_window", I64),
        rows.wanted("auto_compact_token_limit", I64),
        rows.usually("effective_context_window_percent", I64, 95),
        rows.needed("experimental_supported_tools", STRINGS),
        rows.usually("input_modalities", STRINGS, ["text", "image"]),
        rows.flag("supports_search_tool"),
        rows.flag("use_responses_lite"),
        rows.flag("node_repl_auto_review_required"),
        rows.flag("node_repl_disabled"),
        rows.wanted("tool_mode", STRING),
        rows.wanted("multi_agent_version", STRING),
        rows.wanted("multi_agent_reasoning_effort", STRING),
    ),
)

_HIGH_DEMAND = "We’re currently experiencing high demand, which may cause temporary errors."
_AT_CAPACITY = "Selected model is at capacity. Please try a different model."
_OUT_OF_ROOM = (
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying."
)
_QUOTA = "Quota exceeded. Check your plan and billing details."
_TO_PLUS = "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus."
_WEB_SEARCH_NOTICE = (
    "`[features].{name}` is deprecated because web search is enabled by default.",
    'Set `web_search` to `"live"`, `"indexed"`, `"cached"`, or `"disabled"` at the top level '
    "(or under a profile) in config.toml if you want to override it.",
)
_ZSH_NOTICE = (
    "`[features].{name}` is deprecated and ignored.",
    "The patched zsh backend has been removed. Shell commands now use the standard shell executor. Remove `{name}` "
    "from [features] in config.toml or profile configuration files.",
)

_CYBER = "This request has been flagged for possible cybersecurity risk."
_BIO = "This content was flagged for possible biological risk."
_MISALIGNED = "This request was blocked due to a misalignment policy violation."
_CONTENT = "The input was rejected by the content policy."
_INVALID = "Invalid request."
_NO_PROGRAM = "The requested access program is not enabled."
_HOOK = "Your workspace inference hook blocked this request."
_NO_CAPACITY = "Policy-restricted capacity is unavailable. Please try again later."
_BAD_IMAGE = "Invalid image in your last message. Please remove it and try again."
_NO_IMAGE = "The image data you provided does not represent a valid image"

# Sentences of a usage limit, by plan.
_VISIT = "https://chatgpt.com/settings/usage"
_USAGE_LIMIT = UsageLimitStyle(
    plans={
        **dict.fromkeys(
            ("free", "go"),
            "You’ve hit your usage limit. Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus),",
        ),
        "plus": (
            "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), "
            f"visit {_VISIT} to purchase more credits"
        ),
        **dict.fromkeys(
            ("pro", "prolite", "promax"), f"You’ve hit your usage limit. Visit {_VISIT} to purchase more credits"
        ),
        **dict.fromkeys(
            (
                "team",
                "business",
                "self_serve_business_prolite",
                "self_serve_business_usage_based",
                "ent26",
                "enterprise_cbp_automation",
                "enterprise_cbp_usage_based",
                "sci",
            ),
            "You’ve hit your usage limit. To get more access now, send a request to your admin",
        ),
    },
    other_plan="You’ve hit your usage limit.",
    named="You’ve hit your usage limit for {name}. Switch to another model now,",
    promoted="You’ve hit your usage limit. {message},",
    kinds={
        "workspace_owner_credits_depleted": "Your workspace is out of credits. Add credits to continue.",
        "workspace_member_credits_depleted": (
            "Your workspace is out of credits. Ask your workspace owner to refill in order to continue."
        ),
        "workspace_owner_usage_limit_reached": (
            "You hit your spend cap set in your workspace. Increase your spend cap to continue."
        ),
        "workspace_member_usage_limit_reached": (
            "You hit your spend cap set by the owner of your workspace. "
            "Ask an owner to increase your spend cap to continue."
        ),
    },
)

_PERMISSIONS = "feature:exec_permission_approvals"
_NO_REVIEW = "!subagent:review"
_NO_GUARDIAN = "!subagent:guardian"
_NO_PERMISSIONS = "!feature:exec_permission_approvals"
_SHELL_NEEDS = ("feature:shell_tool", "!shell:disabled")


def _tool(name: str, *needs: str) -> ToolEntry:
    return ToolEntry(name=name, needs=frozenset(needs))


_CODE_ENTRIES = (
    _tool("exec", "code", "!code_only", "!plain_images"),
    _tool("exec.plain_images", "code", "!code_only", "plain_images"),
    _tool("exec.only", "code_only", "!plain_images"),
    _tool("exec.only.plain_images", "code_only", "plain_images"),
    _tool("wait", "code"),
)
_RESOURCES = ("list_mcp_resources", "list_mcp_resource_templates", "read_mcp_resource")


DIALECT = Dialect(
    version="0.169.0",
    client=ClientStyle(
        version="0.169.0",
        originator="codex_exec",
        notifies_as="codex_exec",
        prompt_originator="codex-tui",
        prompt_user_agent="{originator}/{version} ({os}; {arch}) {terminal} (codex-tui; {version})",
        user_agent="{originator}/{version} ({os}; {arch}) {terminal} (codex_exec; {version})",
        names_tmux=False,
        originator_variable="CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
        fallback_originator="codex_cli_rs",
        originator_log=(
            "codex_login::auth::default_client",
            "Unable to turn originator override {value} into header value: failed to parse header value",
        ),
        installation_file=True,
        nameless_without_authorities=False,
    ),
    auth=AuthStyle(
        modes=("apikey", "chatgpt", "chatgptAuthTokens"),
        broken_file_stops=False,
        refresh=RefreshStyle(
            headers=(
                Header(name="content-type", value="application/json"),
                Header(name="originator", value="{originator}"),
                Header(name="user-agent", value="{user_agent}"),
                Header(name="accept", value="*/*"),
                Header(name="host", value=""),
                Header(name="content-length", value=""),
            ),
            reason="unauthorized_recovery",
            failed="Failed to refresh token: {status}",
            unreadable="OAuth token response is invalid",
            log=("codex_login::auth::manager", "Failed to refresh token status={status}"),
            final=((401, None), (400, "invalid_grant"), *((None, code) for code in REFUSALS)),
            locks=("auth.json.lock", "auth.lock"),
            remembered=True,
        ),
        command_log=("codex_login::auth::manager", "Failed to resolve external auth: {problem}"),
    ),
    head=HeadStyle(
        headers=(
            Header(name="version", value="{builtin_version}"),
            Header(name="x-codex-beta-features", value="{beta_features}"),
            # Of the program that began the thread, where that is another one (interactive/resume_exec_thread).
            Header(name="originator", value="{thread_originator}", provider_wins=True),
            Header(name="x-codex-turn-state", value="{turn_state}"),
            Header(name="x-codex-window-id", value="{window_id}"),
            Header(name="x-codex-turn-metadata", value="{turn_metadata}"),
            Header(name="x-codex-parent-thread-id", value="{parent_thread_id}"),
            Header(name="x-openai-subagent", value="{subagent_label}"),
            Header(name="x-openai-internal-codex-responses-lite", value="{responses_lite}"),
            Header(name="x-codex-routing-hint", value="{routing}"),
            Header(name="x-client-request-id", value="{thread_id}"),
            Header(name="session-id", value="{session_id}"),
            Header(name="thread-id", value="{thread_id}"),
            Header(name="accept", value="text/event-stream"),
            Header(name="content-encoding", value="{encoding}"),
            Header(name="content-type", value="application/json", provider_wins=True),
            Header(name="authorization", value="Bearer {token}"),
            Header(name="chatgpt-account-id", value="{account}"),
            Header(name="originator", value="{originator}", provider_wins=True),
            Header(name="user-agent", value="{user_agent}", provider_wins=True),
            Header(name="host", value="{placeholder}", provider_wins=True),
            Header(name="content-length", value="{placeholder}", provider_wins=True),
        )
    ),
    mcp=servers.spaced_servers,
    metadata=MetadataStyle(
        keys=(
            ("installation_id", "installation_id"),
            ("session_id", "tree_id"),
            ("thread_id", "thread_id"),
            ("agent_name", "agent_name"),
            ("turn_id", "turn_id"),
            ("window_id", "window_id"),
            ("window_number", "window_number"),
            ("context_window_id", "context_window_id"),
            ("request_kind", "request_kind"),
            ("history_initialization", "history_initialization"),
            ("forked_from_thread_id", "forked_from"),
            ("forked_from_ordinal_exclusive", "forked_at"),
            ("parent_thread_id", "parent_thread_id"),
            ("parent_turn_id", "parent_turn_id"),
            ("root_turn_id", "root_turn_id"),
            ("subagent_kind", "subagent_kind"),
            ("thread_source", "thread_source"),
            ("turn_trigger", "turn_trigger"),
            ("sandbox", "sandbox"),
            ("sandbox_mode", "sandbox_mode"),
            ("auto_review_enabled", "auto_review_enabled"),
            ("node_repl_auto_review_required", "node_repl_auto_review_required"),
            ("node_repl_disabled", "node_repl_disabled"),
            ("workspaces", "workspaces"),
            ("turn_started_at_unix_ms", "turn_started_at_unix_ms"),
            ("analytics_enabled", "analytics_enabled"),
            ("compaction", "compaction"),
            ("model", "model"),
            ("reasoning_effort", "reasoning_effort"),
        ),
        strip_credentials=True,
    ),
    body=BodyStyle(
        keys=(
            "model",
            "stream",
            "service_tier",
            "input",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "reasoning",
            "store",
            "include",
            "prompt_cache_key",
            "text",
            "client_metadata",
            "access_programs",
        ),
        instructions_key=False,
        client_metadata=(
            ("x-codex-installation-id", "installation_id"),
            ("session_id", "tree_id"),
            ("thread_id", "thread_id"),
            ("turn_id", "turn_id"),
            ("parent_turn_id", "parent_turn_id"),
            ("root_turn_id", "root_turn_id"),
            ("x-openai-subagent", "subagent_label"),
            ("x-codex-parent-thread-id", "parent_thread_id"),
            ("x-codex-window-id", "window_id"),
            ("x-codex-turn-metadata", "turn_metadata"),
            ("mcp_attribution", "mcp_attribution"),
            ("guardian_credits_requested", "credits"),
        ),
        nullable=(),
        instructions=without_planning,
        notes=True,
        opens_with_tools=bodies.opens_with_tools,
        outputs=bodies.outputs_as_kept,
        reasoning=bodies.reasoning_over_turns,
        include=bodies.always_encrypted_reasoning,
        text=bodies.text,
        parallel_calls=bodies.parallel_unless_opened,
    ),
    ids=IdStyle(
        minted={
            "additional_tools": "at",
            "agent_message": "amsg",
            "message": "msg",
            "reasoning": "rs",
            "function_call": "fc",
            "custom_tool_call": "ctc",
            "web_search_call": "ws",
            "function_call_output": "fco",
            "custom_tool_call_output": "ctco",
            "tool_search_output": "tso",
        },
        kept=(),
    ),
    items=ItemStyle(
        shapes={
            "message": ItemShape(keys=("type", "status", "id", "role", "content", "phase")),
            "reasoning": ItemShape(
                keys=("type", "id", "summary", "content", "encrypted_content"),
                nullable=("content", "encrypted_content"),
            ),
            "function_call": ItemShape(keys=("type", "status", "id", "name", "namespace", "arguments", "call_id")),
            "local_shell_call": ItemShape(keys=("type", "id", "call_id", "status", "action")),
            "custom_tool_call": ItemShape(keys=("type", "id", "status", "call_id", "name", "namespace", "input")),
            "tool_search_call": ItemShape(keys=("type", "id", "call_id", "status", "execution", "arguments")),
            "tool_search_output": ItemShape(keys=("type", "id", "call_id", "status", "execution", "tools")),
            "web_search_call": ItemShape(keys=("type", "id", "status", "action")),
            "image_generation_call": ItemShape(keys=("type", "id", "status", "revised_prompt", "result")),
            "function_call_output": ItemShape(keys=("type", "id", "call_id", "output")),
            "custom_tool_call_output": ItemShape(keys=("type", "id", "call_id", "name", "output")),
        },
        content={
            "input_text": ("type", "text"),
            "output_text": ("type", "text", "annotations", "logprobs"),
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
        developer=(
            Block(
                kind="generic.developer_instructions",
                provenance=contexts.DEVELOPER,
                render=blocks.developer_instructions,
            ),
            Block(kind="host_skills.instructions", provenance=contexts.SKILLS, render=skill_lists.skills_below_roots),
            Block(kind="permissions.instructions", provenance=contexts.HARNESS, render=permissions.permissions_text),
            Block(
                kind="collaboration_mode.instructions", provenance=contexts.HARNESS, render=blocks.collaboration_mode
            ),
            Block(kind="tools.deferred_namespaces", provenance=contexts.TOOL_SEARCH, render=blocks.deferred_tools),
        ),
        apart=(
            Block(kind="multi_agent.usage_hint", provenance=contexts.COLLABORATION, render=blocks.multi_agent_hint),
            Block(
                kind="multi_agent.role_instructions", provenance=contexts.COLLABORATION, render=blocks.multi_agent_role
            ),
            Block(
                kind="multi_agent.mode_instructions", provenance=contexts.COLLABORATION, render=blocks.multi_agent_mode
            ),
        ),
        user=(
            Block(kind="agents_md.instructions", provenance=contexts.AGENTS_MD, render=blocks.agents_md_for_projects),
            Block(
                kind="environments.environment_context",
                provenance=contexts.HARNESS,
                render=blocks.environment_with_filesystem,
            ),
        ),
        window=told_window,
        snapshot=contexts.world_state_snapshot,
        previous=contexts.world_state_previous,
        update=contexts.world_state_update,
        resume_warning=contexts.model_changed_warning,
        aborted=blocks.turn_aborted,
        switches={
            included.COLLABORATION_MODE: ("include_collaboration_mode_instructions",),
            included.ENVIRONMENT: ("include_environment_context",),
            included.HOST_SKILLS: ("skills", "include_instructions"),
            included.PERMISSIONS: ("include_permissions_instructions",),
        },
    ),
    doctor=doctors.codex_doctor,
    title=TitleStyle(
        context=ContextStyle(
            base=Block(kind="model.base_instructions", provenance=contexts.HARNESS, render=blocks.base_instructions),
            developer=(
                Block(
                    kind="permissions.instructions", provenance=contexts.HARNESS, render=permissions.permissions_text
                ),
                Block(
                    kind="collaboration_mode.instructions",
                    provenance=contexts.HARNESS,
                    render=blocks.collaboration_mode,
                ),
            ),
            apart=(
                Block(
                    kind="multi_agent.role_instructions",
                    provenance=contexts.COLLABORATION,
                    render=blocks.multi_agent_role,
                ),
                Block(
                    kind="multi_agent.mode_instructions",
                    provenance=contexts.COLLABORATION,
                    render=blocks.multi_agent_mode,
                ),
            ),
            user=(
                Block(
                    kind="environments.environment_context",
                    provenance=contexts.HARNESS,
                    render=blocks.environment_in_time,
                ),
            ),
            window=no_window,
            snapshot=contexts.world_state_snapshot,
            previous=contexts.world_state_previous,
            update=contexts.world_state_update,
            resume_warning=contexts.model_changed_warning,
            aborted=blocks.turn_aborted,
        ),
        entries=(
            *_CODE_ENTRIES,
            *(_tool(name, "code_only") for name in _RESOURCES),
            _tool("apply_patch", "patch:freeform"),
            _tool("clock.direct", "code", "clock"),
            _tool("collaboration", "code", "agents:v2", "!roles"),
            _tool("collaboration.roles", "code", "agents:v2", "roles"),
        ),
        prompt="title.md",
        schema="title_schema.json",
        limit=960,
    ),
    toolset=ToolsetStyle(
        entries=(
            *_CODE_ENTRIES,
            _tool("exec_command", *_SHELL_NEEDS, "feature:unified_exec_tty", _NO_PERMISSIONS),
            _tool("exec_command.permissions", *_SHELL_NEEDS, "feature:unified_exec_tty", _PERMISSIONS),
            _tool("exec_command.no_tty", *_SHELL_NEEDS, "!feature:unified_exec_tty", _NO_PERMISSIONS),
            _tool("exec_command.no_tty.permissions", *_SHELL_NEEDS, "!feature:unified_exec_tty", _PERMISSIONS),
            _tool("write_stdin", *_SHELL_NEEDS),
            *(_tool(name, "prompt|mcp|code_only") for name in _RESOURCES),
            _tool("update_plan", "update_plan"),
            _tool("request_user_input", "asks", "!feature:default_mode_request_user_input", _NO_GUARDIAN),
            _tool(
                "request_user_input.default_mode",
                "asks",
                "feature:default_mode_request_user_input",
                _NO_GUARDIAN,
            ),
            _tool("request_user_input_async", "asks", "root", "tool:send_user_message_async"),
            _tool("send_message_to_user_async", "tool:send_message_to_user_async|feature:send_message_to_user_async"),
            _tool("request_permissions", "feature:request_permissions_tool"),
            _tool("new_context", "feature:token_budget"),
            _tool("get_context_remaining", "feature:token_budget"),
            _tool("clock.direct", "clock", "feature:sleep_tool", "!feature:current_time_reminder"),
            _tool("clock.direct", "feature:current_time_reminder", "sleeps"),
            _tool("clock.time", "clock", "!feature:sleep_tool", "!feature:current_time_reminder"),
            _tool("clock.time", "feature:current_time_reminder", "!sleeps"),
            _tool("apply_patch", "patch:freeform", _NO_GUARDIAN),
            _tool("test_sync_tool", "tool:test_sync_tool"),
            _tool("view_image", "feature:view_image", "!detail|feature:unified_image_budget"),
            _tool("view_image.detail", "feature:view_image", "detail", "!feature:unified_image_budget"),
            _tool("multi_agent_v1", "agents:v1", "!tool_search"),
            _tool("collaboration", "agents:v2", "!roles"),
            _tool("collaboration.roles", "agents:v2", "roles"),
            _tool("mcp", "mcp_tools", "!tool_search"),
            _tool("multi_env_copy_file", "feature:multi_env_copy_file"),
            _tool("get_goal", "feature:goals", _NO_REVIEW, _NO_GUARDIAN),
            _tool("create_goal", "feature:goals", _NO_REVIEW, _NO_GUARDIAN),
            _tool("update_goal", "feature:goals", _NO_REVIEW, _NO_GUARDIAN),
            _tool("skills", "feature:executor_capability_discovery_v2"),
            _tool("tool_search", "tool_search", "agents:v1|prompt|mcp", "feature:deferred_tool_world_state"),
            _tool("tool_search.listing", "tool_search", "agents:v1", "!feature:deferred_tool_world_state"),
            _tool("web_search", "web_search"),
            _tool("web", "web"),
        ),
        small=SmallTools(
            questions=QuestionStyle(
                struct="RequestUserInputToolArgs",
                log=(
                    "codex_app_server::bespoke_event_handling",
                    "request failed with client error: JSONRPCErrorError {{ code: -32000, data: None, message: "
                    '"request_user_input is not supported in exec mode for thread `{thread_id}`" }}',
                ),
            ),
            permissions=Struct(
                name="RequestPermissionsEnvironmentArgs",
                fields=(Field("environment_id", STRING, optional=True, positional=True),),
            ),
            view=ViewStyle(
                file_to_code=True,
                prelude=_ENVIRONMENT,
                details={None: "high", "high": "high", "original": "original"},
                usual="high",
                wrong_detail=(
                    "view_image.detail only supports `high` or `original`; omit `detail` for default high resized "
                    "behavior, got `{detail}`"
                ),
                unsupported="unable to process image: invalid or unsupported image data",
                nul=(
                    "unable to resolve image path `{path}` against environment cwd `file://{cwd}`: "
                    "'{path}' is invalid on 'linux'"
                ),
                clean_paths=True,
            ),
            plan_told=False,
            original_needs=None,
            original_always="unified_image_budget",
        ),
        models=ModelList(
            block=r"        Available model overrides .*\n(?:- .*\n)+",
            heading="        Available model overrides (optional; inherited parent model is preferred):\n",
            row="- `{slug}`: {description}{efforts}{tiers}\n",
            effort="{effort}",
            default_effort="{effort} (default)",
            efforts=" Reasoning efforts: {efforts}.",
            tiers=" Service tiers: {names}.",
            limit=5,
            nothing="        No picker-visible model overrides are currently loaded.\n",
        ),
        texts=CallTexts(
            unknown_function="unsupported call: {name}",
            unknown_custom="unsupported custom tool call: {name}",
            namespace="{namespace}{name}",
            usual_namespaces=frozenset(("", "functions")),
        ),
        aborted="aborted by user after {seconds:.1f}s",
        aborted_by_tool={"exec_command": "Wall time: {seconds:.1f} seconds\naborted by user"},
        parallel=frozenset({"exec_command", "view_image", "write_stdin", "test_sync_tool"}),
        login_follows_setting=False,
        questions_follow_setting=True,
        environment=permissions.profile_environment,
        agents=CrewStyle(
            namespace="multi_agent_v1",
            one="target",
            several="targets",
            several_required=False,
            nobody="agent ids must be non-empty",
            effort=STRING,
            closed="previous_status",
            notified_as="agent_path",
            limit="collab spawn failed: agent thread limit reached",
            failed_is_completed=False,
            roles_decide=False,
            settles_effort=True,
            shares_session=True,
            tells_resumed=True,
            settles_interrupts=True,
            not_kept=(
                "collab spawn failed: Fatal error: failed to load model context for thread {thread_id}: "
                "invalid thread-store request: no rollout found for thread id {thread_id}"
            ),
            forked_output="",
            forked_role=(
                "Full-history forked agents inherit the parent agent type; "
                "omit agent_type, or spawn without a full-history fork."
            ),
            lists_hidden=False,
            nicknames=(*NICKNAMES, "Jason"),
            unknown="v1",
        ),
        log_errors=True,
        log_target="codex_core::tools::router",
        fatal_log_target="codex_core::util",
        abandoned_log=(
            "codex_core::session",
            "failed to record rollout items: thread {thread_id} not found",
        ),
        code=CodeStyle(
            yield_ms=31_000,
            wait_yield_ms=10_000,
            max_tokens=10_000,
            lost="gRPC code-mode session closed",
            replaced=(
                "The exec runtime was replaced. Stored values and running cells were lost. Prior external tool "
                "operations may have completed; inspect their results before retrying. You may continue with a fresh "
                "exec call."
            ),
            stale="cell belongs to a stale code-mode host generation",
            unknown="exec cell {number} not found",
            unnamed=(
                "gRPC code-mode termination failed: code: 'Client specified an invalid argument', message: "
                '"code-mode cell ID must not be empty"'
            ),
            generation="g{number}:",
            declared=codes.described_by_space,
            tools=codes.offered_by_space,
            engine=codes.any_node,
            script="cell.mjs",
            flags=("--max-old-space-size=2048",),
            failures_thrown=True,
            image_urls=False,
            numbers_named=False,
            retained_bytes=512 * 1024,
            cut_warning=True,
            calls_outlive=False,
            outlives_interrupt=False,
            asking_holds_look=True,
            input_ends_look=True,
        ),
    ),
    models=ModelStyle(
        catalog=rows.models_of(_MODEL, check=rows.needs_instructions),
        shell_type="unified_exec",
        fallback={
            "base_instructions": {"$text": "base_instructions.fallback.md"},
            "context_window": 272_000,
            "max_context_window": 272_000,
            "effective_context_window_percent": 95,
            "default_reasoning_level": None,
            "default_reasoning_summary": "auto",
            "support_verbosity": False,
            "supports_parallel_tool_calls": True,
            "truncation_policy": {"mode": "bytes", "limit": 10_000},
            "apply_patch_tool_type": None,
            "include_skills_usage_instructions": False,
        },
        fallback_warning=(
            "Model metadata for `{model}` not found. Defaulting to fallback metadata; "
            "this can degrade performance and cause issues."
        ),
        base_instructions=without_personality,
        unlisted_tier=(
            "Configured service tier `{tier}` is not advertised as supported for model `{model}` and will be omitted "
            "from requests."
        ),
        unadvertised_code=(
            "Code Mode is enabled in configuration, but model `{model}` does not advertise Code Mode support. This may "
            "degrade model performance. Disable `features.code_mode` and `features.code_mode_only`, or select a model "
            "whose metadata enables Code Mode."
        ),
        row_tier=True,
        offer=OfferStyle(
            headers=(
                Header(name="version", value="{builtin_version}"),
                Header(name="authorization", value="Bearer {token}"),
                Header(name="chatgpt-account-id", value="{account}"),
                Header(name="originator", value="{originator}", provider_wins=True),
                Header(name="user-agent", value="{user_agent}", provider_wins=True),
                Header(name="accept", value="*/*"),
                Header(name="host", value=""),
            ),
            log=("codex_models_manager::manager", "failed to refresh available models: {problem}"),
            unreadable="failed to decode models response: {kind} at {place} (body: {bytes} bytes)",
            unsent="error sending request",
            timeout="request timed out",
        ),
        instructions_key=True,
    ),
    exec=ExecStyle(
        argument_struct=_EXEC_COMMAND,
        stdin_struct=_WRITE_STDIN,
        argument_style=_ARGUMENTS,
        argument_prelude=_ENVIRONMENT,
        argument_second=_WORKDIR,
        stdin_prelude=_TERMINAL,
        justification_needs_permissions=True,
        command_line=False,
        tokens_of_text=False,
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
            "CODEX_SESSION_ID": "{session_id}",
            "CODEX_TOOL_CALL_ID": "{call_id}",
            "CODEX_VERSION": "0.169.0",
            "CODEX_APPLY_PATCH_PRESERVE_LINE_ENDINGS": "1",
        },
        core_variables=frozenset(("HOME", "LOGNAME", "PATH", "SHELL", "USER", "TMPDIR", "TEMP", "TMP")),
        policy_filters_login=True,
        bad_workdir="'{workdir}' is invalid on 'linux'",
        normal_workdir=True,
        session_warning=None,
        keeps_shell_path=False,
        failure="exec_command failed: {error}",
        start_error_is_item=True,
        approval=ApprovalStyle(
            dangerous=forced_rm_anywhere,
            danger_reasons={
                "forced rm": "rm -f style commands are not permitted. Use a safer approach",
                "too deep": "blocked by policy",
            },
            shows_argv_in=frozenset(("/bin", "/usr/bin")),
            every_command_allowed=True,
            literal_words=True,
            rules=RulesStyle(pattern="PrefixPattern {{ canonical_matching: false, first: {first}, rest: [{rest}] }}"),
        ),
        denial="is output",
        late_output_only=False,
        interrupt_without_tty=True,
    ),
    patch=PatchStyle(
        parse=parse_by_line,
        update=keep_line_endings,
        function_arguments=None,
        normal_paths=True,
        once_per_path=True,
        absolute_errors=True,
        parents_first=False,
        not_a_file="path `{path}` is not a file",
        not_text=patches.not_text_from,
        environment_refused="apply_patch environment selection is unavailable for this turn",
        protected=(".git", ".agents", ".codex", ".aws"),
        own_folders=False,
        refusal=patches.read_only_or_outside,
        runs_in_folder=False,
        output_is_json=False,
        shell_warning=None,
        turn_diff=DiffOfTexts,
        diff_after_answers=False,
    ),
    shells=None,
    sandbox=SandboxStyle(
        protected=(".git", ".agents", ".codex", ".aws"),
        signals=("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"),
        protects_missing=True,
        own_root=None,
        missing_root=None,
        missing_program=(
            "\nthread 'main' ({pid}) panicked at linux-sandbox/src/linux_run_main.rs:1199:5:\n"
            "Failed to execvp {program}: No such file or directory (os error 2)\n"
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
        ),
        linked=(
            "error building bubblewrap command: Fatal error: cannot enforce sandbox read-only path {path} because it "
            "crosses writable symlink {path}\n"
        ),
    ),
    processes=ProcessStyle(signal_offset=128),
    truncate=TruncateStyle(
        warning_line=True,
        policy_caps_output=True,
        history_in_tokens=True,
        fits_history=True,
        waits_bounded=True,
        omitted_marker=True,
    ),
    arguments=_ARGUMENTS,
    retry=RetryStyle(
        rules=(
            f.row(f.broken("missing_key"), f.detail),
            f.row(f.broken("clock"), f.detail),
            f.row(f.broken("login"), f.detail, "unauthorized"),
            f.row(f.broken("refresh"), f.detail, stream=True),
            f.row(f.broken("compaction"), f.detail, f.told_info),
            f.row(
                f.both(f.error_code("server_is_overloaded", 503), f.status_with_retry_after(503)),
                f.fixed(_AT_CAPACITY),
                "server_overloaded",
                request=True,
                stream=True,
            ),
            f.row(f.error_code("server_is_overloaded", 503), f.fixed(_AT_CAPACITY), "server_overloaded", request=True),
            f.row(
                f.error_code("policy_capacity_unavailable", 503),
                f.fixed(_NO_CAPACITY),
                "policy_capacity_unavailable",
                request=True,
            ),
            f.row(f.error_code("slow_down", 503), f.rate_limited, "rate_limit_exceeded", request=True, stream=True),
            f.row(f.status(500), f.fixed(_HIGH_DEMAND), "internal_server_error", request=True, stream=True),
            f.row(f.server_error, f.unexpected_status, f.connection_info, request=True, stream=True),
            f.row(
                f.error_code("context_length_exceeded", 400),
                f.fixed(_OUT_OF_ROOM),
                "context_window_exceeded",
                fills_window=True,
            ),
            f.row(f.error_code("cyber_policy", 400), f.message_or(_CYBER), "cyber_policy"),
            f.row(f.error_code("bio_policy", 400), f.message_or(_BIO), "bio_policy"),
            f.row(
                f.error_code("misalignment_policy_violation", 400),
                f.message_or(_MISALIGNED),
                "misalignment_policy_violation",
            ),
            f.row(f.error_code("content_policy_violation", 400), f.message_or(_CONTENT), "invalid_prompt"),
            f.row(f.error_code("invalid_prompt", 400), f.message_or(_INVALID), "invalid_prompt"),
            f.row(f.error_code("model_not_found", 400, 404), f.message_or("model_not_found"), "model_not_found"),
            f.row(f.body_says(_NO_IMAGE, 400), f.fixed(_BAD_IMAGE), "bad_request"),
            f.row(f.status(400), f.raw_body),
            f.row(f.status_code("insufficient_quota", 429), f.fixed(_QUOTA), "usage_limit_exceeded"),
            f.row(f.error_code("organization_spend_limit_exceeded", 429), f.fixed(_QUOTA), "usage_limit_exceeded"),
            f.row(usage_limits.reached, usage_limits.told(_USAGE_LIMIT), "usage_limit_exceeded", reaches_limit=True),
            f.row(usage_limits.not_included, f.fixed(_TO_PLUS), "usage_limit_exceeded"),
            f.row(f.status_with_retry_after(429), f.retry_limit, f.too_many_info, stream=True),
            f.row(f.status(429), f.retry_limit, f.too_many_info),
            f.row(f.broken("status"), f.unexpected_status, f.connection_info, stream=True),
            f.row(f.broken("timeout"), f.detail, stream=True),
            f.row(f.broken("unreachable"), f.connection_failed, request=True, waits=True),
            f.row(f.broken("send"), f.disconnected, request=True, stream=True),
            f.row(
                f.code("context_length_exceeded"),
                f.fixed(_OUT_OF_ROOM),
                "context_window_exceeded",
                at_once=True,
                fills_window=True,
            ),
            f.row(
                f.code("insufficient_quota", "organization_spend_limit_exceeded"),
                f.fixed(_QUOTA),
                "usage_limit_exceeded",
            ),
            f.row(f.code("usage_not_included"), f.fixed(_TO_PLUS), "usage_limit_exceeded"),
            f.row(f.code("server_is_overloaded"), f.fixed(_AT_CAPACITY), "server_overloaded"),
            f.row(f.code("policy_capacity_unavailable"), f.fixed(_NO_CAPACITY), "policy_capacity_unavailable"),
            f.row(
                f.code("slow_down", "rate_limit_exceeded"),
                f.rate_limited,
                "rate_limit_exceeded",
                stream=True,
                delay=f.delay_in_words,
            ),
            f.row(f.code("invalid_prompt"), f.message_if_any(_INVALID), "invalid_prompt"),
            f.row(f.code("cyber_policy"), f.message_or(_CYBER), "cyber_policy"),
            f.row(f.code("bio_policy"), f.message_or(_BIO), "bio_policy"),
            f.row(f.code("misalignment_policy_violation"), f.message_or(_MISALIGNED), "misalignment_policy_violation"),
            f.row(f.code("content_policy_violation"), f.message_or(_CONTENT), "invalid_prompt"),
            f.row(f.code("model_not_found"), f.message_or("model_not_found"), "model_not_found"),
            f.row(f.code("access_program_not_enabled"), f.message_or(_NO_PROGRAM), f.connection_info),
            f.row(f.code("inference_hook_denied"), f.message_or(_HOOK), "inference_hook_denied"),
            f.row(
                f.incomplete_because("content_filter"),
                f.disconnected,
                stream=True,
                guidance="content_filter_guidance.md",
            ),
            f.row(f.incomplete, f.detail, at_once=True, counts=True),
            f.row(f.always, f.disconnected, stream=True),
        ),
        first_delay=0.2,
        jitter=0.1,
        stream_limit=100,
        retry_after=True,
        network_delays=(5, 10, 20, 40, 60),
        network_progress="waiting for network",
    ),
    stream=StreamStyle(
        input_cuts_answer="instant_interrupt",
        end_turn_false_continues=True,
        any_message_is_final=True,
        keep_finished_items=True,
        answers=_ANSWERS,
        reroute=RerouteStyle(
            notice=(
                "model rerouted: {asked} -> {served} (HighRiskCyberActivity)",
                "model rerouted: {asked} -> {served}",
            ),
            warning=_REROUTED,
            kept=None,
        ),
    ),
    websocket=sockets.WebSocketStyle(
        enabled=sockets.always,
        headers=(
            Header(name="version", value="{builtin_version}"),
            Header(name="x-codex-beta-features", value="remote_compaction_v2"),
            Header(name="x-client-request-id", value="{thread_id}"),
            Header(name="session-id", value="{session_id}"),
            Header(name="thread-id", value="{thread_id}"),
            Header(name="x-codex-window-id", value="{window_id}"),
            Header(name="x-codex-turn-metadata", value="{turn_metadata}"),
            Header(name="x-codex-parent-thread-id", value="{parent_thread_id}"),
            Header(name="x-openai-subagent", value="{subagent_label}"),
            Header(name="openai-beta", value="responses_websockets=2026-02-06"),
            Header(name="originator", value="{originator}", provider_wins=True),
            Header(name="user-agent", value="{user_agent}", provider_wins=True),
            Header(name="authorization", value="Bearer {token}"),
            Header(name="chatgpt-account-id", value="{account}"),
        ),
        keys=(
            "model",
            "stream",
            "service_tier",
            "previous_response_id",
            "input",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "reasoning",
            "store",
            "include",
            "prompt_cache_key",
            "text",
            "generate",
            "client_metadata",
            "access_programs",
        ),
        client_metadata=(
            ("x-codex-installation-id", "installation_id"),
            ("session_id", "tree_id"),
            ("thread_id", "thread_id"),
            ("turn_id", "turn_id"),
            ("parent_turn_id", "parent_turn_id"),
            ("root_turn_id", "root_turn_id"),
            ("x-openai-subagent", "subagent_label"),
            ("x-codex-parent-thread-id", "parent_thread_id"),
            ("x-codex-window-id", "window_id"),
            ("x-codex-turn-metadata", "turn_metadata"),
            ("mcp_attribution", "mcp_attribution"),
            ("x-codex-ws-stream-request-start-ms", "request_started_at_ms"),
            ("ws_request_header_x_openai_internal_codex_responses_lite", "responses_lite"),
        ),
        lost=frozenset({"previous_response_not_found", "websocket_connection_limit_reached"}),
        connect_log="failed to connect to Responses WebSocket stage={stage}",
    ),
    transport=TransportStyle(send_error="error sending request"),
    config=ConfigStyle(
        local_provider_shows_raw=True,
        profiles="file",
        reasoning_efforts=None,
        warn_unknown_keys=True,
        refused_approvals=("untrusted",),
        types_of_tables=TYPES_OF_TABLES_NEW,
        permission_types=PERMISSION_TYPES_NEW,
        permission_profiles="enforced",
        removed_keys=("experimental_thread_store_endpoint",),
        features=FeatureStyle(
            aliases={
                "connectors": "apps",
                "enable_experimental_windows_sandbox": "experimental_windows_sandbox",
                "experimental_use_unified_exec_tool": "unified_exec",
                "request_permissions": "exec_permission_approvals",
                "web_search": "web_search_request",
                "collab": "multi_agent",
                "memory_tool": "memories",
                "telepathy": "chronicle",
                "codex_hooks": "hooks",
            },
            keys={"experimental_use_unified_exec_tool": "unified_exec"},
            tables=frozenset(
                {
                    "apps_mcp_path_override",
                    "async_compaction",
                    "code_mode",
                    "code_mode_host",
                    "context_management",
                    "current_time_reminder",
                    "guardianv2",
                    "guardianv3",
                    "multi_agent_v2",
                    "network_proxy",
                    "non_prefixed_mcp_tool_names",
                    "rollout_budget",
                    "runtime_agent_instances",
                    "sleep_tool",
                    "token_budget",
                }
            ),
            beta=(
                "analytics_plan_history",
                "login_shell_package_path",
                "network_proxy",
                "respect_system_proxy",
                "prevent_idle_sleep",
            ),
            always_beta=("remote_compaction_v2",),
            implied={"code_mode_only": "code_mode"},
            notices={
                "web_search": _WEB_SEARCH_NOTICE,
                "web_search_request": _WEB_SEARCH_NOTICE,
                "web_search_cached": _WEB_SEARCH_NOTICE,
                "shell_zsh_fork": _ZSH_NOTICE,
                "unified_exec_zsh_fork": _ZSH_NOTICE,
                "use_legacy_landlock": (
                    "`[features].{name}` is deprecated and will be removed soon.",
                    "Remove this setting to stop opting into the legacy Linux sandbox behavior.",
                ),
                "transcript_v2": (
                    "`[features].{name}` is deprecated and ignored.",
                    "Use `[tui].fullscreen_transcript` in config.toml instead.",
                ),
                "guardianv2.thread_context": (
                    "`[features.guardianv2].thread_context` is deprecated and ignored.",
                    "Thread-owned Guardian context is always enabled. Remove `thread_context` from "
                    "[features.guardianv2] in config.toml, including profile overrides.",
                ),
            },
            sorts_as="features.{name}",
            own_names=frozenset({"web_search_request", "web_search_cached", "use_legacy_landlock", "transcript_v2"}),
            file_warnings={
                "multi_agent": (
                    "`[features].multi_agent` is deprecated. It still controls the V1 fallback. `[agents].enabled = "
                    "false` disables subagent tools even when the model selects a subagent version, unless "
                    "`[features].multi_agent_v2` is enabled."
                ),
            },
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
        web_search=("disabled", "cached", "indexed", "live"),
        name_is_required=False,
        token_commands=True,
        end_counts_newline=False,
        ignored_in_projects=(
            "openai_base_url",
            "chatgpt_base_url",
            "model_provider",
            "model_providers",
            "notify",
            "profile",
            "profiles",
            "experimental_realtime_ws_base_url",
            "otel",
        ),
    ),
    docs=DocsStyle(
        failure_log=("codex_core::agents_md", 'error trying to find AGENTS.md docs: {error} environment_id="local"'),
        cut_warning=(
            "Loaded only {kept} of {size} bytes from `{path}` in environment `local` under the {budget}-byte project "
            "instruction budget. Trim your project instructions to fit the budget. If you need to keep them all, "
            "increase `project_doc_max_bytes`."
        ),
        skipped_warning=(
            "Skipped project instructions in environment `local` starting at `{path}` because the {budget}-byte budget "
            "was exhausted. Trim your project instructions to fit the budget. If you need to keep them all, increase "
            "`project_doc_max_bytes`."
        ),
        combined_warning=(
            "Combined user instructions use {size} bytes, above the {budget}-byte `project_doc_max_bytes` setting. The "
            "total includes global and thread instructions. The limit applies only to project files."
        ),
    ),
    skills=SkillStyle(
        long_texts=True,
        listed_length=1024,
        window_percent=2,
        unlisted=(
            "Exceeded skills context budget. All skill descriptions were removed and {count} additional {skills} not "
            "included in the model-visible skills list."
        ),
        repairs=True,
        bundled_first=True,
        not_utf8="{problem}",
        broken_link=None,
    ),
    images=ImageStyle(
        opening='<image name=[Image #{number}] path="{path}">',
        unreadable="Codex could not read the local image at `{path}`: {reason}",
        undecodable="image content omitted because it could not be processed",
        broken=None,
        limits=(2048, 2048),
        keeps_tags=True,
        checks_name=False,
        detail=True,
    ),
    jsonl=JsonlStyle(
        usage_keys=(
            ("input_tokens", "input_tokens"),
            ("cached_input_tokens", "cached_input_tokens"),
            ("cache_write_input_tokens", "cache_write_input_tokens"),
            ("output_tokens", "output_tokens"),
            ("reasoning_output_tokens", "reasoning_output_tokens"),
        ),
        reasoning_joined=True,
        search_starts_empty=False,
        searches_begin_again=True,
        deprecations=True,
        patches_start=True,
        running_commands_complete=False,
    ),
    plain=PlainStyle(
        banner="OpenAI Codex v{version}",
        after_prompt=None,
        reasoning_heading=None,
        command_separator="\n",
        output_lines=None,
        empty_output_line=False,
        colors={
            "label": (1,),
            "patch": (1,),
            "file": (2,),
            "user": (36,),
            "reasoning": (2,),
            "heading": (35, 3),
            "command": (1,),
            "success": (32,),
            "failure": (31,),
            "search": (1,),
            "tokens": (2,),
            "warning": (1, 33),
            "deprecated": (1, 33),
            "deprecation": (2,),
            "error": (1, 31),
        },
        section_line=False,
        raw_reasoning_replaces=True,
        search=("web search: {query}", "web search: {query}"),
        plan=False,
        image=None,
        patches=plain_patches.BY_NAME,
        agents=agent_words,
        session_warnings_first=False,
        deprecation_indent="",
        bare_final_newline=False,
        interrupted="turn interrupted",
        failure_repeats=2,
        retry="{error} Reconnecting... {progress}",
    ),
    cli=ExecCliStyle(
        doctor_help=True,
        debug_models=True,
        trust_before_prompt=False,
        probes_local_server_again=False,
        hook_trust_warning=(
            "`--dangerously-bypass-hook-trust` is enabled. Enabled hooks may run without review for this invocation."
        ),
        extra_stdin=True,
        unknown_thread_starts_new=False,
        no_model=(
            "Error: thread/start: thread/start failed: No models are available. Set `model` explicitly or check your "
            "model catalog configuration. (code -32600)"
        ),
        bad_pattern=(
            "codex_core::session",
            "failed to load AGENTS.md instructions for environment `local`: fs sandbox helper failed with status exit "
            "status: 1: error building bubblewrap command: Fatal error: unreadable glob pattern is invalid for "
            "{folder}: error parsing glob '{rest}': invalid range; '{low}' > '{high}'",
        ),
        resumes_scripts=True,
        options=_OPTIONS,
        shared_options=_SHARED_OPTIONS,
        heard_before=frozenset(_OPTIONS),
        session_options=_SESSION_OPTIONS,
        approval_policies=("on-request", "never"),
        commands=("resume", "fork", "review"),
        profile_value="CONFIG_PROFILE_V2",
        profile_problem="invalid --profile value `{value}`; pass a plain name such as `work`",
        exec_usage="codex exec [OPTIONS] [PROMPT]\n       codex exec [OPTIONS] <COMMAND> [ARGS]",
        exec_usage_path=None,
        resume_usage="codex exec resume [OPTIONS] [SESSION_ID] [PROMPT]",
        last_or_began=False,
        writable_roots=permissions.roots_sorted,
        added_roots=permissions.roots_added_first,
        sandbox_summary=permissions.summary_without_memories,
        path_warning="WARNING: proceeding, even though we could not create PATH aliases: {reason}",
        temp_home_reason=(
            'Refusing to create helper binaries under temporary dir "{temp}" (codex_home: AbsolutePathBuf("{home}"))'
        ),
        skill_log_target="codex_core::session::session",
        untrusted_notice="untrusted_notice.md",
        interrupted_exit=1,
        last_message_opened_first=True,
        startup_warnings=permissions.missing_bubblewrap,
    ),
    session=SessionStyle(
        remembers_shell=True,
        remembers_cleared=True,
        init_spares_file=False,
        locks_names=True,
        keeps_reviewer=False,
        settles_personality=None,
        permissions=("ask", "review", "full", "read-only"),
        efforts=("low", "medium", "high", "xhigh"),
        implement="Implement the plan.",
        wordless=frozenset({"compact", "init", "status", "diff"}),
        begun_in_folder=False,
        goes_back_anew=True,
        implement_fresh="Read the approved plan at {path} and implement it.",
    ),
    compact=compaction.CompactStyle(
        estimate=compaction.text_tokens,
        keep=compaction.keep_messages,
        context_at_once=True,
        retries_all=False,
        summary_of_turn=False,
        hash_counts=True,
        keeps_prompt=True,
        endpoint=None,
        remote_failed="Error running remote compact task: {error}",
        remote_log=None,
        not_one_sealed=(
            "Fatal error: remote compaction v2 expected exactly one compaction output item, got {count} from {items} "
            "output items"
        ),
        warning=None,
        shortened=(
            "codex_core::compact",
            "Context window exceeded while compacting; removing oldest history item. Error: {error}",
        ),
        failed=("codex_core::session::turn", "Failed to run pre-sampling compact"),
    ),
    rollout=RolloutStyle(
        recorder=OrderedRecorder,
        cuts_into_files=True,
        kept_settings={
            "reasoning_summary": "model_reasoning_summary",
            "service_tier": "service_tier",
            "personality": "personality",
        },
    ),
    guardian=GuardianStyle(
        denied="guardian.denied.md",
        no_rationale="Auto-review returned a deny decision without a rationale.",
        failed="guardian.failed.md",
        unreadable="guardian assessment was not valid JSON",
        unsaid=frozenset(
            (
                "git_attribution",
                "host_skills",
                "managed_developer_instructions",
                "persistent_mode",
                "skills",
            )
        ),
    ),
    review=ReviewStyle(
        features_off=frozenset(),
        shares_session=True,
        begins_turn=True,
        tells_messages=False,
        tells_twice=frozenset(),
        is_final=True,
        interruptible=False,
        refusal="Error: review/start: review/start failed: {problem} (code -32600)",
        one_comment="Review comment:",
        more_comments="Full review comments:",
        no_words="Reviewer failed to output a response.",
        no_answer="Review was interrupted. Please re-run /review and wait for it to complete.",
        hints=("current changes", "changes against '{branch}'", "commit {sha}", "commit {sha}: {title}"),
    ),
)
