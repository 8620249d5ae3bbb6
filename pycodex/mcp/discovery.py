"""How one logs in to a server that is given no credentials: asked for, as codex-cli asks, at each of the addresses
where a server may say so (captured: mcp_http/plain_head)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pycodex.mcp.http import SENDING
from pycodex.mcp.http_heads import PROTOCOL, request_head
from pycodex.transports.base import TransportError
from pycodex.transports.http import HttpTransport

if TYPE_CHECKING:
    from pycodex.mcp.http_style import HttpStyle

__all__ = ["ask_for_login"]

_PLACE = "/.well-known/oauth-authorization-server"
_PROTOCOL = "2024-11-05"
_SECONDS = 5.0
_NEEDED = ("authorization_endpoint", "token_endpoint")


async def ask_for_login(
    url: str, style: HttpStyle, configured: Sequence[tuple[str, str]], env: Mapping[str, str], version: str
) -> bool:
    """Whether the server says how one logs in."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    places = [f"{_PLACE}/{path}", f"/{path}{_PLACE}", _PLACE] if path else [_PLACE]
    head = request_head(style, configured, (PROTOCOL,), {PROTOCOL: _PROTOCOL}, version)
    transport = HttpTransport(SENDING, env, keeps_all=True)
    try:
        for place in places:
            address = parts._replace(path=place, fragment="").geturl()
            async with asyncio.timeout(_SECONDS), transport.stream(address, head, b"", method="GET") as answer:
                text = b"".join([chunk async for chunk in answer.chunks])
                if answer.status == 200 and _tells(text):
                    return True
    except (TransportError, TimeoutError):
        return False
    finally:
        await transport.aclose()
    return False


def _tells(text: bytes) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and all(isinstance(found.get(name), str) for name in _NEEDED)
