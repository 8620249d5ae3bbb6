"""Whether an item of the model is what its type promises; upstream passes over any other.

Captured: answers/odd_items, arguments_object, call_without_call_id, content_string, content_part_text and
reasoning_without_summary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["readable"]

_PARTS = {"input_text": "text", "output_text": "text", "input_image": "image_url"}
_SUMMARY = {"summary_text": "text"}
_REASONING = {"reasoning_text": "text", "text": "text"}
"""Type of a part -> the text that it must have."""

_TEXTS: Mapping[str, tuple[str, ...]] = {
    "message": ("role",),
    "function_call": ("name", "arguments", "call_id"),
    "custom_tool_call": ("name", "input", "call_id"),
    "image_generation_call": ("status", "result"),
    "function_call_output": ("call_id",),
    "custom_tool_call_output": ("call_id",),
}
"""Type of an item -> the texts that it must have."""

_OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "message": ("id",),
    "reasoning": ("id", "encrypted_content"),
    "function_call": ("id", "namespace"),
    "custom_tool_call": ("id", "status"),
    "local_shell_call": ("id", "call_id"),
    "web_search_call": ("id", "status"),
    "image_generation_call": ("id", "revised_prompt"),
}
"""... and those that it may have."""

_PHASES = (None, "commentary", "final_answer")
_SHELL_STATUSES = ("completed", "in_progress", "incomplete")
_SEARCHES = {"search": ("query",), "open_page": ("url",), "find_in_page": ("url", "pattern")}


def readable(item: Mapping[str, Any]) -> bool:
    """See the module."""
    kind = item.get("type")
    if not isinstance(kind, str) or not all(isinstance(item.get(key), str) for key in _TEXTS.get(kind, ())):
        return False
    if not _texts_or_none(item, _OPTIONAL.get(kind, ())):
        return False
    match kind:
        case "message":
            return item.get("phase") in _PHASES and _are_parts(item.get("content"), _PARTS)
        case "reasoning":
            content = item.get("content")
            return _are_parts(item.get("summary"), _SUMMARY) and (content is None or _are_parts(content, _REASONING))
        case "local_shell_call":
            return item.get("status") in _SHELL_STATUSES and _is_command(item.get("action"))
        case "web_search_call":
            return item.get("action") is None or _is_search(item["action"])
    return True


def _texts_or_none(holder: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    return all(isinstance(holder.get(key), str | None) for key in keys)


def _are_parts(content: Any, kinds: Mapping[str, str]) -> bool:
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return False
    return all(isinstance(part.get(kinds.get(str(part.get("type")), "")), str) for part in content)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_command(action: Any) -> bool:
    if not isinstance(action, dict) or action.get("type") != "exec" or not _are_texts(action.get("command")):
        return False
    wait = action.get("timeout_ms")
    counted = wait is None or (type(wait) is int and wait >= 0)
    return counted and _texts_or_none(action, ("working_directory", "user"))


def _is_search(action: Any) -> bool:
    if not isinstance(action, dict) or not isinstance(action.get("type"), str):
        return False
    queries = action.get("queries") if action["type"] == "search" else None
    return _texts_or_none(action, _SEARCHES.get(action["type"], ())) and (queries is None or _are_texts(queries))
