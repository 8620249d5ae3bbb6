"""Items of the history: how a model's item is kept, how it goes back on the wire, and calls paired with outputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pycodex.ids import uuid7
from pycodex.protocol import Item

if TYPE_CHECKING:
    from pycodex.upstream.dialect import IdStyle, ItemStyle

__all__ = [
    "CALLS",
    "NOTE",
    "SEARCHES",
    "aborted_output",
    "additional_tools",
    "as_begun",
    "framed",
    "has_tools",
    "joined",
    "keep",
    "message",
    "notice_of",
    "output_of",
    "paired",
    "said_by_user",
    "search_query",
    "tagged",
    "text_of",
    "unanswered",
    "uncalled_output",
    "wire",
    "without_detail",
    "without_original",
]

CALLS = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "local_shell_call": "function_call_output",
    "tool_search_call": "tool_search_output",
}
"""Type of a call -> type of its output."""

NOTE = "internal_chat_message_metadata_passthrough"
"""Key of what is noted of an item: its turn, when it was made here, what its parts are."""

SEARCHES = ("web_search_call", "image_generation_call")
"""Work of the provider's own, whose beginning people are told of."""

_VALID_ID = re.compile(r"[^_]+_.+", re.DOTALL)


def keep(item: Mapping[str, Any], style: ItemStyle, ids: IdStyle) -> Item | None:
    """A model's item as the history keeps it: known keys in wire order, an id if ids are minted. None: dropped."""
    shape = style.shapes.get(item["type"])
    if shape is None:
        return None
    kept: Item = {}
    prefix = ids.minted.get(item["type"])
    for key in shape.keys:
        value = item.get(key)
        if key == "id" and value is None and prefix:
            value = f"{prefix}_{uuid7()}"
        if key == "content" and isinstance(value, list):
            value = [_part(part, style) for part in value]
        if key == "summary" and isinstance(value, list):
            value = [_part(part, style) for part in value]
        if key == "action" and isinstance(value, dict):
            value = _action(value, style)
        if value is not None or key in shape.nullable:
            kept[key] = value
    return kept


def as_begun(item: Item, style: ItemStyle) -> Item:
    """An item that begins as people are told of it."""
    action = item.get("action")
    return {**item, "action": _action(action, style)} if isinstance(action, dict) else item


def _action(action: dict[str, Any], style: ItemStyle) -> Any:
    """What a search of a kind that is not known does is not kept (captured: answers/odd_items)."""
    return _part(action, style) if action.get("type") in style.content else {"type": "other"}


def _part(part: Any, style: ItemStyle) -> Any:
    if not isinstance(part, dict):
        return part
    kind = str(part.get("type"))
    keys = style.content.get(kind)
    if keys is not None and kind in style.whole:
        return {key: part.get(key) for key in keys}
    return part if keys is None else {key: part[key] for key in keys if part.get(key) is not None}


def message(role: str, texts: list[str], ids: IdStyle) -> Item:
    """A message of our own."""
    prefix = ids.minted.get("message")
    identity = {"id": f"{prefix}_{uuid7()}"} if prefix else {}
    content = [{"type": "input_text", "text": text} for text in texts]
    return {"type": "message", **identity, "role": role, "content": content}


def additional_tools(tools: Sequence[Item], ids: IdStyle, identity: str | None = None) -> Item:
    """The tools as an item of the history (captures/upstream/0.169.0/code_mode/request/hello_code_mode)."""
    prefix = ids.minted.get("additional_tools")
    named = {"id": f"{prefix}_{identity or uuid7()}"} if prefix else {}
    return {"type": "additional_tools", **named, "role": "developer", "tools": list(tools)}


def has_tools(history: Iterable[Item]) -> bool:
    """Whether the tools are among the items."""
    return any(item["type"] == "additional_tools" for item in history)


def output_of(call: Item, output: str | list[Item], ids: IdStyle, identity: str | None = None) -> Item:
    """The output item for `call`."""
    kind = CALLS[call["type"]]
    prefix = ids.minted.get(kind)
    named = {"id": f"{prefix}_{identity or uuid7()}"} if prefix else {}
    head = {"type": kind, **named, "call_id": call["call_id"]}
    if kind == "tool_search_output":  # one that went wrong has found nothing (captured: mcp/search)
        return {
            **head,
            "status": "completed",
            "execution": "client",
            "tools": [] if isinstance(output, str) else output,
        }
    return {**head, "output": output}


def notice_of(call: Item, name: str, text: str, ids: IdStyle) -> Item:
    """One more output for `call`, which has one or will have it: the tool of that name has something to say."""
    item = output_of(call, text, ids)
    return {**{key: item[key] for key in item if key != "output"}, "name": name, "output": text}


def uncalled_output(ids: IdStyle, name: str, namespace: str, text: str) -> Item:
    """An output that no call has asked for: context that a tool gives (captured: tools/goal_reached)."""
    prefix = ids.minted.get(kind := "function_call_output")
    named = {"id": f"{prefix}_{uuid7()}"} if prefix else {}
    return {"type": kind, **named, "name": name, "namespace": namespace, "output": text}


