"""Faults of a connection: the table of kinds. To add one, write a row and, unless it is the port's, what it does.

A script says `fault: {kind: reset, after: 3}` beside an answer: what happens once so many events are written (without
`after`: in place of the response head). A fault of the port stands alone, in an answer's place. `until` names a gate
that ends the fault; without it the fault lasts. A capture proxy would hide all of this, so such scenarios are
`via: direct`.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

__all__ = ["FAULTS", "Fault", "FaultKind", "Gates", "rest"]

Act = Callable[[asyncio.Transport, asyncio.Event], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault of a script: a row of FAULTS, after so many events (None: before the head), until a gate opens."""

    kind: str
    after: int | None = None
    until: str | None = None


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """What a kind of fault is.

    act       what is done to the connection, given the gate's event; None for a fault of the port: nobody listens
    gated     whether a gate may end it
    finishes  whether the response is then ended as if it were complete
    """

    act: Act | None = None
    gated: bool = False
    finishes: bool = False


class Gates:
    """Named moments that somebody else knows of: whoever drives the client opens them."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def event(self, name: str | None) -> asyncio.Event:
        """Set once the gate is open; without a name never."""
        return asyncio.Event() if name is None else self._events.setdefault(name, asyncio.Event())

    def open(self, name: str) -> None:
        self.event(name).set()

    def is_open(self, name: str | None) -> bool:
        return self.event(name).is_set()


async def _reset(transport: asyncio.Transport, gate: asyncio.Event) -> None:
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() then sends RST
    transport.abort()


async def _close(transport: asyncio.Transport, gate: asyncio.Event) -> None:
    transport.close()


async def _end(transport: asyncio.Transport, gate: asyncio.Event) -> None:
    """Nothing is done: what follows is the end of the response."""


async def rest(transport: asyncio.Transport, gate: asyncio.Event) -> None:
    """Nothing is sent until the gate is open, or the client gone."""
    while not gate.is_set() and not transport.is_closing():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(gate.wait(), 0.02)


FAULTS: Mapping[str, FaultKind] = {
    "refuse": FaultKind(gated=True),
    "reset": FaultKind(act=_reset),
    "close": FaultKind(act=_close),
    "end": FaultKind(act=_end, finishes=True),
    "stall": FaultKind(act=rest, gated=True, finishes=True),
}
"""refuse: nobody listens · reset: RST · close: FIN, the response is cut · end: the response ends early, in good order ·
stall: nothing more comes. (A slow answer is no fault: `delay_ms` and `chunking`.)"""
