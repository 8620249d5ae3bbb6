"""Compaction: the backend sums the conversation up, and the summary comes back as an item that stands for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.responses_server.ids import item_id
from pycodex.responses_server.sealed import seal

__all__ = ["PROMPT", "compaction_item", "kept_input"]

PROMPT = (
    "Stop working here. Write a summary of this conversation for whoever goes on with it and knows nothing but your"
    " summary: what the user wants, in the user's own words where they matter; what was done, decided and found out,"
    " with the names of files, commands and values; what is still to be done next. Write only the summary."
)


def compaction_item(summary: str) -> dict[str, Any]:
    """The item that stands for what was summed up."""
    return {"type": "compaction", "id": item_id("cmp"), "encrypted_content": seal("compaction", {"text": summary})}


def kept_input(items: Sequence[Any]) -> list[Any]:
    """What the new history keeps beside the summary: the messages of the user, each as a whole item of an output."""
    return [_whole(item) for item in items if isinstance(item, Mapping) and _is_users(item)]


def _whole(message: Mapping[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
    parts = [_whole_part(part) for part in parts] if isinstance(parts, list) else parts
    return {"id": item_id("msg"), "status": "completed", **message, "type": "message", "content": parts}


def _whole_part(part: Any) -> Any:
    return {"detail": "auto", **part} if isinstance(part, Mapping) and part.get("type") == "input_image" else part


def _is_users(item: Mapping[str, Any]) -> bool:
    return item.get("type", "message") == "message" and item.get("role") == "user"
