"""What the configuration depends on beside its values: the version, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pycodex.features import FeatureStyle
from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.permission_tables import PermissionTypes

__all__ = ["ConfigStyle", "Launch"]


@dataclass(frozen=True, kw_only=True)
class ConfigStyle:
    """What differs between versions."""

    profiles: Literal["table", "file"]
    """`[profiles.x]` inside config.toml, which wins over `-c`; or the file `x.config.toml` beside it, which
    does not."""
    reasoning_efforts: tuple[str, ...] | None
    """Allowed values of model_reasoning_effort (another one is an error), or None: any text."""
    warn_unknown_keys: bool
    """Whether keys that mean nothing to the program are listed in `Config.warnings`."""
    refused_approvals: tuple[str, ...] = ()
    """Values of approval_policy that are an error in a run without a person."""
    service_tiers: tuple[str, ...] | None = None
    """Allowed values of service_tier, or None: any text."""
    web_search: tuple[str, ...] = ("disabled", "cached", "live")
    """Allowed values of web_search."""
    name_is_required: bool = True
    """Whether a provider without a name lacks a field, and an empty name is one (else: neither is)."""
    token_commands: bool = False
    """Whether `auth` of a provider is a command that tells its token; else nobody looks at it."""
    local_provider_shows_raw: bool = False
    """Whether --oss shows what a model thinks as it is."""
    end_counts_newline: bool = True
    """See toml_errors.syntax_error."""
    types_of_tables: str = ""
    """The types of what is in tables (see `pycodex.config_tables`)."""
    permission_profiles: Literal["enforced", "bridged"] | None = None
    """Whether `default_permissions` and `[permissions]` count, place by place (pycodex.permission_profiles) or as the
    sandbox mode that comes nearest (pycodex.bridged_profiles)."""
    permission_types: PermissionTypes | None = None
    """The types of `[permissions]`."""
    removed_keys: tuple[str, ...] = ()
    """Keys that are an error, as nothing stands behind them any more."""
    features: FeatureStyle = FeatureStyle()
    ignored_in_projects: tuple[str, ...] = ()
    """Keys of a project's config.toml that are left out, with a warning that lists them in this order."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What the command line says of the configuration beside its values."""

    ignore_user: bool = False
    """--ignore-user-config: neither config.toml nor a profile's file is read."""
    strict: bool = False
    """--strict-config: a key that means nothing is an error."""
    oss: bool = False
    local_provider: str | None = None
    """--local-provider; counts with `oss` only."""
    chat_endpoint: str | None = None
    """--vllm-endpoint: the provider is this chat/completions backend, whatever the configuration names."""
    warnings: tuple[str, ...] = ()
    """What else is warned of."""
    untrusted_refusal: str | None = None
    """Why the run is refused in a project that is marked as untrusted; may use {root}."""
