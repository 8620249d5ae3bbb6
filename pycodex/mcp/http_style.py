"""What differs between versions of codex-cli in MCP over HTTP: a part of McpStyle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.mcp.http_failures import Judge
    from pycodex.transports.base import TransportError

__all__ = ["HttpStyle"]


@dataclass(frozen=True, kw_only=True)
class HttpStyle:
    """Texts may use the fields that stand in braces."""

    capabilities: Mapping[str, Any]
    transport: str
    """What the client's own transport is called in errors."""
    user_agent: str | None
    """{version}; None: there is none."""
    tells_protocol: bool
    """Whether the version of the protocol stands in the head once it is known."""
    own_first: bool
    """Whether what is configured stands behind the lines of the request, and gives way to them."""
    post_order: tuple[str, ...]
    """The lines of the request that carries a message."""
    judge: Judge
    unsent: Callable[[str, TransportError], tuple[str, str]]
    """A request to a URL that could not be sent, in words and in Rust's debug form."""
    bad_token: tuple[str, str]
    """A token that cannot stand in a head, likewise."""
    retries: tuple[float, ...]
    """Seconds before the start is tried again where the server is not there, or has something wrong with it."""
    serial: bool
    """Whether a message waits until the one before it is answered."""
    resumes: bool
    """Whether a stream of events that ends is taken up again, where it has ids."""
    handshake_timeout: str
    """{seconds}"""
    timeout_told: bool
    """Whether the log has the request that a start waits for in vain."""
    listening_refused: str
    """{url} {status} {class} {reason}"""
    end_refused: str
    """{url} {status} {class} {reason} {session}"""
    not_logged_in: str | None
    """What people are told of a server that wants a login: {name}. None: what they are told of any other failure."""
    login_result: bool
    """Whether a call that wants a login has a result that says so."""
    discovers: bool
    """Whether a server without credentials is asked how one logs in."""
