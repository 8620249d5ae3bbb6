"""Ids of responses and items: a prefix and 128 random bits."""

from __future__ import annotations

import os

__all__ = ["item_id"]


def item_id(prefix: str) -> str:
    """A new id."""
    return f"{prefix}_{os.urandom(16).hex()}"
