"""zstd, where this Python has it: 3.14 itself, others with the extra `compression`.

codex-cli compresses what it sends to OpenAI with ChatGPT's tokens (captured: request/compressed). A server takes bodies
as they are, too, so without a library they are sent so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

__all__ = ["FEATURE", "squeezer"]

FEATURE = "enable_request_compression"


@cache
def squeezer() -> Callable[[bytes], bytes] | None:
    """What compresses a body, if anything can."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            compress: Callable[[bytes], bytes] = import_module(name).compress
        except ModuleNotFoundError:
            continue
        return compress
    return None
