"""What is known of a chat/completions backend: where it is, whose key it is given, and what it has no word for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pycodex.records import dataclass, field
from pycodex.responses_server.errors import LayerError

__all__ = ["Backend", "backend_url"]


def backend_url(given: str) -> str:
    """The base of a backend's paths: an address without a path means its `/v1`. Raises ValueError."""
    text = given.strip()
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"`{given}` is not an address like http://127.0.0.1:8000")
    _ = parts.port  # raises ValueError where it is no number
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit(parts._replace(path=path or "/v1", fragment=""))


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One backend. Everything but the address has a default that suits local servers."""

    url: str
    """Base of its paths (see `backend_url`)."""
    key: str | None = None
    """The credential it is given in place of the client's."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """More headers, names in lower case."""
    model: str | None = None
    """The model that is asked, whatever the client names."""
    developer_role: Literal["system", "developer", "user"] = "system"
    """What becomes of instructions and developer messages.

    - system: those at the beginning are one system message, later ones are system messages (chat templates know no
      developer, and most want one system message, at the beginning)
    - user: as system, but later ones are user messages
    - developer: each stays what it is
    """
    reasoning_field: str = "reasoning_content"
    """Where an assistant message holds what was thought, if the reasoning does not say where it came from."""
    max_tokens_field: str = "max_tokens"

    def path(self, name: str) -> str:
        """The URL of `name` below the base; a query of the base stays."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))

    def head(self, authorization: str | None) -> tuple[tuple[str, str], ...]:
        """The request head: the configured credential, or else the client's own. Raises LayerError."""
        if self.key is not None:
            authorization = f"Bearer {self.key}"
        for value in (authorization or "", *self.headers.values()):
            if not value.isascii() or any(ord(character) < 0x20 for character in value):
                raise LayerError("A header for the backend has characters that no header may have.")
        lines = {
            "accept": "text/event-stream, application/json",
            "content-type": "application/json",
            **({"authorization": authorization} if authorization else {}),
            "user-agent": "pycodex-responses-server",
            **self.headers,
        }
        return (*lines.items(), ("host", ""), ("content-length", ""))
