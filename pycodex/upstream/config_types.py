"""The types of config.toml's tables and of keys that nothing else reads, as the messages of each version call them.

Measured: each binary was given each key with a number and with a text (`-c key=5`, `-c key="x"`). A row is a type and
the keys that have it; `*` is any name, ` @key` the place that a message names in place of the key's own. See
`pycodex.config_tables`, which reads them.
"""

from __future__ import annotations

from pycodex.permission_tables import PermissionTypes

__all__ = ["PERMISSION_TYPES_NEW", "PERMISSION_TYPES_OLD", "TYPES_OF_TABLES_NEW", "TYPES_OF_TABLES_OLD"]

_NETWORK = {
    **dict.fromkeys(("proxy_url", "socks_url"), "a string"),
    **dict.fromkeys(("enabled", "enable_socks5", "enable_socks5_udp", "allow_local_binding"), "a boolean"),
    **dict.fromkeys(("allow_upstream_proxy", "dangerously_allow_non_loopback_proxy"), "a boolean"),
    "dangerously_allow_all_unix_sockets": "a boolean",
    "mode": "limited|full",
}
PERMISSION_TYPES_OLD = PermissionTypes(
    accesses=("read", "write", "none"),
    has_depth=False,
    fields={},
    network={
        **_NETWORK,
        **dict.fromkeys(("allowed_domains", "denied_domains", "allow_unix_sockets"), "a sequence of a string"),
    },
)
PERMISSION_TYPES_NEW = PermissionTypes(
    accesses=("read", "write", "deny", "none"),
    has_depth=True,
    fields={
        "description": "a string",
        "extends": "a string",
        "workspace_roots": "struct WorkspaceRootsToml of a boolean",
    },
    network={
        **_NETWORK,
        "domains": "struct NetworkDomainPermissionsToml of allow|deny",
        "unix_sockets": "struct NetworkUnixSocketPermissionsToml of allow|deny",
        "mitm": "struct NetworkMitmTomlUnchecked",
    },
)
"""The types of permission profiles, measured in the same way."""

_BOTH = """
a boolean: analytics.enabled check_for_update_on_startup disable_paste_burst
    experimental_use_unified_exec_tool feedback.enabled ghost_snapshot.disable_warnings
    memories.generate_memories memories.use_memories notice.hide_full_access_warning
    notice.hide_gpt5_1_migration_prompt notice.hide_rate_limit_model_nudge otel.log_user_prompt
    skills.bundled.enabled tui.animations tui.show_tooltips
a map: notice.model_migrations projects
a boolean: skills.config.enabled
path string: skills.config.path
a sequence: js_repl_node_module_dirs notify tui.status_line
a string: audio.microphone audio.speaker default_permissions experimental_realtime_start_instructions
    experimental_realtime_ws_backend_prompt experimental_realtime_ws_base_url experimental_realtime_ws_model
    experimental_realtime_ws_startup_context mcp_oauth_callback_url memories.consolidation_model
    memories.extract_model otel.environment tui.theme
a string @agents: agents.*.description
i32: agents.max_depth
i64: ghost_snapshot.ignore_large_untracked_dirs ghost_snapshot.ignore_large_untracked_files
    memories.max_rollout_age_days memories.max_unused_days memories.min_rollout_idle_hours
one of auto always never: tui.alternate_screen
one of auto file keyring: mcp_oauth_credentials_store
one of chatgpt api: forced_login_method
one of conversational transcription: realtime.type
one of file keyring auto ephemeral: cli_auth_credentials_store
one of none statsig otlp-http otlp-grpc: otel.exporter otel.metrics_exporter otel.trace_exporter
one of save-all none: history.persistence
one of trusted untrusted: projects.*.trust_level
one of vscode vscode-insiders windsurf cursor none: file_opener
path string: experimental_compact_prompt_file js_repl_node_path log_dir sqlite_home
path string @agents: agents.*.config_file
struct AgentRoleToml @agents: agents.*
struct AgentsToml: agents
struct AnalyticsConfigToml: analytics
struct AppsConfigToml: apps
struct BundledSkillsConfig: skills.bundled
struct FeedbackConfigToml: feedback
struct GhostSnapshotToml: ghost_snapshot
struct History: history
struct MemoriesToml: memories
struct ModelAvailabilityNuxConfig: tui.model_availability_nux
struct Notice: notice
struct OtelConfigToml: otel
struct PermissionsToml: permissions
struct ProjectConfig: projects.*
struct RealtimeAudioToml: audio
struct RealtimeToml: realtime
struct SkillsConfig: skills
struct ToolsToml: tools
struct Tui: tui
struct WindowsToml: windows
u16: mcp_oauth_callback_port
u64: agents.job_max_runtime_seconds background_terminal_max_timeout
untagged WebSearchToolConfigInput: tools.web_search
usize: history.max_bytes memories.max_raw_memories_for_consolidation memories.max_rollouts_per_startup
"""

