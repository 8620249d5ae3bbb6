"""What a client carries for us in `encrypted_content`: it gives the text back unread in its next request.

What the provider of a model encrypted is passed on as it is, both ways: in `reasoning_details`, as gateways have it.
codex-cli keeps no text of a reasoning item, only its summary and `encrypted_content`; so what a chat model thought
travels in there, with the name of the field it came in. The text is the client's own: it is encoded, not encrypted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["encrypted", "passed", "seal", "unseal"]

_MARK = "chat-layer-1:"
_ENCRYPTED = "reasoning.encrypted"


def seal(kind: str, value: Mapping[str, Any]) -> str:
    """An `encrypted_content` of ours; `kind`: reasoning, compaction."""
    text = json.dumps({"kind": kind, **value}, ensure_ascii=False, separators=(",", ":"))
    return _MARK + base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def encrypted(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The details of a reasoning item that somebody else encrypted."""
    data, identity = item.get("encrypted_content"), item.get("id")
    if not isinstance(data, str) or not data:
        return []
    return [{"type": _ENCRYPTED, "data": data, **({"id": identity} if isinstance(identity, str) else {})}]


def passed(details: list[dict[str, Any]]) -> str | None:
    """What somebody else encrypted, where the details are that and nothing else."""
    if len(details) != 1 or details[0].get("type") != _ENCRYPTED:
        return None
    data = details[0].get("data")
    return data if isinstance(data, str) else None


def unseal(kind: str, text: Any) -> dict[str, Any] | None:
    """What was sealed; None for what is not ours, or of another kind."""
    if not isinstance(text, str) or not text.startswith(_MARK):
        return None
    try:
        value = json.loads(base64.b64decode(text[len(_MARK) :], validate=True).decode("utf-8", "surrogatepass"))
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get("kind") == kind else None
