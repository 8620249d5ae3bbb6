"""The types of config.toml's keys, and serde's messages for values that do not fit.

Only keys whose values are used or are easy to get wrong have a type here. `KNOWN_KEYS` is longer: it tells
which keys mean something to codex-cli at all (found by giving the binary one key at a time and reading which
ones it says it ignores).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from pycodex.arguments import BOOL, I64, STRING, STRINGS, U64, USIZE, VALUE, Enum, ListOf, Map, Scalar, Struct, Type
from pycodex.config_layers import ConfigError
from pycodex.json_reader import described

if TYPE_CHECKING:
    from pycodex.permission_tables import PermissionTypes

__all__ = [
    "KNOWN_KEYS",
    "PROFILE_KEYS",
    "PROVIDER_KEYS",
    "check",
    "check_each",
    "check_enum",
    "check_value",
    "config_error",
    "unknown_variant",
    "wrong_feature",
    "wrong_type",
]

_APPROVAL = Enum(name="AskForApproval", variants=("untrusted", "on-failure", "on-request", "granular", "never"))
_SANDBOX = Enum(name="SandboxMode", variants=("read-only", "workspace-write", "danger-full-access"))
_SUMMARY = Enum(name="ReasoningSummary", variants=("auto", "concise", "detailed", "none"))
_VERBOSITY = Enum(name="Verbosity", variants=("low", "medium", "high"))
_PERSONALITY = Enum(name="Personality", variants=("none", "friendly", "pragmatic"))
_WIRE_API = Enum(name="WireApi", variants=("responses",))

PROVIDER_KEYS: Mapping[str, Type] = {
    "name": STRING,
    "base_url": STRING,
    "env_key": STRING,
    "env_key_instructions": STRING,
    "experimental_bearer_token": STRING,
    "auth": VALUE,
    "aws": VALUE,
    "wire_api": _WIRE_API,
    "query_params": Map(STRING),
    "http_headers": Map(STRING),
    "env_http_headers": Map(STRING),
    "request_max_retries": U64,
    "stream_max_retries": U64,
    "stream_idle_timeout_ms": U64,
    "websocket_connect_timeout_ms": U64,
    "requires_openai_auth": BOOL,
    "supports_websockets": BOOL,
}

_TYPED_KEYS: Mapping[str, Type] = {
    "model": STRING,
    "review_model": STRING,
    "model_provider": STRING,
    "model_context_window": I64,
    "model_auto_compact_token_limit": I64,
    "approval_policy": _APPROVAL,
    "sandbox_mode": _SANDBOX,
    "allow_login_shell": BOOL,
    "instructions": STRING,
    "developer_instructions": STRING,
    "model_instructions_file": STRING,
    "compact_prompt": STRING,
    "project_doc_max_bytes": USIZE,
    "project_doc_fallback_filenames": STRINGS,
    "tool_output_token_limit": USIZE,
    "profile": STRING,
    "hide_agent_reasoning": BOOL,
    "show_raw_agent_reasoning": BOOL,
    "model_reasoning_summary": _SUMMARY,
    "model_verbosity": _VERBOSITY,
    "model_catalog_json": Scalar("path string", "string"),
    "personality": _PERSONALITY,
    "chatgpt_base_url": STRING,
    "openai_base_url": STRING,
    "oss_provider": STRING,
    "suppress_unstable_features_warning": BOOL,
}

KNOWN_KEYS = frozenset(
    _TYPED_KEYS.keys()
    | {
        "agents", "analytics", "approvals_reviewer", "apps", "apps_mcp_product_sku", "audio", "auto_review",
        "background_terminal_max_timeout", "check_for_update_on_startup", "cli_auth_credentials_store", "cloud",
        "default_permissions", "desktop", "disable_paste_burst", "experimental_compact_prompt_file",
        "experimental_realtime_start_instructions", "experimental_realtime_ws_backend_prompt",
        "experimental_realtime_ws_base_url", "experimental_realtime_ws_model",
        "experimental_realtime_ws_startup_context", "experimental_thread_store",
        "experimental_thread_store_endpoint", "experimental_use_unified_exec_tool", "features", "feedback",
        "file_opener", "forced_chatgpt_workspace_id", "forced_login_method", "ghost_snapshot", "goals", "history",
        "hooks", "include_apps_instructions", "include_collaboration_mode_instructions",
        "include_environment_context", "include_environment_context_time", "include_permissions_instructions",
        "js_repl_node_module_dirs",
        "js_repl_node_path", "log_dir", "marketplaces", "mcp_oauth_callback_port", "mcp_oauth_callback_url",
        "mcp_oauth_credentials_store", "mcp_servers", "memories", "model_auto_compact_token_limit_scope",
        "model_providers", "model_reasoning_effort", "notice", "notify", "orchestrator", "otel",
        "permissions", "plan_mode_reasoning_effort", "plugins", "profiles", "project_root_markers", "projects",
        "realtime", "sandbox_workspace_write", "service_tier", "shell_environment_policy", "skills", "sqlite_home",
        "tool_suggest", "tools", "tui", "web_search", "windows",
    }
)  # fmt: skip

PROFILE_KEYS = frozenset(
    {
        "analytics", "approval_policy", "approvals_reviewer", "chatgpt_base_url", "experimental_compact_prompt_file",
        "experimental_instructions_file", "experimental_use_freeform_apply_patch",
        "experimental_use_unified_exec_tool", "features", "include_apply_patch_tool", "js_repl_node_module_dirs",
        "js_repl_node_path", "model", "model_catalog_json", "model_instructions_file", "model_provider",
        "model_reasoning_effort", "model_reasoning_summary", "model_verbosity", "oss_provider", "personality",
        "plan_mode_reasoning_effort", "sandbox_mode", "service_tier", "tools", "tools_view_image", "web_search",
        "windows", "zsh_path",
    }
)  # fmt: skip
"""The keys that a table `[profiles.x]` can set; others are passed over. Found by giving 0.115.0 each name that
its binary holds with a value of a wrong type: it complains of those that it reads."""

_PATH = Scalar(kind="string", expected="path string")
_PROFILE_TYPES: Mapping[str, Type] = {
    **dict.fromkeys(
        (
            "experimental_compact_prompt_file", "experimental_instructions_file", "js_repl_node_path",
            "model_catalog_json", "model_instructions_file", "zsh_path",
        ),
        _PATH,
    ),
    **dict.fromkeys(
        (
            "experimental_use_freeform_apply_patch", "experimental_use_unified_exec_tool", "include_apply_patch_tool",
            "tools_view_image",
        ),
        BOOL,
    ),
}  # fmt: skip

_SANDBOX_WRITE: Mapping[str, Type] = {
    "writable_roots": STRINGS,
    "network_access": BOOL,
    "exclude_tmpdir_env_var": BOOL,
    "exclude_slash_tmp": BOOL,
}


_SHELL_ENVIRONMENT: Mapping[str, Type] = {
    "inherit": Enum(name="ShellEnvironmentPolicyInherit", variants=("core", "all", "none")),
    "ignore_default_excludes": BOOL,
    "exclude": STRINGS,
    "set": Map(STRING),
    "include_only": STRINGS,
    "experimental_use_profile": BOOL,
}


def check(
    values: Mapping[str, Any],
    enums: Mapping[str, tuple[str, ...] | None],
    *,
    feature_tables: Collection[str] = (),
    tables: str = "",
    permissions: PermissionTypes | None = None,
    commands: bool = False,
) -> None:
    """Raises ConfigError for the first value (in the order of the keys) of a wrong type.

    `enums`: keys whose variants differ between versions; None is any text. `feature_tables`: features that may be set
    by a table. `tables`: the types of all other keys (`pycodex.config_tables`). `permissions`: the types of
    permission profiles. `commands`: whether one may tell a provider's token.
    """
    from pycodex.config_tables import check_table

    types = dict(_TYPED_KEYS)
    for name, variants in enums.items():
        types[name] = STRING if variants is None else Enum(name=name, variants=variants)
    for key in sorted(values):
        value = values[key]
        if key in types:
            check_value(value, types[key], key)
        elif key == "features":
            _check_features(value, feature_tables)
        elif key == "sandbox_workspace_write":
            _check_table(value, _SANDBOX_WRITE, key, "struct SandboxWorkspaceWrite")
        elif key == "shell_environment_policy":
            _check_table(value, _SHELL_ENVIRONMENT, key, "struct ShellEnvironmentPolicyToml")
        elif key == "model_providers":
            from pycodex.provider_checks import check_provider_types

            check_provider_types(value, commands=commands)
        elif key == "mcp_servers":
            _check_servers(value)
        elif key == "permissions" and permissions is not None:
            from pycodex.permission_tables import check_tables

            check_tables(value, permissions)
        elif key == "profiles":
            check_each(value, key, _profile_types(types), "struct ConfigProfile")
        else:
            check_table(key, value, tables)


def _profile_types(types: Mapping[str, Type]) -> Mapping[str, Type]:
    """The types of a profile's keys; what is no key of a profile has none (captured: config/profile_wrong)."""
    return {**{key: type_ for key, type_ in types.items() if key in PROFILE_KEYS}, **_PROFILE_TYPES}


