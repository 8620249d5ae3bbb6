"""Messages in rollouts of the ordered kind: the user's, and the model's by their role (captured: answers/user_role)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pycodex.ids import uuid4, uuid7
from pycodex.items import framed, said_by_user, tagged
from pycodex.protocol import Item
from pycodex.upstream.records_flat import text_content

if TYPE_CHECKING:
    from pycodex.protocol import UserMessageRecorded
    from pycodex.settings import Settings

__all__ = ["looks_like_context", "recorded_of", "told_of_user", "told_prompt"]

_MADE_HERE = ("user", "developer")
"""Roles of messages that are recorded as if the program had made them."""


def recorded_of(item: Item, attribution: Mapping[str, Any], *, first: bool = False) -> dict[str, Any]:
    """How the ledger records an item of the model. `attribution`: what is noted of what the user says, and of the first
    message of a run, whosever it is (captured: agents/v2_full)."""
    role = item.get("role") if item["type"] == "message" else None
    by_user, kinds = role == "user", ["unknown"] * len(item.get("content") or ())
    return {
        "created": role in _MADE_HERE,
        "kinds": kinds if role is not None else (),
        # A message without text is no source, one of blanks is (captured: output/empty_message, review/outputs).
        "retained": by_user
        or (role == "assistant" and bool("\n".join(part.get("text", "") for part in item["content"]))),
        "complete": not (by_user and item["content"]),
        "ordered": item["type"] == "function_call" or role in ("user", "assistant"),
        "after": attribution if said_by_user(item) or (first and role is not None) else {},
    }


def told_prompt(event: UserMessageRecorded, settings: Settings) -> dict[str, Any]:
    """The user's prompt as people are told of it."""
    content: list[dict[str, Any]] = [{"type": "local_image", "path": path} for path in event.images]
    content += text_content(event, settings)
    client: dict[str, Any] = {}
    if settings.mode == "prompt" and settings.subagent is None:  # a person's program finds the skills itself
        client = {"client_id": uuid4()}
        content += [{"type": "skill", "name": name, "path": path} for name, path in event.skills]
    return {"type": "UserMessage", "id": event.id, **client, "content": content}


def told_of_user(item: Item) -> dict[str, Any] | None:
    """The message as people are told of it, if it is one of the user."""
    if not said_by_user(item):
        return None
    content = [_told_part(part) for part in item["content"] if part["type"] in ("input_text", "input_image")]
    return {"type": "UserMessage", "id": uuid7(), "content": content}


def _told_part(part: Item) -> Item:
    if part["type"] == "input_image":
        return {"type": "image", "image_url": part["image_url"]}
    return {"type": "text", "text": part["text"], "text_elements": []}


_MARKS = (
    ("# agents.md instructions", "</instructions>"),
    *tagged("environment_context goal_context recommended_plugins skill subagent_notification"),
    *tagged("turn_aborted user_shell_command"),
)


def looks_like_context(text: str) -> bool:
    """Whether a prompt is taken for what the program says, by how it begins and ends (captured:
    rollout/prompts_like_context)."""
    return framed(text.strip().lower(), _MARKS)
