"""Values of the request body whose rule differs between versions."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pycodex.items import CALLS
from pycodex.protocol import Item
from pycodex.rust import number

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = [
    "always_encrypted_reasoning",
    "encrypted_reasoning_if_reasoning",
    "never_opens_with_tools",
    "opens_with_tools",
    "outputs_as_kept",
    "parallel_as_listed",
    "parallel_unless_opened",
    "patch_outputs_as_text",
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


def outputs_as_kept(items: Sequence[Item], settings: Settings) -> list[Item]:
    """As the history has them."""
    return list(items)


_TOLD_AS_TEXT = frozenset({"apply_patch", "shell", "container.exec"})


def patch_outputs_as_text(items: Sequence[Item], settings: Settings) -> list[Item]:
    """Outcomes of apply_patch and of commands, which the history keeps as JSON objects, as lines of text; for models
    that have apply_patch as a custom tool (others are sent the JSON)."""
    if settings.model.get("apply_patch_tool_type") != "freeform":
        return list(items)
    told = {
        item["call_id"]
        for item in items
        if item["type"] in CALLS and (item.get("name") in _TOLD_AS_TEXT or item["type"] == "local_shell_call")
    }
    return [_as_text(item) if item.get("call_id") in told else item for item in items]


def _without_count(output: str) -> tuple[str, str]:
    """The line that tells how long a cut output was, and the output behind it."""
    match = re.match(r"(Total output lines: \d+\n)\n", output)
    return (match[1], output[match.end() :]) if match else ("", output)


def _as_text(item: Item) -> Item:
    if item["type"] not in CALLS.values() or not isinstance(item["output"], str):
        return item
    try:
        outcome = json.loads(item["output"])
        code, seconds = outcome["metadata"]["exit_code"], outcome["metadata"]["duration_seconds"]
        lines, output = _without_count(outcome["output"])
        text = f"Exit code: {code}\nWall time: {number(seconds)} seconds\n{lines}Output:\n{output}"
    except (ValueError, TypeError, KeyError):
        return item
    return {**item, "output": text}


def reasoning_for_listed_models(settings: Settings) -> dict[str, Any] | None:
    """As `reasoning`, for models that are known to reason; else None."""
    return reasoning(settings) if settings.model.get("supports_reasoning_summaries", True) else None


def encrypted_reasoning_if_reasoning(settings: Settings) -> list[str]:
    """Asked for only where `reasoning` is sent."""
    return [] if reasoning_for_listed_models(settings) is None else [_ENCRYPTED]


def always_encrypted_reasoning(settings: Settings) -> list[str]:
    """Asked for in each request."""
    return [_ENCRYPTED]


def parallel_as_listed(settings: Settings) -> bool:
    """Whether calls may run side by side: as the catalog says."""
    return bool(settings.model.get("supports_parallel_tool_calls", True))


def parallel_unless_opened(settings: Settings) -> bool:
    """Whether calls may run side by side: not for threads that open with their tools."""
    return not opens_with_tools(settings)


def text(settings: Settings) -> dict[str, Any] | None:
    """The verbosity, if any, and the schema of the final message, if any."""
    verbosity = {} if settings.verbosity is None else {"verbosity": settings.verbosity}
    schema = settings.output_schema
    kind = {
        "type": "json_schema",
        "strict": settings.output_schema_strict,
        "schema": schema,
        "name": "codex_output_schema",
    }
    return {**verbosity, **({} if schema is None else {"format": kind})} or None
