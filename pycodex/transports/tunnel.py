"""A connection through an HTTP proxy, for a WebSocket: a tunnel whatever the scheme (measured on both versions)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from urllib.parse import unquote, urlsplit

from pycodex.transports.base import TransportError
from pycodex.transports.http1 import parse_head

__all__ = ["hang_up", "open_tunnel", "tunnels"]

_FAILED = "URL error: Proxy connection failed: HTTP CONNECT "
_HTTP_PORT = 80
_LONGEST_HEAD = 64 * 1024


def tunnels(proxy: str) -> bool:
    """Whether the proxy is one that a tunnel can be asked of: no SOCKS, no TLS to the proxy itself."""
    return proxy.startswith("http://")


async def open_tunnel(host: str, port: int, proxy: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to `host`. Raises OSError when the proxy is not there, TransportError when it will not."""
    parts = urlsplit(proxy)
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", "Proxy-Connection: Keep-Alive"]
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}")
    reader, writer = await asyncio.open_connection(parts.hostname or "", parts.port or _HTTP_PORT, limit=_LONGEST_HEAD)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        answer = parse_head((await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n"))
        if not 200 <= answer.status < 300:
            raise TransportError("protocol", f"{_FAILED}failed with status {answer.status}")
        return reader, writer
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        await hang_up(writer)
        raise TransportError("protocol", f"{_FAILED}response missing status line") from None
    except BaseException:
        await hang_up(writer)
        raise


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, and wait until it is."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
