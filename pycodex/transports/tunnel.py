"""Connections to a proxy, and tunnels through it: of an https provider, and of a WebSocket whatever the scheme."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pycodex.records import dataclass
from pycodex.transports.base import TransportError
from pycodex.transports.http1 import parse_head

if TYPE_CHECKING:
    import ssl

__all__ = ["WEBSOCKET_HEAD", "Via", "hang_up", "login", "open_tunnel", "reach", "tunnel_head", "tunnels"]

WEBSOCKET_HEAD = (("Proxy-Connection", "Keep-Alive"), ("Proxy-Authorization", "{login}"))
"""What a tunnel of a WebSocket is asked for with, in both versions (captured: faults/tunnel_websocket)."""

_FAILED = "URL error: Proxy connection failed: HTTP CONNECT "
_PORTS = {"http": 80, "https": 443}
_LONGEST_HEAD = 64 * 1024

Head = Sequence[tuple[str, str]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, kw_only=True)
class Via:
    """The way through a proxy. `head` asks for a tunnel; `tls` is what an https proxy is checked against."""

    proxy: str
    head: tuple[tuple[str, str], ...] = ()
    tls: ssl.SSLContext | None = None


def tunnels(proxy: str) -> bool:
    """Whether the proxy is one that a tunnel can be asked of: no SOCKS, no TLS to the proxy itself."""
    return proxy.startswith("http://")


def login(proxy: str) -> str | None:
    """The value of proxy-authorization, if the proxy's address has a name."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def tunnel_head(template: Head, proxy: str, request: Head = ()) -> tuple[tuple[str, str], ...]:
    """The head that a tunnel is asked for with: a template's `{login}` and the request's `{user_agent}` where known."""
    agent = next((value for name, value in request if name.lower() == "user-agent"), None)
    known = {"{login}": login(proxy), "{user_agent}": agent}
    filled = ((name, known.get(value, value)) for name, value in template)
    return tuple((name, value) for name, value in filled if value is not None)


async def reach(via: Via) -> Streams:
    """A connection to the proxy itself. Raises OSError, EOFError, TransportError."""
    parts = urlsplit(via.proxy)
    if parts.scheme not in _PORTS:
        raise TransportError("connect", f"there is no way through a proxy of {parts.scheme}")
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    reader, writer = await asyncio.open_connection(host, port, limit=_LONGEST_HEAD)
    if parts.scheme == "https" and via.tls is not None:
        from pycodex.transports.tls import start_tls

        try:
            await start_tls(writer, via.tls, host)
        except BaseException:
            writer.close()
            raise
    return reader, writer


async def open_tunnel(host: str, port: int, via: Via) -> Streams:
    """A connection to `host`. Raises OSError when the proxy is not there, TransportError when it will not."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", *(f"{name}: {value}" for name, value in (("Host", target), *via.head))]
    reader, writer = await reach(via)
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
