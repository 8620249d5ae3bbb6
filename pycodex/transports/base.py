"""The one seam between the agent and the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from pycodex.records import dataclass

__all__ = ["Response", "Transport", "TransportError", "TransportErrorKind", "TransportStyle"]

TransportErrorKind = Literal["connect", "reset", "tls", "timeout", "protocol", "decode"]


class TransportError(Exception):
    """No answer, or an answer that broke off. `kind`:

    - connect: refused, unreachable or unknown host · tls: the handshake failed · timeout: connecting took too
      long
    - reset: the peer closed or reset the connection before the response head was complete
    - protocol: what came is not HTTP/1.1, or the URL cannot be used
    - decode: the body broke off (reset, short, bad chunk)
    """

    def __init__(self, kind: TransportErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: TransportErrorKind = kind
        self.message = message


@dataclass(frozen=True, kw_only=True)
class TransportStyle:
    """The texts of transport errors; `{url}` is the request's URL."""

    send_error: str
    """For every error before the response head is complete."""
    too_many_redirects: str = "too many redirects"
    body_error: str = "error decoding response body"
    tunnel: tuple[tuple[str, str], ...] = (("Proxy-Authorization", "{login}"),)
    """What follows the host where a proxy is asked for a tunnel (captured: faults/proxy_login)."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """The head of an answer, and its body as it arrives (raw: no content decoding). Names of headers are
    lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: AsyncIterator[bytes]

    def header(self, name: str) -> str | None:
        """The first value of that (lower-case) name."""
        return next((value for key, value in self.headers if key == name), None)


class Transport(Protocol):
    """Sends one request at a time per `stream` context; contexts may overlap."""

    def stream(
        self, url: str, head: Sequence[tuple[str, str]], body: bytes, *, method: str = "POST"
    ) -> AbstractAsyncContextManager[Response]:
        """Send, and give the response head; leaving the context closes the connection unless the body was
        read to its end and is not an event stream. `head` goes out in this order and case; ("host", "") and
        ("content-length", "") mark where these two stand and are filled in. Raises TransportError, also while
        the chunks are iterated."""
        ...

    async def aclose(self) -> None:
        """Close kept connections."""
        ...
