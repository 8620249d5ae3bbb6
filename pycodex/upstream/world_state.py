"""The state that a thread's context expresses, as rollouts keep it: hashes of texts, merge patches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pycodex.ids import sha1

__all__ = ["apply_patch", "fragment_hash", "json_hash", "merge_patch", "state_records"]

_DOMAIN = b"codex-world-state-fragment-v1\0"


def fragment_hash(role: str, text: str) -> str:
    """SHA-1 over a domain word, then role and text, each preceded by its length in bytes (64 bit, big-endian).

    Checked against the permissions of three sandbox modes (captures of 0.169.0). CRLF counts as LF.
    """
    block = _DOMAIN
    for value in (role, text):
        data = value.replace("\r\n", "\n").encode()
        block += len(data).to_bytes(8, "big") + data
    return sha1(block).hex()


def json_hash(value: Mapping[str, Any]) -> str:
    """SHA-1 of the value as compact JSON with sorted keys (checked against captures: top_level_tools)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha1(text.encode()).hex()


def merge_patch(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The RFC 7386 patch from `old` to `new`: first what is gone (null), then what changed; {} when nothing did."""
    patch: dict[str, Any] = {key: None for key in sorted(old) if key not in new}
    for key, value in new.items():
        if key in old and old[key] == value:
            continue
        before = old.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            patch[key] = merge_patch(before, value)
        else:
            patch[key] = value
    return patch


def apply_patch(state: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """`state` with an RFC 7386 `patch` applied."""
    result = dict(state)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            before = result.get(key)
            result[key] = apply_patch(before if isinstance(before, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def state_records(before: Mapping[str, Any] | None, state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The record of what is other than `before`; none where nothing is."""
    changed = state if before is None else merge_patch(before, state)
    return [{"type": "world_state", "payload": {"full": before is None, "state": changed}}] if changed else []
