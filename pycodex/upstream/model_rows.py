"""The rows of a catalog as structs: what codex-cli reads of a model, with the defaults of what may be absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pycodex.arguments import BOOL, I64, STRING, VALUE, Enum, Field, ListOf, Struct, Type

__all__ = [
    "MESSAGES",
    "POLICY",
    "SUMMARY",
    "VERBOSITY",
    "VISIBILITY",
    "WEB_SEARCH",
    "flag",
    "models_of",
    "needed",
    "needs_instructions",
    "nested",
    "reasoning_level",
    "shell_type",
    "usually",
    "wanted",
]

VISIBILITY = Enum(name="ModelVisibility", variants=("list", "hide", "none"))
SUMMARY = Enum(name="ReasoningSummary", variants=("auto", "concise", "detailed", "none"))
VERBOSITY = Enum(name="Verbosity", variants=("low", "medium", "high"))
WEB_SEARCH = Enum(name="WebSearchToolType", variants=("text", "text_and_image"))
POLICY = Struct(
    name="TruncationPolicyConfig",
    fields=(
        Field("mode", Enum(name="TruncationMode", variants=("bytes", "tokens")), required=True),
        Field("limit", I64, required=True),
    ),
)
MESSAGES = Struct(
    name="ModelMessages",
    fields=(Field("instructions_template", STRING, optional=True), Field("instructions_variables", VALUE)),
)


def needed(name: str, type_: Type) -> Field:
    """A field that must be there."""
    return Field(name, type_, required=True)


def wanted(name: str, type_: Type) -> Field:
    """A field that may be null or absent."""
    return Field(name, type_, optional=True)


def usually(name: str, type_: Type, default: Any) -> Field:
    """A field with a default."""
    return Field(name, type_, default=default)


def flag(name: str) -> Field:
    """A flag that is off by default."""
    return Field(name, BOOL, default=False)


def nested(name: str, struct: str) -> Field:
    """A struct whose fields are not looked at."""
    return Field(name, Struct(name=struct, fields=()), optional=True)


def reasoning_level(effort: Type) -> Type:
    """The efforts of a model."""
    preset = Struct(name="ReasoningEffortPreset", fields=(needed("effort", effort), needed("description", STRING)))
    return ListOf(preset)


def shell_type(*variants: str) -> Type:
    """What kind of shell a model is given."""
    return Enum(name="ConfigShellToolType", variants=variants)


def models_of(row: Struct, check: Callable[[dict[str, Any]], str | None] | None = None) -> Struct:
    """A whole catalog."""
    return Struct(name="ModelsResponse", fields=(Field("models", ListOf(row), required=True),), check=check)


def needs_instructions(catalog: dict[str, Any]) -> str | None:
    """The complaint about the first row without a base prompt."""
    for row in catalog["models"]:
        template = (row["model_messages"] or {}).get("instructions_template")
        if row["base_instructions"] is None and template is None:
            both = "`base_instructions` and `model_messages.instructions_template`"
            return f"model `{row['slug']}` is missing both {both}"
    return None
