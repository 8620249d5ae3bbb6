"""The door of a server that speaks TLS: one port for plain requests, TLS, and tunnels that CONNECT asks for.

What comes first on a connection says which it is, so one number stands for a provider at http and at https, and for the
proxy before it. Nothing is read from a socket that whoever gets it next would miss: a CONNECT is read up to its empty
line, and all else is only looked at.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fake_server.certificates import Certificates
from fake_server.faults import FAULTS, Gates
from fake_server.journal import Head, OpenExchange
from fake_server.reply import Reply

__all__ = ["ConnectRequest", "Door"]

_HANDSHAKE_RECORD = b"\x16"
_ALERT = re.compile(r"^(sslv3|tlsv1|tlsv13)_alert_")  # OpenSSL names the version that defined it
_CONNECT = b"C"  # no other method of ours begins so
_LONGEST_HEAD = 64 * 1024

ConnectRequest = tuple[str, str, Head]
"""Target, HTTP version and head of a CONNECT."""


class Door:
    """Takes connections in.

    factory  makes the protocol that serves requests
    admit    finds the reply to a CONNECT: a 200 opens the tunnel
    failed   is told of a handshake that did not come to be: the name that was asked for, and why
    """

    def __init__(
        self,
        factory: Callable[[], asyncio.BaseProtocol],
        certificates: Certificates,
        gates: Gates,
        admit: Callable[[ConnectRequest], Awaitable[tuple[OpenExchange, Reply]]],
        failed: Callable[[str, str], None],
    ) -> None:
        self._factory, self._certificates, self._gates = factory, certificates, gates
        self._admit, self._failed = admit, failed

    async def enter(self, sock: socket.socket) -> None:
        """Serve a connection; returns once a protocol has it, or it is gone."""
        loop = asyncio.get_running_loop()
        try:
            while (first := (await _look(sock))[:1]) == _CONNECT:
                exchange, reply = await self._admit(_parsed(await _read_head(sock)))
                if reply.fault is not None or not 200 <= reply.status < 300:
                    return await self._refuse(sock, exchange, reply)
                exchange.status = reply.status
                await loop.sock_sendall(sock, _written(reply))
            if first != _HANDSHAKE_RECORD:
                await loop.connect_accepted_socket(self._factory, sock)
                return None
        except (OSError, EOFError, ValueError):
            return sock.close()
        await self._shake_hands(sock)

    async def _refuse(self, sock: socket.socket, exchange: OpenExchange, reply: Reply) -> None:
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(asyncio.Protocol, sock)
        if reply.fault is None:
            exchange.status = reply.status
            transport.write(_written(reply))
        elif (act := FAULTS[reply.fault.kind].act) is not None:
            await act(transport, self._gates.event(reply.fault.until))
        transport.close()

    async def _shake_hands(self, sock: socket.socket) -> None:
        asked = [""]
        context = self._certificates.context(asked.append)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._factory, sock, ssl=context)
        except ssl.SSLError as error:
            self._failed(asked[-1], _ALERT.sub("", (error.reason or str(error)).lower()))
        except OSError:
            self._failed(asked[-1], "closed")


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def _look(sock: socket.socket) -> bytes:
    """What has arrived and is still to be read. Raises EOFError where nothing comes any more."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sock, _set, ready)
    try:
        await ready
    finally:
        loop.remove_reader(sock)
    data = sock.recv(_LONGEST_HEAD, socket.MSG_PEEK)
    if not data:
        raise EOFError
    return data


async def _read_head(sock: socket.socket) -> bytes:
    """Everything up to the empty line, which is read, too. Raises EOFError, ValueError."""
    read = b""
    while len(read) < _LONGEST_HEAD:
        seen = read + await _look(sock)
        end = seen.find(b"\r\n\r\n")
        read += sock.recv((len(seen) if end < 0 else end + 4) - len(read))
        if end >= 0:
            return seen[:end]
    raise ValueError("the head of a CONNECT does not end")


def _parsed(head: bytes) -> ConnectRequest:
    """Raises ValueError."""
    first, *lines = head.decode("latin-1").split("\r\n")
    _, target, version = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    return target, version, tuple((name, value.strip()) for name, _, value in pairs)


def _written(reply: Reply) -> bytes:
    """A whole answer to a CONNECT."""
    reason = reply.reason or HTTPStatus(reply.status).phrase
    head = [(name, value) for name, value in reply.head if value is not None]
    if reply.length is not None and reply.status >= 300:
        head.append(("content-length", str(reply.length)))
    lines = [f"HTTP/1.1 {reply.status} {reason}", *(f"{name}: {value}" for name, value in head), "", ""]
    return "\r\n".join(lines).encode("latin-1") + b"".join(reply.writes if reply.status >= 300 else ())