def check_each(value: Any, path: str, types: Mapping[str, Type], expected: str) -> None:
    """Raises ConfigError unless `value` is a map of tables whose keys have these types."""
    if not isinstance(value, Mapping):
        raise _wrong(value, "a map", path)
    for name in sorted(value):
        _check_table(value[name], types, f"{path}.{name}", expected)


def _check_table(value: Any, types: Mapping[str, Type], path: str, expected: str) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(value, expected, path)
    for key in sorted(value):
        if key in types:
            check_value(value[key], types[key], f"{path}.{key}")


def _check_servers(value: Any) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(value, "a map", "mcp_servers")
    for name in sorted(value):
        server = value[name]
        if not isinstance(server, Mapping):
            raise _wrong(server, "struct RawMcpServerConfig", f"mcp_servers.{name}")
        if "command" not in server and "url" not in server:
            raise config_error("invalid transport", f"mcp_servers.{name}")


def _check_features(value: Any, tables: Collection[str]) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(value, "struct FeaturesToml", "features")
    for name in sorted(value):
        if (problem := wrong_feature(name, value[name], tables)) is not None:
            # Most messages name the table and not the feature, because the struct flattens it.
            raise config_error(problem, f"features.{name}" if name in tables else "features")


def wrong_feature(name: str, setting: Any, tables: Collection[str]) -> str | None:
    """What is wrong with the setting of a feature; `tables`: those that may be set by a table."""
    if name not in tables:
        return None if isinstance(setting, bool) else wrong_type(setting, "a boolean")
    fits = _fits_feature(name, setting) if isinstance(setting, Mapping) else isinstance(setting, bool)
    return None if fits else "data did not match any variant of untagged enum FeatureToml"


