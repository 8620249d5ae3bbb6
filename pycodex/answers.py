"""What the events that end an answer hold: tokens, or what went wrong. Read as upstream reads it; no I/O."""

from __future__ import annotations

from typing import Any

from pycodex.arguments import Struct
from pycodex.event_json import EventFields
from pycodex.json_reader import ArgumentsError, ArgumentStyle
from pycodex.protocol import Usage
from pycodex.records import dataclass

__all__ = ["AnswerStyle", "read_completed", "read_error", "read_reason", "read_usage"]


@dataclass(frozen=True, kw_only=True)
class AnswerStyle:
    """How an event, and the `response` in it, is taken."""

    fields: EventFields
    """Of every event."""
    completed: Struct
    """Of `response.completed`."""
    usage: Struct
    """Its tokens, also of an incomplete answer."""
    error: Struct
    """What a `response.failed` tells."""
    raw_codes: frozenset[str]
    """Codes of errors that count even where the rest of the error is not readable."""
    values: ArgumentStyle
    unreadable: str
    """What is said of a `response.completed` that is not what it should be."""


def read_completed(response: Any, style: AnswerStyle) -> dict[str, Any]:
    """The fields of a `response.completed`; its usage as Usage, None where it tells none. Raises ValueError with what
    is wrong (captured: answers/completed_odd)."""
    from pycodex.json_values import from_value

    try:
        found: dict[str, Any] = from_value(response, style.completed, style.values)
    except ArgumentsError as error:
        raise ValueError(style.unreadable.format(problem=error)) from None
    usage = found["usage"]
    return {**found, "usage": None if usage is None else _counted(usage)}


def read_usage(value: Any, style: AnswerStyle) -> Usage | None:
    """Tokens, None where they are not told or not readable."""
    from pycodex.json_values import from_value

    try:
        return None if value is None else _counted(from_value(value, style.usage, style.values))
    except ArgumentsError:
        return None


def _counted(usage: dict[str, Any]) -> Usage:
    inputs = usage["input_tokens_details"] or {}
    outputs = usage["output_tokens_details"] or {}
    return Usage(
        input_tokens=usage["input_tokens"],
        cached_input_tokens=inputs.get("cached_tokens", 0),
        cache_write_input_tokens=inputs.get("cache_write_tokens", 0),
        output_tokens=usage["output_tokens"],
        reasoning_output_tokens=outputs.get("reasoning_tokens", 0),
        total_tokens=usage["total_tokens"],
    )


def read_reason(response: Any) -> str:
    """Why an answer is incomplete."""
    details = response.get("incomplete_details") if isinstance(response, dict) else None
    reason = details.get("reason") if isinstance(details, dict) else None
    return reason if isinstance(reason, str) else "unknown"


def read_error(response: Any, style: AnswerStyle) -> dict[str, Any] | None:
    """The fields of a failed answer's error; None where it tells none that is readable: one with a part of another type
    is not (captured: failures/event_without_words)."""
    from pycodex.json_values import from_value

    error = response.get("error") if isinstance(response, dict) else None
    try:
        found: dict[str, Any] = from_value(error, style.error, style.values)
    except ArgumentsError:
        code = error.get("code") if isinstance(error, dict) else None
        return {"code": code, "message": None} if code in style.raw_codes else None
    return found
