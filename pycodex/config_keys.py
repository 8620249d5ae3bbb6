"""Keys of config.toml that mean nothing to codex-cli: which there are, and the warning of them.

With `--strict-config` they are an error (`pycodex.config_strict`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pycodex.config_layers import Layer
from pycodex.config_schema import KNOWN_KEYS, PROVIDER_KEYS

__all__ = ["unknown_keys", "unknown_keys_warning"]

_SHOWN_UNKNOWN_KEYS = 3

_PROFILE = (
    "analytics approval_policy approvals_reviewer chatgpt_base_url features include_apps_instructions "
    "include_collaboration_mode_instructions include_environment_context include_environment_context_time "
    "include_permissions_instructions model model_catalog_json model_instructions_file model_provider "
    "model_reasoning_effort model_reasoning_summary model_verbosity oss_provider personality "
    "plan_mode_reasoning_effort sandbox_mode service_tier tools web_search windows"
)
_SERVER = (
    "args auth bearer_token bearer_token_env_var command cwd default_tools_approval_mode disabled_tools enabled "
    "enabled_tools env env_http_headers env_vars environment_id experimental_environment http_headers "
    "http_headers_helper name oauth oauth_resource omit_tools_from required scopes startup_timeout_ms "
    "startup_timeout_sec supports_parallel_tool_calls tool_timeout_sec tools url"
)
_TUI = (
    "agents_overview_grouping alternate_screen animations effects fullscreen_transcript keymap "
    "model_availability_nux mouse_scroll_speed notification_condition notification_method notifications pet "
    "pet_anchor presets raw_output_mode rendering resume_cwd right_click_paste session_picker_view show_tooltips "
    "status_line status_line_use_colors terminal_resize_reflow_max_rows terminal_title theme vim_mode_default"
)
_MEMORIES = (
    "consolidation_model dedicated_tools disable_on_external_context extract_model generate_memories "
    "max_raw_memories_for_consolidation max_rollout_age_days max_rollouts_per_startup max_unused_days "
    "min_rate_limit_remaining_percent min_rollout_idle_hours no_memories_if_mcp_or_web_search use_memories version"
)
_NOTICE = (
    "external_config_migration_prompts fast_default_opt_out hide_full_access_warning hide_gpt5_1_migration_prompt "
    "hide_rate_limit_model_nudge model_migrations"
)
_KEYS: Mapping[tuple[str, ...], Collection[str]] = {
    (): KNOWN_KEYS,
    ("analytics",): ("enabled",),
    ("audio",): ("microphone", "speaker"),
    ("auto_review",): ("policy", "timeout_ms"),
    ("cloud",): ("skills",),
    ("feedback",): ("enabled",),
    ("ghost_snapshot",): ("disable_warnings", "ignore_large_untracked_dirs", "ignore_large_untracked_files"),
    ("goals",): ("max_goal_token_budget",),
    ("history",): ("max_bytes", "persistence"),
    ("marketplaces", "*"): ("last_revision", "last_updated", "ref", "source", "source_type", "sparse_paths"),
    ("mcp_servers", "*"): _SERVER.split(),
    ("memories",): _MEMORIES.split(),
    ("model_providers", "*"): PROVIDER_KEYS,
    ("model_providers", "*", "auth"): ("args", "command", "cwd", "refresh_interval_ms", "timeout_ms"),
    ("notice",): _NOTICE.split(),
    ("orchestrator",): ("mcp", "skills"),
    ("otel",): (
        "environment", "exporter", "log_user_prompt", "metrics_exporter", "span_attributes", "tool_result",
        "trace_exporter", "tracestate",
    ),
    ("profiles", "*"): _PROFILE.split(),
    ("projects", "*"): ("trust_level",),
    ("realtime",): ("transport", "type", "version", "voice"),
    ("sandbox_workspace_write",): ("exclude_slash_tmp", "exclude_tmpdir_env_var", "network_access", "writable_roots"),
    ("shell_environment_policy",): (
        "exclude", "experimental_use_profile", "ignore_default_excludes", "include_only", "inherit", "set",
    ),
    ("skills",): ("bundled", "config", "include_instructions", "max_context_tokens"),
    ("skills", "bundled"): ("enabled",),
    ("tool_suggest",): ("disabled_tools", "discoverables"),
    ("tools", "update_plan"): ("enabled",),
    ("tools", "experimental_request_user_input"): ("enabled",),
    ("tools",): ("experimental_request_user_input", "update_plan", "web_search"),
    ("tui",): _TUI.split(),
    ("windows",): ("allow_mxc", "sandbox"),
}  # fmt: skip
"""The tables whose keys are known (`*`: any name); in other tables nothing is looked at. Found as `KNOWN_KEYS` was."""

Path = tuple[str, ...]


def unknown_keys_warning(layers: Sequence[Layer], features: Collection[str] | None) -> list[str]:
    """The warning of keys that mean nothing, none without such. `features`: as in `unknown_keys`."""
    # Captures: session flags come first, then the other layers by their keys.
    lines = [
        f"\n  {layer.label}: `{key}` is ignored."
        for layer in reversed(layers)
        for key in sorted(_told(layer.values, features))
    ]
    if not lines:
        return []
    plural = "" if len(lines) == 1 else "s"
    shown = lines[:_SHOWN_UNKNOWN_KEYS]
    if len(lines) > len(shown):
        more = len(lines) - len(shown)
        shown.append(f"\n  ... and {more} more ignored settings.")
    return [
        f"Codex is ignoring {len(lines)} unrecognized configuration setting{plural}."
        f" Check for typos or deprecated settings.{''.join(shown)}"
    ]


def _told(values: Mapping[str, Any], features: Collection[str] | None) -> Iterator[str]:
    """Dotted paths. What is below tui is passed over in silence (captured: config/unknown_nested_keys)."""
    for path in unknown_keys(values, features):
        if path[0] != "tui" or len(path) == 1:
            yield ".".join(path)


def unknown_keys(values: Mapping[str, Any], features: Collection[str] | None) -> Iterator[Path]:
    """Paths of keys that mean nothing. `features`: names of the features there are; None: not looked at."""
    yield from _below((), values, features)


def _below(path: Path, value: Any, features: Collection[str] | None) -> Iterator[Path]:
    if isinstance(value, list):
        for number, element in enumerate(value):
            if isinstance(element, Mapping):
                yield from _below((*path, str(number)), element, features)
    if not isinstance(value, Mapping):
        return
    known = features if path == ("features",) else _keys_of(path)
    for key, below in value.items():
        if known is not None and key not in known:
            yield (*path, key)
        elif path != ("features",):
            yield from _below((*path, key), below, features)


def _keys_of(path: Path) -> Collection[str] | None:
    starred = (*path[:-1], "*") if path else path
    within = (path[0], "*", *path[2:]) if len(path) > 2 else path
    return _KEYS.get(path) or _KEYS.get(starred) or _KEYS.get(within)