_FEATURE_FIELDS: Mapping[str, Mapping[str, Type]] = {
    "current_time_reminder": {
        "enabled": BOOL,
        "reminder_interval_seconds": U64,
        "clock_source": Enum(name="", variants=("system", "external")),
        "delivery_mode": Enum(name="", variants=("any_inference", "after_user_or_tool_output")),
        "sleep_tool": BOOL,
    },
    "sleep_tool": {"enabled": BOOL},
}
"""What may stand in the table of a feature, where that is known (measured: what else stands there fits nothing)."""


def _fits_feature(name: str, table: Mapping[str, Any]) -> bool:
    fields = _FEATURE_FIELDS.get(name)
    if fields is None:
        return isinstance(table.get("enabled", True), bool)
    try:
        for key in table:
            check_value(table[key], fields[key], key)
    except (KeyError, ConfigError):
        return False
    return True


def check_value(value: Any, type_: Type, path: str) -> None:
    """Raises ConfigError for a value at `path` of another type."""
    match type_:
        case Enum():
            check_enum(value, type_, path)
        case Map():
            if not isinstance(value, Mapping):
                raise _wrong(value, "a map", path)
            for key in sorted(value):
                check_value(value[key], type_.value, f"{path}.{key}")
        case ListOf():
            if not isinstance(value, list):
                raise _wrong(value, "a sequence", path)
            for element in value:
                check_value(element, type_.item, path)
        case Scalar(kind="string"):
            if not isinstance(value, str):
                raise _wrong(value, type_.expected, path)
        case Scalar(kind="bool"):
            if not isinstance(value, bool):
                raise _wrong(value, type_.expected, path)
        case Scalar(kind="int"):
            if isinstance(value, bool) or not isinstance(value, int):
                raise _wrong(value, type_.expected, path)
            if not type_.holds(value):
                raise config_error(f"invalid value: {described(value)}, expected {type_.expected}", path)
            if value == 0 and type_.expected.startswith("a nonzero"):
                raise config_error(f"invalid value: integer `0`, expected {type_.expected}", path)
        case Scalar(kind="path"):
            if not isinstance(value, str):
                raise _wrong(value, type_.expected, path)
            if not os.path.isabs(value):  # `anchored` left it, as there is no folder that it could start from
                raise ConfigError(f"Error: AbsolutePathBuf deserialized without a base path\nin `{path}`\n")
        case Struct():
            _check_table(value, {field.name: field.type for field in type_.fields}, path, f"struct {type_.name}")
            for field in type_.fields:
                if field.required and field.name not in value:
                    raise config_error(f"missing field `{field.name}`", path)
        case Scalar():
            pass


def check_enum(value: Any, type_: Enum, path: str) -> None:
    """Raises ConfigError for a value at `path` that is none of the variants."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in type_.variants:
            return
        raise config_error("wanted exactly 1 element, more than 1 element", path)
    if not isinstance(value, str):
        raise config_error("invalid type: unit variant, expected string only", path)
    if value not in type_.variants:
        if path.endswith(".wire_api") and value == "chat":
            raise config_error(
                '`wire_api = "chat"` is no longer supported.\n'
                'How to fix: set `wire_api = "responses"` in your provider config.\n'
                "More info: https://github.com/openai/codex/discussions/7782",
                path,
            )
        raise config_error(unknown_variant(value, type_.variants), path)


def unknown_variant(value: str, variants: tuple[str, ...]) -> str:
    """serde's message for a text that is none of the variants."""
    quoted = [f"`{variant}`" for variant in variants]
    if len(quoted) <= 2:
        return f"unknown variant `{value}`, expected {' or '.join(quoted)}"
    return f"unknown variant `{value}`, expected one of {', '.join(quoted)}"


def config_error(message: str, path: str) -> ConfigError:
    """An error in a merged value, which has a path and no place in a file."""
    return ConfigError(f"Error loading config.toml: {message}\nin `{path}`\n")


def wrong_type(value: Any, expected: str) -> str:
    """serde's message for a value of another type."""
    if isinstance(value, Mapping):
        shown = "map"
    elif isinstance(value, list):
        shown = "sequence"
    else:
        shown = described(value if isinstance(value, bool | int | float | str) else str(value))
    return f"invalid type: {shown}, expected {expected}"


def _wrong(value: Any, expected: str, path: str) -> ConfigError:
    return config_error(wrong_type(value, expected), path)
