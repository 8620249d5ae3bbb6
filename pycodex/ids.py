"""Identifiers, in the kinds that codex-cli uses on the wire.

Threads, turns and items carry UUIDv7 (time-ordered), an installation carries a UUIDv4, outputs that are made
up for an orphan call carry a UUIDv5, and one chunk of a command's output carries six hex digits.
"""

from __future__ import annotations

import secrets
import threading
import time
import uuid

__all__ = ["chunk_id", "uuid4", "uuid5", "uuid7"]

_lock = threading.Lock()
_last_ms = 0
_last_counter = 0

_COUNTER_BITS = 42
"""How many bits after the version/variant count up inside one millisecond (RFC 9562, section 6.2, method
1)."""


def uuid7() -> str:
    """A new UUIDv7. Two calls in one process never go backwards, also inside one millisecond."""
    global _last_ms, _last_counter
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms = now
            # The top bit of the seed stays clear, so that the counter has room before it would overflow.
            _last_counter = secrets.randbits(_COUNTER_BITS - 1)
        else:
            _last_counter += 1
            if _last_counter >> _COUNTER_BITS:
                _last_ms += 1
                _last_counter = secrets.randbits(_COUNTER_BITS - 1)
        ms, counter = _last_ms, _last_counter
    rand_a = counter >> 30  # 12 bits
    rand_b = ((counter & ((1 << 30) - 1)) << 32) | secrets.randbits(32)  # 62 bits
    value = (ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b
    return str(uuid.UUID(int=value))


def uuid4() -> str:
    """A new random UUIDv4."""
    return str(uuid.uuid4())


def uuid5(namespace: str, name: str) -> str:
    """The UUIDv5 of `name` inside the UUID `namespace`. Raises ValueError when `namespace` is not a UUID."""
    return str(uuid.uuid5(uuid.UUID(namespace), name))


def chunk_id() -> str:
    """Six random lower-case hex digits, as printed after `Chunk ID: `."""
    return secrets.token_hex(3)
