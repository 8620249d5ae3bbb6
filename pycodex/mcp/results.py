"""What a server answers to a call, as codex-cli's client reads it: known fields in its order, the rest left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.protocol import Item
from pycodex.request import compact

__all__ = [
    "UnexpectedResponse",
    "call_result",
    "contents_of",
    "ordered",
    "plain_output",
    "result_for_code",
    "told_output",
    "whole_result",
    "without_audio",
]


class UnexpectedResponse(Exception):
    """The answer is not one of a call."""


_RESOURCE = ("uri", "name", "title", "description", "mimeType", "size", "icons", "_meta")
RESOURCE_KEYS = (*_RESOURCE, "annotations")
TEMPLATE_KEYS = ("uriTemplate", "name", "title", "description", "mimeType", "icons", "_meta", "annotations")
_BLOCKS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "_meta"),
    "image": ("data", "mimeType", "_meta"),
    "audio": ("data", "mimeType"),
    "resource": ("_meta", "resource"),
    "resource_link": _RESOURCE,
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "image": ("data", "mimeType"),
    "audio": ("data", "mimeType"),
    "resource": (),
    "resource_link": ("uri", "name"),
}
_AUDIO_LEFT_OUT = "<audio content omitted because you do not support audio input>"


def ordered(value: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """The fields of those names that have a value, in that order."""
    return {key: value[key] for key in keys if value.get(key) is not None}


def contents_of(value: Any) -> dict[str, Any]:
    """What a resource holds: a text or a blob. Raises UnexpectedResponse."""
    if isinstance(value, Mapping) and isinstance(value.get("uri"), str):
        for kind in ("text", "blob"):
            if isinstance(value.get(kind), str):
                return ordered(value, ("uri", "mimeType", kind, "_meta"))
    raise UnexpectedResponse


def _block(value: Any) -> dict[str, Any]:
    kind = str(value.get("type")) if isinstance(value, Mapping) else ""
    if kind not in _BLOCKS or not all(isinstance(value.get(key), str) for key in _NEEDED[kind]):
        raise UnexpectedResponse
    block = {"type": kind, **ordered(value, _BLOCKS[kind])}
    if kind == "resource":
        block["resource"] = contents_of(value.get("resource"))
    return {**block, **ordered(value, ("annotations",))}


def call_result(value: Any, *, empty: bool) -> dict[str, Any]:
    """The result of a call (captured: mcp/results). `empty`: whether no content and nothing else is one. Raises
    UnexpectedResponse."""
    if not isinstance(value, Mapping):
        raise UnexpectedResponse
    content, structured = value.get("content"), value.get("structuredContent")
    if not isinstance(content, list):
        if content is not None or structured is None:
            raise UnexpectedResponse
        content = []
    if not content and structured is None and not empty:
        raise UnexpectedResponse
    result: dict[str, Any] = {"content": [_block(each) for each in content]}
    if "structuredContent" in value:
        result["structuredContent"] = structured
    return {**result, **ordered(value, ("isError", "_meta"))}


def _image_url(block: Mapping[str, Any]) -> str:
    data = block["data"]
    return data if data.startswith("data:") else f"data:{block['mimeType']};base64,{data}"


def plain_output(result: Mapping[str, Any]) -> str | list[Item]:
    """For the model: structured content, or the blocks as JSON, unless there is an image among them (0.115.0)."""
    if result.get("structuredContent") is not None:
        return compact(result["structuredContent"])
    content = result["content"]
    if not any(block["type"] == "image" for block in content):
        return compact(content)
    return [_part(block) for block in content]


def told_output(result: Mapping[str, Any]) -> str | list[Item]:
    """For the model: structured content as a text, or a part for each block (0.169.0)."""
    if result.get("structuredContent") is not None:
        return compact(result["structuredContent"])
    return [_part(block) for block in without_audio(result)["content"]]


def whole_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """What code of 0.115.0 gets of a result (captured: code_mode/old_modules, code_mode/old_mcp)."""
    return {key: value for key, value in result.items() if (key, value) != ("structuredContent", None)}


def result_for_code(result: Mapping[str, Any]) -> dict[str, Any]:
    """What code of 0.169.0 gets of a result (captured: code_mode/mcp)."""
    return {key: result[key] for key in ("content", "structuredContent", "isError") if key in result}


def without_audio(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result with a text in place of what cannot be heard."""
    left_out = {"type": "text", "text": _AUDIO_LEFT_OUT}
    return {**result, "content": [left_out if each["type"] == "audio" else each for each in result["content"]]}


def _part(block: Mapping[str, Any]) -> Item:
    if block["type"] == "image":
        return {"type": "input_image", "image_url": _image_url(block)}
    text = block["text"] if block["type"] == "text" else compact(block)
    return {"type": "input_text", "text": text}
