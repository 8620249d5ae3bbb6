"""Whether a provider that supports WebSockets is spoken to over one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["always", "as_a_feature"]

_FEATURES = ("responses_websockets", "responses_websockets_v2")


def always(settings: Settings) -> bool:
    """In each run."""
    return True


def as_a_feature(settings: Settings) -> bool:
    """Where one of two features is on, which they are not by default."""
    return any(settings.config.features.get(name, False) for name in _FEATURES)
