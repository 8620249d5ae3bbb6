"""The response object, and usage. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from pycodex.responses_server.ids import item_id

__all__ = ["response_object", "usage_of"]

_ECHOED: Mapping[str, Any] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1,
    "truncation": "disabled",
    "user": None,
}
"""What a response says of its request, and what stands there where the request does not say it."""


def response_object(body: Mapping[str, Any], model: str) -> dict[str, Any]:
    """The response as it begins."""
    told = {key: body[key] if body.get(key) is not None else value for key, value in _ECHOED.items()}
    reasoning, text = body.get("reasoning"), body.get("text")
    return {
        "id": item_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        **told,
        "service_tier": "default",
        "truncation": "disabled",
        "tools": [_whole_tool(tool) for tool in told["tools"]],
        "reasoning": {"effort": None, "summary": None, **(reasoning if isinstance(reasoning, Mapping) else {})},
        "text": {"format": {"type": "text"}, "verbosity": "medium", **(text if isinstance(text, Mapping) else {})},
        "usage": None,
    }


def _whole_tool(tool: Any) -> Any:
    """A tool as it is told back: a function with all its keys."""
    if not isinstance(tool, Mapping) or tool.get("type") != "function":
        return tool
    return {"description": None, "parameters": None, "strict": False, **tool}


def usage_of(usage: Any) -> dict[str, Any] | None:
    """Tokens of a chat answer as Responses counts them; None where the backend did not count."""
    if not isinstance(usage, dict):
        return None
    asked, said = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if asked is None and said is None:
        return None
    asked, said = asked or 0, said or 0
    cached = _count(_inner(usage, "prompt_tokens_details"), "cached_tokens")
    if cached is None:
        cached = _count(usage, "prompt_cache_hit_tokens")  # DeepSeek
    written = _count(_inner(usage, "prompt_tokens_details"), "cache_write_tokens")
    reasoning = _count(_inner(usage, "completion_tokens_details"), "reasoning_tokens")
    if reasoning is None:
        reasoning = _count(usage, "reasoning_tokens")
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": min(cached or 0, asked), "cache_write_tokens": written or 0},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": min(reasoning or 0, said)},
        "total_tokens": asked + said,
    }


def _inner(usage: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = usage.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _count(values: Mapping[str, Any], key: str) -> int | None:
    value = values.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < math.inf:
        return None
    return int(value)