TYPES_OF_TABLES_OLD = (
    _BOTH
    + """
rows of SkillConfig with path enabled: skills.config
path string: zsh_path
a boolean: memories.no_memories_if_mcp_or_web_search tools.view_image
a map: plugins
a string: forced_chatgpt_workspace_id
one of auto osc9 bel: tui.notification_method
one of elevated unelevated: windows.sandbox
one of none minimal low medium high xhigh: plan_mode_reasoning_effort
one of user guardian_subagent: approvals_reviewer
one of v1 v2: realtime.version
untagged Notifications: tui.notifications
usize: agents.max_threads
"""
)

TYPES_OF_TABLES_NEW = (
    _BOTH
    + """
rows of SkillConfig with enabled: skills.config
a string: skills.config.name
a boolean: agents.enabled include_apps_instructions include_collaboration_mode_instructions
    include_environment_context include_environment_context_time include_permissions_instructions
    memories.dedicated_tools
    memories.disable_on_external_context notice.fast_default_opt_out skills.include_instructions
    tools.experimental_request_user_input.enabled tools.update_plan.enabled tui.fullscreen_transcript
    tui.raw_output_mode tui.status_line_use_colors tui.vim_mode_default windows.allow_mxc
a boolean @memories.disable_on_external_context: memories.no_memories_if_mcp_or_web_search
a map: desktop marketplaces otel.span_attributes otel.tracestate tui.presets
a nonzero u64: goals.max_goal_token_budget
a nonzero usize: skills.max_context_tokens
a sequence: marketplaces.*.sparse_paths tool_suggest.disabled_tools tool_suggest.discoverables
    tui.terminal_title
a string: apps_mcp_product_sku auto_review.policy experimental_thread_store_endpoint
    marketplaces.*.last_revision marketplaces.*.last_updated marketplaces.*.ref marketplaces.*.source
    plan_mode_reasoning_effort tui.pet
f64: tui.mouse_scroll_speed
i64: memories.min_rate_limit_remaining_percent
internally tagged enum ThreadStoreToml: experimental_thread_store
one of alloy arbor ash aube ballad breeze bubbie cedar coral cove echo ember haetsal hanul himari juniper
    leher maple marin miko neer porto rindo rio rivage sage selva shimmer sol sonna spruce tinta vale verse
    viola: realtime.voice
one of auto on off: tui.right_click_paste
one of auto osc9 osc777 bel @tui: tui.notification_method
one of comfortable dense: tui.session_picker_view
one of composer screen-bottom: tui.pet_anchor
one of current session: tui.resume_cwd
one of elevated unelevated mxc: windows.sandbox
one of git local: marketplaces.*.source_type
one of project status model: tui.agents_overview_grouping
one of total body_after_prefix: model_auto_compact_token_limit_scope
one of unfocused always @tui: tui.notification_condition
one of user auto_review guardian_subagent: approvals_reviewer
one of v1 v2: memories.version
one of v1 v2 v3: realtime.version
one of webrtc websocket: realtime.transport
struct AutoReviewToml: auto_review
struct CloudToml: cloud
struct ExperimentalRequestUserInput: tools.experimental_request_user_input
struct ExternalConfigMigrationPrompts: notice.external_config_migration_prompts
struct FeatureToggleToml: cloud.skills orchestrator.mcp orchestrator.skills
struct GoalsToml: goals
struct HooksToml: hooks
struct MarketplaceConfig: marketplaces.*
struct OrchestratorToml: orchestrator
struct PluginsConfigToml: plugins
struct ToolResultLogConfig: otel.tool_result
struct ToolSuggestConfig: tool_suggest
struct TuiEffects: tui.effects
struct TuiKeymap: tui.keymap
struct TuiRendering: tui.rendering
struct UpdatePlanToolConfig: tools.update_plan
u32: auto_review.timeout_ms
untagged Notifications @tui: tui.notifications
untagged Repr: forced_chatgpt_workspace_id
usize: tui.terminal_resize_reflow_max_rows
usize @agents.max_concurrent_threads_per_session: agents.max_threads
"""
)
