"""How one logs in to a server that is given no credentials: asked for, as 0.115.0 asks, at each of the addresses where
a server may say so (captured: mcp_http/bare_old)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pycodex.mcp.http import SENDING
from pycodex.mcp.http_heads import PROTOCOL, configured_lines, request_head
from pycodex.transports.base import TransportError
from pycodex.transports.http import HttpTransport

if TYPE_CHECKING:
    from pycodex.mcp.configured import ServerConfig
    from pycodex.settings import Settings

__all__ = ["ask_for_logins"]

Head = Sequence[tuple[str, str]]

_PLACE = "/.well-known/oauth-authorization-server"
_PROTOCOL = "2024-11-05"
_SECONDS = 5.0
_NEEDED = ("authorization_endpoint", "token_endpoint")


async def ask_for_logins(servers: Sequence[ServerConfig], settings: Settings) -> None:
    """Ask each server at a URL that is given no credentials, also one that is switched off. Upstream does so before it
    starts any, and nothing comes of what it learns (captured: mcp_http/login_asked_first, mcp_http/switched_off)."""
    style, env, version = settings.dialect.mcp().http, settings.environment, settings.dialect.version
    lines = {config.name: configured_lines(config, env) for config in servers}
    asked = [
        (config.url, request_head(style, lines[config.name], (PROTOCOL,), {PROTOCOL: _PROTOCOL}, version))
        for config in servers
        if config.url is not None and config.bearer_variable is None and "authorization" not in dict(lines[config.name])
    ]
    await asyncio.gather(*(_ask_everywhere(url, head, env) for url, head in asked))


async def _ask_everywhere(url: str, head: Head, env: Mapping[str, str]) -> None:
    parts = urlsplit(url)
    path = parts.path.strip("/")
    places = [f"{_PLACE}/{path}", f"/{path}{_PLACE}", _PLACE] if path else [_PLACE]
    transport = HttpTransport(SENDING, env, keeps_all=True)
    try:
        for place in places:
            if await _tells(transport, parts._replace(path=place, fragment="").geturl(), head):
                return
    finally:
        await transport.aclose()


async def _tells(transport: HttpTransport, address: str, head: Head) -> bool:
    """Whether one address says how; one that does not answer does not keep us from the next."""
    try:
        async with asyncio.timeout(_SECONDS), transport.stream(address, head, b"", method="GET") as answer:
            text = b"".join([chunk async for chunk in answer.chunks])
    except (TransportError, TimeoutError):
        return False
    return answer.status == 200 and _says_how(text)


def _says_how(text: bytes) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and all(isinstance(found.get(name), str) for name in _NEEDED)
