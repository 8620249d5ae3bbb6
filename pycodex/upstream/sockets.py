"""Responses over a WebSocket: what of it is a matter of the Dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Header

__all__ = ["WebSocketStyle", "always", "as_a_feature"]

_FEATURES = ("responses_websockets", "responses_websockets_v2")


@dataclass(frozen=True, kw_only=True)
class WebSocketStyle:
    """Responses over a WebSocket: when, the head of the upgrade, the body of a request, the words for what breaks."""

    enabled: Callable[[Settings], bool]
    """For a provider that supports them."""
    headers: tuple[Header, ...]
    """In the order in which they are put together; see `ResponsesSocket` for that on the wire."""
    keys: tuple[str, ...]
    """Of the body, after `type`."""
    client_metadata: tuple[tuple[str, str], ...]
    """As BodyStyle.client_metadata."""
    lost: frozenset[str]
    """Codes of error events that mean: ask again on another connection."""
    connect_log: str
    """For a connection that does not come about; may use {reason} {url} {stage}."""
    log_target: str = "codex_api::endpoint::responses_websocket"
    given_up: str = "Falling back from WebSockets to HTTPS transport. {message}"
    """The warning before POST."""
    closed: str = "websocket closed by server before response.completed"
    cut: str = "WebSocket protocol error: Connection reset without closing handshake"
    broken: str = "IO error: {reason}"
    binary: str = "unexpected binary websocket event"
    idle: str = "idle timeout waiting for websocket"
    timeout: str = "request timed out"


def always(settings: Settings) -> bool:
    """In each run."""
    return True


def as_a_feature(settings: Settings) -> bool:
    """Where one of two features is on, which they are not by default."""
    return any(settings.config.features.get(name, False) for name in _FEATURES)
