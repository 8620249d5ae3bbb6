"""What may stand in a request head. Of a header that cannot be sent, nothing is (captured: config/odd_headers)."""

from __future__ import annotations

import re

__all__ = ["valid_name", "valid_value"]

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def valid_name(name: str) -> bool:
    """Whether a header may be called that."""
    return _NAME.fullmatch(name) is not None


def valid_value(value: str) -> bool:
    """Whether a header may say that: anything but control characters, a tab aside, and what is no UTF-8."""
    if _CONTROL.search(value) is not None:
        return False
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
