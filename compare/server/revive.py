"""A recorded request -> one that can be sent again. Pure but for the clock and the dice of a `Fresh`.

A recording holds placeholders where the wire had ids, times and places; each gets a value of its kind again, the same
one for the same placeholder.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fake_server.items import compact

__all__ = ["Fresh", "Sendable", "revive"]

_PLACEHOLDER = re.compile(
    r"<(uuid\d|chunk|session|hex|unix|time|today|len|websocket|fragment_hash)(?::[a-z0-9_.:]+)?>Z?"
)
_FIXED = {"<root>": "/home/user/project", "<tz>": "Etc/UTC", "(<os>; <arch>)": "(Debian 12.0.0; x86_64)", "<pid>": "1"}
_LEFT_OUT = ("host", "content-length", "connection", "upgrade", "authorization")
_WEBSOCKET = "sec-websocket-"
_PACKED = "$json"


@dataclass(frozen=True, kw_only=True)
class Sendable:
    """A request to send: method, path below the base URL (`/responses`), head without what frames it, body."""

    method: str
    path: str
    head: tuple[tuple[str, str], ...]
    body: Any = None


@dataclass(kw_only=True)
class Fresh:
    """Values for placeholders; one object makes one conversation."""

    now: float = field(default_factory=time.time)
    _known: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        for old, new in _FIXED.items():
            text = text.replace(old, new)
        return _PLACEHOLDER.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        name, kind = match.group(), match.group(1)
        if name not in self._known:
            self._known[name] = self._make(kind, name)
        return self._known[name]

    def _make(self, kind: str, name: str) -> str:
        if kind.startswith("uuid"):
            return self._uuid(int(kind[4:]))
        make: Mapping[str, Callable[[], str]] = {
            "chunk": lambda: secrets.token_hex(3),
            "hex": lambda: secrets.token_hex(2),
            "session": lambda: str(10_000 + secrets.randbelow(80_000)),
            "unix": lambda: str(round(self.now * 1000) if ":ms" in name else round(self.now)),
            "time": lambda: datetime.fromtimestamp(self.now, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "today": lambda: f"{datetime.fromtimestamp(self.now, UTC):%Y-%m-%d}",
        }
        return make[kind]() if kind in make else ""

    def _uuid(self, version: int) -> str:
        bits = secrets.randbits(128)
        if version == 7:
            bits = (round(self.now * 1000) << 80) | (bits & ((1 << 80) - 1))
        bits = (bits & ~(0xF << 76)) | (version << 76)
        return str(UUID(int=(bits & ~(0x3 << 62)) | (0x2 << 62)))


def revive(recorded: Mapping[str, Any], fresh: Fresh, *, model: str | None = None) -> Sendable:
    """The request as it can be sent; `model` replaces the recorded one wherever it stands as a value."""
    body = recorded["body"]
    asked = body.get("model") if isinstance(body, dict) else None
    swap = {str(asked): model} if asked and model else {}
    head = tuple(
        (name, str(_value(value, fresh, swap)))
        for name, value in recorded["head"]
        if name.lower() not in _LEFT_OUT and not name.lower().startswith(_WEBSOCKET)
    )
    path = recorded["target"].partition("?")[0].removeprefix("/v1")
    return Sendable(method=recorded["method"], path=path, head=head, body=_value(body, fresh, swap))


def _value(value: Any, fresh: Fresh, swap: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        if value in ("<unix:ms>", "<unix:s>"):
            return int(fresh.text(value))
        if value == "<unix:float>":
            return fresh.now
        return fresh.text(swap.get(value, value))
    if isinstance(value, list):
        return [_value(item, fresh, swap) for item in value]
    if isinstance(value, dict):
        if set(value) == {_PACKED}:
            return compact(_value(value[_PACKED], fresh, swap))
        return {fresh.text(key): _value(item, fresh, swap) for key, item in value.items()}
    return value
