"""`[model_providers]`: the types of its keys, and what may not stand together (captured: config/provider_command)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pycodex.arguments import STRING, STRINGS, U64, VALUE, Field, Scalar, Struct
from pycodex.config_schema import PROVIDER_KEYS, check_each, config_error
from pycodex.config_style import ConfigStyle
from pycodex.provider import BUILT_IN_IDS

__all__ = ["check_provider_types", "check_providers"]

_COMMAND = Struct(
    name="ModelProviderAuthInfo",
    fields=(
        Field("command", STRING, required=True),
        Field("args", STRINGS),
        Field("timeout_ms", Scalar("a nonzero u64", "int", 64, False)),
        Field("refresh_interval_ms", U64),
        Field("cwd", Scalar("path string", "path")),
    ),
)
_NOT_WITH_A_COMMAND = ("env_key", "experimental_bearer_token", "requires_openai_auth")


def check_provider_types(value: Any, *, commands: bool) -> None:
    """Raises ConfigError for the first value of a wrong type. `commands`: whether `auth` is looked at."""
    types = {**PROVIDER_KEYS, "auth": _COMMAND if commands else VALUE}
    check_each(value, "model_providers", types, "struct ModelProviderInfo")


def check_providers(providers: Mapping[str, Any], style: ConfigStyle) -> None:
    """Raises ConfigError for providers whose types are right, and which are wrong none the less."""
    for id_ in sorted(providers):
        if not providers[id_].get("name", "").strip():
            if style.name_is_required and "name" not in providers[id_]:
                raise config_error("missing field `name`", f"model_providers.{id_}")
            if not style.name_is_required:
                raise config_error(f"model_providers.{id_}: provider name must not be empty", "model_providers")
        if style.token_commands and (problem := _problem(providers[id_])) is not None:
            raise config_error(f"model_providers.{id_}: provider auth{problem}", "model_providers")
    reserved = [f"`{id_}`" for id_ in sorted(providers) if id_ in BUILT_IN_IDS]
    if reserved:
        raise config_error(
            f"model_providers contains reserved built-in provider IDs: {', '.join(reserved)}. Built-in providers cannot"
            " be overridden. Rename your custom provider (for example, `openai-custom`).",
            "model_providers",
        )


def _problem(provider: Mapping[str, Any]) -> str | None:
    """What is wrong with the command of a provider."""
    if "auth" not in provider:
        return None
    if not provider["auth"]["command"].strip():
        return ".command must not be empty"
    beside = [key for key in _NOT_WITH_A_COMMAND if provider.get(key, False) is not False]
    return f" cannot be combined with {', '.join(beside)}" if beside else None
