"""ChatGPT's tokens that a provider refuses: what of their renewal is a matter of the Dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.upstream.dialect import Header

__all__ = ["OTHER_ACCOUNT", "REFUSALS", "REFUSED", "RefreshStyle"]

OTHER_ACCOUNT = (
    "Your access token could not be refreshed because you have since logged out or signed in to another account. "
    "Please sign in again."
)
REFUSED = "Your access token could not be refreshed. Please log out and sign in again."
REFUSALS = {
    "refresh_token_expired": "Your access token could not be refreshed because your refresh token has expired. Please "
    "log out and sign in again.",
    "refresh_token_reused": "Your access token could not be refreshed because your refresh token was already used. "
    "Please log out and sign in again.",
    "refresh_token_invalidated": "Your access token could not be refreshed because your refresh token was revoked. "
    "Please log out and sign in again.",
}
"""Code of a final answer -> what a person is told; any other is REFUSED (captured: faults/token_refused)."""


@dataclass(frozen=True, kw_only=True)
class RefreshStyle:
    """How tokens are refreshed. The texts may use {status} {body}, the headers {originator} {user_agent}."""

    headers: tuple[Header, ...]
    reason: str | None
    """Why, as the request says it."""
    failed: str
    """What a person is told where the server failed."""
    unreadable: str
    """... or where its answer cannot be read."""
    log: tuple[str, str]
    """Target and text of the line in the log."""
    final: tuple[tuple[int | None, str | None], ...]
    """Status and code of an answer after which nobody tries again; None: whatever it is."""
    locks: tuple[str, ...]
    """Files beside auth.json that say that somebody writes it."""
    remembered: bool
    """Whether a token that was refused for good is not shown to the server again."""
