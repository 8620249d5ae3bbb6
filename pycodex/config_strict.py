"""`--strict-config`: a key that means nothing to codex-cli is an error, with its place (captured: config/strict_*)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pycodex.config_layers import ConfigError, Layer
from pycodex.config_schema import KNOWN_KEYS, PROVIDER_KEYS, check
from pycodex.toml_errors import locate_value, render

__all__ = ["check_strictly", "locate_key"]

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
    ("tools",): ("experimental_request_user_input", "update_plan", "web_search"),
    ("tui",): _TUI.split(),
    ("windows",): ("allow_mxc", "sandbox"),
}  # fmt: skip
"""The tables whose keys are known (`*`: any name); in other tables nothing is looked at. Found as `KNOWN_KEYS` was."""

_READ_LATE = ("tui", "features")
"""Tables that are read after all others: what is unknown in them is told last."""

Path = tuple[str, ...]


def check_strictly(
    layers: Sequence[Layer], features: Collection[str] | None, enums: Mapping[str, tuple[str, ...] | None]
) -> None:
    """Raises ConfigError for the first key that means nothing; flags come first, then the files in their order."""
    flags = [layer for layer in layers if layer.path is None]
    for layer in flags:
        unknown = next(_unknown(layer.values, features), None)
        if unknown is not None and not _half_made(layer.values):
            shown = ".".join(unknown)
            raise ConfigError(
                f"Error loading config.toml: unknown configuration field `{shown}` in -c/--config override"
            )
    for layer in layers:
        if layer.path is None or not layer.text:
            continue
        _check_types(layer, enums)
        unknown = next(_unknown(layer.values, features), None)
        if unknown is not None:
            line, column, width = locate_key(layer.text, unknown) or (1, 1, 1)
            _fail(layer, line, column, width, f"unknown configuration field `{'.'.join(unknown)}`")


def _fail(layer: Layer, line: int, column: int, width: int, message: str) -> None:
    raise ConfigError(
        f"Error loading config.toml:\n{render(str(layer.path), layer.text, line, column, message, width)}"
    )


def _check_types(layer: Layer, enums: Mapping[str, tuple[str, ...] | None]) -> None:
    """A value of a wrong type is told with its place too."""
    try:
        check(layer.values, enums)
    except ConfigError as error:
        told = re.fullmatch(r"Error loading config\.toml: (.*)\nin `(.*)`\n", str(error), re.DOTALL)
        place = locate_value(layer.text, tuple(told[2].split("."))) if told else None
        if told is None or place is None:
            raise
        _fail(layer, *place, told[1])


def _half_made(values: Mapping[str, Any]) -> bool:
    """Whether flags give a part of a provider or server: then nothing is said of them by themselves."""
    providers, servers = values.get("model_providers"), values.get("mcp_servers")
    parts = [row for row in (providers.values() if isinstance(providers, Mapping) else ()) if "name" not in row]
    parts += [
        row
        for row in (servers.values() if isinstance(servers, Mapping) else ())
        if "command" not in row and "url" not in row
    ]
    return bool(parts)


def _unknown(values: Mapping[str, Any], features: Collection[str] | None) -> Iterator[Path]:
    early = {key: value for key, value in values.items() if key not in _READ_LATE}
    late = {key: values[key] for key in _READ_LATE if key in values}
    yield from _below((), {**early, **late}, features)


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
    return _KEYS.get(path, _KEYS.get(starred))


_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+')


def locate_key(text: str, path: Path) -> tuple[int, int, int] | None:
    """Line, column and width of the key at `path`: in the header of a table, or before its value."""
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[\[?)", line)
        end = line.find("]") if header else _equals(line)
        if end < 0:
            continue
        parts = [(match.span(), _bare(match[0])) for match in _PART.finditer(line[:end])]
        names = tuple(name for _, name in parts)
        if header:
            table = names
            if header[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                table = (*names, str(counts[names]))
        base = () if header else table
        whole = (*base, *names)
        if parts and len(path) > len(base) and path == whole[: len(path)]:
            start, stop = parts[len(path) - len(base) - 1][0]
            return number, start + 1, stop - start
        if not header and parts and path[: len(whole)] == whole:
            inside = re.search(rf"[{{,]\s*({re.escape(path[-1])})\s*=", line[end:])
            if inside:
                return number, end + inside.start(1) + 1, len(path[-1])
    return None


def _bare(part: str) -> str:
    return part[1:-1] if part[0] in "\"'" else part


def _equals(line: str) -> int:
    """Where the key of a line ends; -1 for a line without one."""
    match = re.match(r"\s*(?:" + _PART.pattern + r")(?:\s*\.\s*(?:" + _PART.pattern + r"))*\s*=", line)
    return match.end() - 1 if match else -1
