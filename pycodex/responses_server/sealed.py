"""What a client carries for us in `encrypted_content`: it gives the text back unread in its next request.

codex-cli keeps no text of a reasoning item, only its summary and `encrypted_content`; so what a chat model thought
travels in there, with the name of the field it came in. The text is the client's own: it is encoded, not encrypted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["seal", "unseal"]

_MARK = "chat-layer-1:"


def seal(kind: str, value: Mapping[str, Any]) -> str:
    """An `encrypted_content` of ours; `kind`: reasoning, compaction."""
    text = json.dumps({"kind": kind, **value}, ensure_ascii=False, separators=(",", ":"))
    return _MARK + base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def unseal(kind: str, text: Any) -> dict[str, Any] | None:
    """What was sealed; None for what is not ours, or of another kind."""
    if not isinstance(text, str) or not text.startswith(_MARK):
        return None
    try:
        value = json.loads(base64.b64decode(text[len(_MARK) :], validate=True).decode("utf-8", "surrogatepass"))
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get("kind") == kind else None
