"""Values of the request body whose rule differs between versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = [
    "always_encrypted_reasoning",
    "encrypted_reasoning_if_reasoning",
    "never_opens_with_tools",
    "opens_with_tools",
    "reasoning",
    "reasoning_for_listed_models",
    "reasoning_over_turns",
    "text",
]

_ENCRYPTED = "reasoning.encrypted_content"


def _summary(settings: Settings) -> dict[str, str]:
    kind = settings.reasoning_summary
    return {} if kind == "none" else {"summary": kind}


def reasoning(settings: Settings) -> dict[str, Any] | None:
    """Effort and kind of summary, as far as there are any."""
    effort = settings.sampling_effort
    return {**({"effort": effort} if effort else {}), **_summary(settings)}


def reasoning_over_turns(settings: Settings) -> dict[str, Any] | None:
    """As `reasoning`, and over which turns it is kept, for threads that open with their tools."""
    kept = {"context": "all_turns"} if opens_with_tools(settings) else {}
    return {**(reasoning(settings) or {}), **kept}


def opens_with_tools(settings: Settings) -> bool:
    """For models that the catalog marks so."""
    return bool(settings.model.get("use_responses_lite"))


def never_opens_with_tools(settings: Settings) -> bool:
    """For no model."""
    return False


def reasoning_for_listed_models(settings: Settings) -> dict[str, Any] | None:
    """As `reasoning`, for models that are known to reason; else None."""
    return reasoning(settings) if settings.model.get("supports_reasoning_summaries", True) else None


def encrypted_reasoning_if_reasoning(settings: Settings) -> list[str]:
    """Asked for only where `reasoning` is sent."""
    return [] if reasoning_for_listed_models(settings) is None else [_ENCRYPTED]


def always_encrypted_reasoning(settings: Settings) -> list[str]:
    """Asked for in each request."""
    return [_ENCRYPTED]


def text(settings: Settings) -> dict[str, Any] | None:
    """The verbosity, if any, and the schema of the final message, if any."""
    verbosity = {} if settings.verbosity is None else {"verbosity": settings.verbosity}
    schema = settings.output_schema
    kind = {"type": "json_schema", "strict": True, "schema": schema, "name": "codex_output_schema"}
    return {**verbosity, **({} if schema is None else {"format": kind})} or None
