"""config.toml, `.env`, profiles and `-c` overrides, read into one typed view."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from pycodex.config_files import compact_prompt, has_project_folder, instructions_file, profile_files, project_files
from pycodex.config_keys import unknown_keys_warning
from pycodex.config_layers import ConfigError, Layer, anchored, file_layer, merged, override_layer, walk_keys
from pycodex.config_schema import PROFILE_KEYS, check, config_error, unknown_variant, wrong_type
from pycodex.config_style import ConfigStyle, Launch
from pycodex.config_tables import check_demands
from pycodex.dotenv import parse_dotenv
from pycodex.git_info import find_main_root, find_root
from pycodex.provider import Provider, built_in, provider_from_table
from pycodex.records import dataclass, field
from pycodex.toml_errors import locate_value, render

__all__ = [
    "Config",
    "ConfigError",
    "ConfigStyle",
    "Launch",
    "Provider",
    "codex_home",
    "home_problem",
    "load_config",
    "read_dotenv",
]

_NO_OLLAMA_CHAT = (
    "`ollama-chat` is no longer supported.\n"
    "How to fix: replace `ollama-chat` with `ollama` in `model_provider`, `oss_provider`, or `--local-provider`.\n"
    "More info: https://github.com/openai/codex/discussions/7782"
)
_TRUST = ("trusted", "untrusted")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The typed view; keys that are not modelled stand in `raw` (all layers and the profile, merged)."""

    codex_home: Path
    cwd: Path
    raw: Mapping[str, Any]
    environment: Mapping[str, str]
    """The process environment with `.env` on top."""
    provider: Provider
    profile: str | None = None
    model: str | None = None
    review_model: str | None = None
    model_context_window: int | None = None
    model_auto_compact_token_limit: int | None = None
    model_catalog_json: Path | None = None
    model_reasoning_effort: str | None = None
    model_reasoning_summary: str | None = None
    model_verbosity: str | None = None
    model_instructions_file: Path | None = None
    instructions: str | None = None
    developer_instructions: str | None = None
    compact_prompt: str | None = None
    personality: str | None = None
    service_tier: str | None = None
    approval_policy: str | None = None
    given: frozenset[str] = frozenset()
    """What was asked for beside the configuration (approval, sandbox, folders): a thread that goes on gets it, too."""
    sandbox_mode: str | None = None
    sandbox_workspace_write: Mapping[str, Any] = field(default_factory=dict)
    web_search: str | None = None
    features: Mapping[str, Any] = field(default_factory=dict)
    """The table [features], without what the profile adds."""
    feature_tables: tuple[Mapping[str, Any], ...] = ()
    """What sets features, in the order in which it counts; the last one counts most."""
    project_root_markers: tuple[str, ...] = (".git",)
    project_doc_max_bytes: int = 32 * 1024
    project_doc_fallback_filenames: tuple[str, ...] = ()
    project_trusted: bool | None = None
    """trust_level of the project `cwd` is in: True trusted, False untrusted, None not listed."""
    allow_login_shell: bool = True
    hide_agent_reasoning: bool = False
    show_raw_agent_reasoning: bool = False
    history_persistence: str = "save-all"
    skills_bundled: bool = True
    mcp_servers: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    """Texts of warning items."""
    ignores_project: bool = False
    """Whether a folder of the project has `.codex`, which does not count because the project is not trusted."""


def codex_home(env: Mapping[str, str]) -> Path:
    """$CODEX_HOME (which must exist) or ~/.codex (which need not). Raises ConfigError."""
    configured = env.get("CODEX_HOME")
    if not configured:
        return Path(env.get("HOME") or os.path.expanduser("~")) / ".codex"
    if (problem := home_problem(configured)) is not None:
        raise ConfigError(f"Error finding codex home: {problem}")
    return Path(configured).resolve()


def home_problem(configured: str) -> str | None:
    """Why a CODEX_HOME cannot be used, in a sentence."""
    path = Path(configured)
    if path.is_dir():
        return None
    problem = "is not a directory" if path.exists() else "does not exist"
    return f'CODEX_HOME points to "{configured}", but that path {problem}'


