"""Identifiers, in the kinds that codex-cli uses on the wire.

Threads, turns and items carry UUIDv7 (time-ordered), an installation carries a UUIDv4, outputs that are made
up for an orphan call carry a UUIDv5, and one chunk of a command's output carries six hex digits. The standard
modules `uuid` and `secrets` would do it too, and cost a tenth of the start.
"""

from __future__ import annotations

import os
import threading
import time

__all__ = ["chunk_id", "sha1", "uuid4", "uuid5", "uuid7"]

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
            _last_counter = _bits(_COUNTER_BITS - 1)
        else:
            _last_counter += 1
            if _last_counter >> _COUNTER_BITS:
                _last_ms += 1
                _last_counter = _bits(_COUNTER_BITS - 1)
        ms, counter = _last_ms, _last_counter
    rand_a = counter >> 30  # 12 bits
    rand_b = ((counter & ((1 << 30) - 1)) << 32) | _bits(32)  # 62 bits
    value = (ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b
    return _written(value)


def uuid4() -> str:
    """A new random UUIDv4."""
    return _written(_versioned(_bits(128), 4))


def uuid5(namespace: str, name: str) -> str:
    """The UUIDv5 of `name` inside the UUID `namespace`. Raises ValueError when `namespace` is not a UUID."""
    space = namespace.replace("-", "")
    if len(space) != 32:
        raise ValueError(f"badly formed UUID: {namespace!r}")
    digest = sha1(bytes.fromhex(space) + name.encode())
    return _written(_versioned(int.from_bytes(digest[:16], "big"), 5))


def chunk_id() -> str:
    """Six random lower-case hex digits, as printed after `Chunk ID: `."""
    return os.urandom(3).hex()


def sha1(data: bytes) -> bytes:
    """The SHA-1 digest, without hashlib, which loads OpenSSL."""
    try:
        from _sha1 import sha1 as made  # type: ignore[import-not-found]
    except ImportError:  # an interpreter that was built without it
        from hashlib import sha1 as made
    return bytes(made(data).digest())


def _bits(count: int) -> int:
    """A random number of that many bits."""
    size = -(-count // 8)
    return int.from_bytes(os.urandom(size), "big") >> (8 * size - count)


def _versioned(value: int, version: int) -> int:
    """`value` with the bits of version and variant set (RFC 9562, section 4)."""
    value &= ~(0xF << 76 | 0b11 << 62)
    return value | version << 76 | 0b10 << 62


def _written(value: int) -> str:
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