def aborted_output(call: Item, ids: IdStyle, identity: str) -> Item:
    """The output for a call that never got one."""
    return output_of(call, "aborted", ids, identity)


def text_of(item: Item) -> str:
    """The text of a message."""
    parts = item.get("content") or ()
    return "".join(part.get("text", "") for part in parts if isinstance(part, dict))


def joined(texts: Sequence[str]) -> list[str]:
    """The texts of a reasoning summary as one; none if nothing stands in it (captured: answers/broken_streams)."""
    text = "\n".join(texts)
    return [text] if text.strip() else []


def said_by_user(item: Mapping[str, Any]) -> bool:
    """Whether it is a message of the user's own, not of the context."""
    if item.get("type") != "message" or item.get("role") != "user":
        return False
    texts = [part["text"].strip() for part in item.get("content") or () if isinstance(part.get("text"), str)]
    return not any(framed(text, _CONTEXT) for text in texts)


def framed(text: str, frames: Iterable[tuple[str, str]]) -> bool:
    """Whether it begins and ends as one of them does."""
    return any(text.startswith(begin) and text.endswith(end) for begin, end in frames)


def tagged(names: str) -> Iterator[tuple[str, str]]:
    """How texts begin and end that stand in the tags of these names."""
    return ((f"<{name}>", f"</{name}>") for name in names.split())


_CONTEXT = (
    ("# AGENTS.md instructions", "</INSTRUCTIONS>"),
    *tagged("environment_context skill subagent_notification turn_aborted user_action"),
    *tagged("user_instructions user_shell_command"),
)
"""How texts begin and end that the user is made to say."""


def wire(item: Item, ids: IdStyle) -> Item:
    """The item as it is sent: without an id that is malformed, or without any where ids are not sent; those that are
    kept stay as they are (captured: output/image_made)."""
    identity = item.get("id")
    if identity is None:
        return item
    if item["type"] in ids.kept or (ids.minted and _VALID_ID.fullmatch(identity)):
        return item
    return {key: value for key, value in item.items() if key != "id"}


def without_detail(item: Item) -> Item:
    """The item, its images without `detail` (captures/upstream/0.169.0/code_mode/request/images), and an output without
    the texts that are empty (captured: code_mode/text)."""
    for key in ("content", "output"):
        parts = item.get(key)
        if isinstance(parts, list) and any(part.get("type") == "input_image" or _is_blank(part) for part in parts):
            kept = [part for part in parts if key == "content" or not _is_blank(part)]
            return {**item, key: [{k: v for k, v in part.items() if k != "detail"} for part in kept]}
    return item


def _is_blank(part: Item) -> bool:
    return part.get("type") == "input_text" and part.get("text") == ""


def without_original(item: Item) -> Item:
    """The item, its images in high detail where it has them in their original one (captured:
    request/images_other_model)."""
    for key in ("content", "output"):
        parts = item.get(key)
        if isinstance(parts, list) and any(part.get("detail") == "original" for part in parts):
            changed = [{**part, "detail": "high"} if part.get("detail") == "original" else part for part in parts]
            return {**item, key: changed}
    return item


def unanswered(items: list[Item]) -> list[Item]:
    """The calls that have no output."""
    outputs = {item.get("call_id") for item in items if item["type"] in CALLS.values()}
    return [item for item in items if item["type"] in CALLS and item.get("call_id") not in {None, *outputs}]


def paired(items: list[Item], ids: IdStyle, identity: Any) -> list[Item]:
    """`items` with an output `aborted` right after each call that has none, and without outputs whose call is missing.

    `identity(item)` names a made-up output.
    """
    calls = {item.get("call_id") for item in items if item["type"] in CALLS}
    outputs = {item.get("call_id") for item in items if item["type"] in CALLS.values()}
    result: list[Item] = []
    for item in items:
        uncalled = "call_id" not in item and "name" in item
        if item["type"] in CALLS.values() and item.get("call_id") not in calls and not uncalled:
            continue
        result.append(item)
        if item["type"] in CALLS and item.get("call_id") not in {None, *outputs}:
            result.append(aborted_output(item, ids, identity(item)))
    return result


def search_query(action: Mapping[str, Any]) -> str:
    """A web search in words: the query, the page, or what was looked for in it."""
    match action.get("type"):
        case "search":
            queries = action.get("queries") or ()
            first = action.get("query") or (queries[0] if queries else "")
            return f"{first} ..." if first and len(queries) > 1 and not action.get("query") else str(first)
        case "open_page":
            return str(action.get("url") or "")
        case "find_in_page":
            url, pattern = action.get("url"), action.get("pattern")
            if pattern is None:
                return url or ""
            return f"'{pattern}'" if url is None else f"'{pattern}' in {url}"
    return ""
