"""Parts of Responses messages and tool outputs -> the content of chat messages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pycodex.responses_server.errors import LayerError

__all__ = ["Parts", "chat_content", "joined", "read_parts"]

Parts = list[dict[str, Any]]

_TEXTS = {"input_text": "text", "output_text": "text", "text": "text", "summary_text": "text", "reasoning_text": "text"}
_SEALED = "encrypted_content"
_DETAILS = {"auto": "auto", "low": "low", "high": "high", "original": "high"}


def read_parts(content: Any, where: str) -> Parts:
    """The chat parts of a `content` or `output`: a string, or a list of parts. Raises LayerError."""
    if content is None:
        return []
    if isinstance(content, str):
        return [_text(content)]
    if not isinstance(content, Sequence):
        raise LayerError(f"{where} is neither a string nor a list of parts.", code="invalid_type", param=where)
    return [_part(part, f"{where}[{number}]") for number, part in enumerate(content)]


def chat_content(parts: Parts, between: str = "\n\n") -> str | Parts:
    """Texts alone are one string, which every backend reads; with an image or a file the parts stay parts."""
    if all(part["type"] == "text" for part in parts):
        return joined(parts, between)
    return parts


def joined(parts: Parts, between: str) -> str:
    """The texts among the parts."""
    return between.join(part["text"] for part in parts if part["type"] == "text")


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _part(part: Any, where: str) -> dict[str, Any]:
    if isinstance(part, str):
        return _text(part)
    if not isinstance(part, Mapping):
        raise LayerError(f"{where} is not an object.", code="invalid_type", param=where)
    kind = part.get("type")
    if not isinstance(kind, str):
        raise LayerError(f"{where} has no type.", code="invalid_type", param=f"{where}.type")
    if kind in _TEXTS or kind == "refusal":
        text = part.get("refusal" if kind == "refusal" else "text")
        if not isinstance(text, str):
            raise LayerError(f"{where} has no text.", code="invalid_type", param=where)
        return _text(text)
    match kind:
        case "input_image":
            return _image(part, where)
        case "input_file":
            return _file(part, where)
        case "input_audio" if isinstance(part.get("input_audio"), Mapping):
            return {"type": "input_audio", "input_audio": dict(part["input_audio"])}
        case "encrypted_content" if isinstance(part.get(_SEALED), str):
            # What one agent tells another: the model that wrote it wrote it plain (agent_message of codex-cli 0.169.0).
            return _text(part[_SEALED])
    raise LayerError(f"{where}: the backend has nothing like a part of type `{kind}`.", param=f"{where}.type")


def _image(part: Mapping[str, Any], where: str) -> dict[str, Any]:
    url = part.get("image_url")
    if isinstance(url, Mapping):  # as chat has it; some clients send that
        url = url.get("url")
    if not isinstance(url, str) or not url:
        name = "file_id" if part.get("file_id") else "image_url"
        raise LayerError(f"{where}: an image needs its `image_url`; the backend has no files.", param=f"{where}.{name}")
    detail = _DETAILS.get(str(part.get("detail")))
    return {"type": "image_url", "image_url": {"url": url, **({"detail": detail} if detail else {})}}


def _file(part: Mapping[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(part.get("file_data"), str):
        raise LayerError(f"{where}: a file needs its `file_data`; the backend fetches none.", param=where)
    name = {"filename": part["filename"]} if isinstance(part.get("filename"), str) else {}
    return {"type": "file", "file": {**name, "file_data": part["file_data"]}}