def read_dotenv(home: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The variables of `<home>/.env`, without those whose name begins with CODEX_ (in any case); {} without a
    file."""
    try:
        text = (home / ".env").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: value for name, value in parse_dotenv(text, env).items() if not name.upper().startswith("CODEX_")}


def load_config(
    home: Path,
    cwd: Path,
    *,
    overrides: Sequence[str] = (),
    profile: str | None = None,
    env: Mapping[str, str],
    style: ConfigStyle,
    launch: Launch | None = None,
    features: Callable[[], Collection[str]] | None = None,
) -> Config:
    """Read every layer. Raises ConfigError with the text that codex-cli prints.

    `features` gives the names of all features there are; without it a name of a feature is never unknown.
    """
    launch = launch or Launch()
    flags = override_layer(overrides)
    if launch.ignore_user:
        user = Layer(label="user", values={}, path=home / "config.toml")
        files = [user]
    else:
        user = file_layer("user", home / "config.toml", end_counts_newline=style.end_counts_newline)
        files = [user, *profile_files(home, user, profile or None, style, flags)]
    warnings: list[str] = []
    trusted = _trust(merged((*(layer.values for layer in files), flags.values)), cwd, user)
    markers = _root_markers(user)
    projects = [
        file_layer("project", path, end_counts_newline=style.end_counts_newline)
        for path in project_files(cwd, home, markers)
    ]
    ignores_project = not trusted and has_project_folder(cwd, home, markers)
    projects = projects if trusted else []
    projects = [_allowed(layer, style, warnings) for layer in projects]
    layers = [*files, *projects, flags]
    layers = [anchored(layer, cwd if layer.path is None else layer.path.parent) for layer in layers]
    known = None
    if features is not None and any("features" in layer.values for layer in layers):
        known = {*features(), *style.features.aliases}
    if launch.strict:
        from pycodex.config_strict import check_strictly

        tables_of, types = style.features.tables, style.types_of_tables
        check_strictly(
            layers, known, _enums(style), feature_tables=tables_of, tables=types, commands=style.token_commands
        )
    raw = merged(layer.values for layer in layers)
    _check_values(raw, style)
    if style.permission_profiles is not None and _profile_wins(layers):
        raw.pop("sandbox_mode", None)
    if launch.untrusted_refusal is not None and trusted is False:
        raise ConfigError(f"Error: {launch.untrusted_refusal.format(root=find_main_root(cwd) or cwd)}")
    if raw.get("approval_policy") in style.refused_approvals:
        text = f'approval_policy = "{raw["approval_policy"]}" is no longer supported; remove this setting'
        raise ConfigError(f"Error: {text}")
    check_demands(raw, style.removed_keys)
    tables = _feature_tables(raw, style)
    name = raw.get("profile") if style.profiles == "table" and profile is None else profile
    if style.profiles == "table" and name is not None:
        table = walk_keys(raw, "profiles").get(name)
        if table is None:
            raise ConfigError(f"Error: config profile `{name}` not found")
        table = {key: value for key, value in table.items() if key in PROFILE_KEYS}
        tables += _feature_tables(table, style)
        raw = merged((raw, table))
    raw = _with_local_provider(raw, launch, style)
    written = {key for layer in layers if layer.path is not None for key in walk_keys(layer.values, "features")}
    warnings += [text for key, text in style.features.file_warnings.items() if key in written]
    warnings += unknown_keys_warning(layers, known) if style.warn_unknown_keys else []
    warnings += launch.warnings
    environment = {**env, **read_dotenv(home, env)}
    return _view(home, cwd, raw, environment, name, trusted, tuple(warnings), ignores_project, tables, style)


def _profile_wins(layers: Sequence[Layer]) -> bool:
    """Whether the last layer that says either names a permission profile (perhaps beside a sandbox mode)."""
    either = [layer.values for layer in layers if {"default_permissions", "sandbox_mode"} & layer.values.keys()]
    return bool(either) and "default_permissions" in either[-1]


def _view(
    home: Path,
    cwd: Path,
    raw: Mapping[str, Any],
    environment: Mapping[str, str],
    profile: str | None,
    trusted: bool | None,
    warnings: tuple[str, ...],
    ignores_project: bool,
    feature_tables: tuple[Mapping[str, Any], ...],
    style: ConfigStyle,
) -> Config:
    def path_of(key: str) -> Path | None:
        value = raw.get(key)
        return None if value is None else home / Path(value).expanduser()

    plain = {
        key: raw[key]
        for key in (
            "model", "review_model", "model_context_window", "model_auto_compact_token_limit",
            "model_reasoning_effort", "model_reasoning_summary", "model_verbosity", "instructions",
            "developer_instructions", "personality", "service_tier", "sandbox_mode",
            "web_search", "project_doc_max_bytes", "allow_login_shell", "hide_agent_reasoning",
            "show_raw_agent_reasoning",
        )
        if key in raw
    }  # fmt: skip
    approval = raw.get("approval_policy")
    return Config(
        codex_home=home,
        cwd=cwd,
        raw=raw,
        environment=environment,
        provider=_provider(raw, environment, style),
        profile=profile,
        model_catalog_json=path_of("model_catalog_json"),
        model_instructions_file=instructions_file(path_of("model_instructions_file")),
        compact_prompt=compact_prompt(raw.get("compact_prompt"), path_of("experimental_compact_prompt_file")),
        approval_policy=next(iter(approval)) if isinstance(approval, Mapping) else approval,
        sandbox_workspace_write=walk_keys(raw, "sandbox_workspace_write"),
        features=feature_tables[1],
        feature_tables=feature_tables,
        project_root_markers=tuple(raw.get("project_root_markers", (".git",))),
        project_doc_fallback_filenames=tuple(raw.get("project_doc_fallback_filenames", ())),
        project_trusted=trusted,
        history_persistence=walk_keys(raw, "history").get("persistence", "save-all"),
        skills_bundled=walk_keys(raw, "skills", "bundled").get("enabled", True),
        mcp_servers=walk_keys(raw, "mcp_servers"),
        warnings=warnings,
        ignores_project=ignores_project,
        **plain,
    )


def _feature_tables(raw: Mapping[str, Any], style: ConfigStyle) -> tuple[Mapping[str, Any], ...]:
    """The keys of the configuration that are features, and the table of features."""
    return ({key: raw[key] for key in style.features.keys if key in raw}, walk_keys(raw, "features"))


def _enums(style: ConfigStyle) -> dict[str, tuple[str, ...] | None]:
    return {
        "model_reasoning_effort": style.reasoning_efforts,
        "service_tier": style.service_tiers,
        "web_search": style.web_search,
    }


def _check_values(raw: Mapping[str, Any], style: ConfigStyle) -> None:
    check(
        raw,
        _enums(style),
        feature_tables=style.features.tables,
        tables=style.types_of_tables,
        permissions=style.permission_types,
        commands=style.token_commands,
    )
    if "model_providers" in raw:
        from pycodex.provider_checks import check_providers

        check_providers(raw["model_providers"], style)


def _provider(raw: Mapping[str, Any], env: Mapping[str, str], style: ConfigStyle) -> Provider:
    id_ = raw.get("model_provider", "openai")
    table = walk_keys(raw, "model_providers").get(id_)
    if table is not None:
        return provider_from_table(id_, table, commands=style.token_commands)
    provider = built_in(id_, raw.get("openai_base_url") or env.get("OPENAI_BASE_URL"), env)
    if provider is None:
        gone = id_ == "ollama-chat"
        raise ConfigError(f"Error: {_NO_OLLAMA_CHAT if gone else f'Model provider `{id_}` not found'}")
    return provider


def _with_local_provider(raw: dict[str, Any], launch: Launch, style: ConfigStyle) -> dict[str, Any]:
    """--oss: the provider that is named, else `oss_provider`."""
    if not launch.oss:
        return raw
    provider = raw.get("oss_provider") if launch.local_provider is None else launch.local_provider
    if provider is None:
        raise ConfigError(
            "Error: No default OSS provider configured. Use --local-provider=provider or set oss_provider to one of: "
            "lmstudio, ollama in config.toml"
        )
    shown = {"show_raw_agent_reasoning": True} if style.local_provider_shows_raw else {}
    return {**raw, "model_provider": provider, **shown}


def _trust(raw: Mapping[str, Any], cwd: Path, user: Layer) -> bool | None:
    """What `[projects."<folder>"] trust_level` says about `cwd`, or else about its repository."""
    projects = walk_keys(raw, "projects")
    for name, project in projects.items():
        level = project.get("trust_level") if isinstance(project, Mapping) else None
        if level is not None and level not in _TRUST:
            _fail_in_file(user, ("projects", name, "trust_level"), unknown_variant(str(level), _TRUST))
    for folder in (cwd, find_root(cwd), find_main_root(cwd)):
        if folder is not None and (level := walk_keys(projects, str(folder)).get("trust_level")) is not None:
            return bool(level == "trusted")
    return None


def _root_markers(user: Layer) -> tuple[str, ...]:
    markers = user.values.get("project_root_markers", [".git"])
    if not isinstance(markers, list):
        _fail_in_file(user, ("project_root_markers",), wrong_type(markers, "a sequence"))
    return tuple(markers)


def _fail_in_file(layer: Layer, keys: tuple[str, ...], message: str) -> None:
    place = locate_value(layer.text, keys)
    if place is None or layer.path is None:
        raise config_error(message, ".".join(keys))
    line, column, width = place
    raise ConfigError(
        f"Error loading config.toml:\n{render(str(layer.path), layer.text, line, column, message, width)}"
    )


def _allowed(layer: Layer, style: ConfigStyle, warnings: list[str]) -> Layer:
    ignored = [key for key in style.ignored_in_projects if key in layer.values]
    if not ignored:
        return layer
    warnings.append(
        f"Ignored unsupported project-local config keys in {layer.path}: {', '.join(ignored)}. "
        "If you want these settings to apply, manually set them in your user-level config.toml."
    )
    values = {key: value for key, value in layer.values.items() if key not in ignored}
    return Layer(label=layer.label, values=values, path=layer.path, text=layer.text)
