"""WebSocket frames (RFC 6455) and their compression (RFC 7692), the client's side; no I/O. Errors are ValueError."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from pycodex.records import dataclass

if TYPE_CHECKING:
    import zlib

__all__ = ["Deflate", "Message", "MessageReader", "frame"]

_TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_KINDS: dict[int, Literal["text", "binary", "close", "ping", "pong"]] = {
    _TEXT: "text",
    _BINARY: "binary",
    _CLOSE: "close",
    _PING: "ping",
    _PONG: "pong",
}
_OPCODES: dict[str, int] = {kind: opcode for opcode, kind in _KINDS.items()}
_TAIL = b"\x00\x00\xff\xff"
"""What a compressed message leaves out at its end (RFC 7692, 7.2.1)."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A whole message of the peer."""

    kind: Literal["text", "binary", "close", "ping", "pong"]
    data: bytes

    @property
    def text(self) -> str:
        """Of a text message."""
        return self.data.decode(errors="replace")


class Deflate:
    """permessage-deflate as the server accepted it."""

    def __init__(self, parameters: str) -> None:
        """`parameters`: the accepted extension without its name, as it stands in the header."""
        names = dict(part.strip().partition("=")[::2] for part in parameters.split(";") if part.strip())
        self._forget_ours = "client_no_context_takeover" in names
        self._forget_theirs = "server_no_context_takeover" in names
        self._our_bits = int(names.get("client_max_window_bits") or 15)
        self._ours: zlib._Compress | None = None
        self._theirs: zlib._Decompress | None = None

    def compress(self, data: bytes) -> bytes:
        """One message, compressed."""
        import zlib

        if self._ours is None:
            self._ours = zlib.compressobj(wbits=-max(self._our_bits, 9))
        done = self._ours.compress(data) + self._ours.flush(zlib.Z_SYNC_FLUSH)
        if self._forget_ours:
            self._ours = None
        return done.removesuffix(_TAIL)

    def decompress(self, data: bytes) -> bytes:
        """One message, as it was."""
        import zlib

        if self._theirs is None:
            self._theirs = zlib.decompressobj(wbits=-15)
        try:
            done = self._theirs.decompress(data + _TAIL)
        except zlib.error as error:
            raise ValueError(f"not a compressed message: {error}") from None
        if self._forget_theirs:
            self._theirs = None
        return done


def frame(kind: str, data: bytes, deflate: Deflate | None = None, mask: bytes | None = None) -> bytes:
    """A message as one masked frame; `mask` is 4 random bytes unless given."""
    first = 0x80 | _OPCODES[kind]
    if deflate is not None and kind == "text":
        first, data = first | 0x40, deflate.compress(data)
    size = len(data)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 1 << 16:
        length = bytes([0x80 | 126]) + size.to_bytes(2)
    else:
        length = bytes([0x80 | 127]) + size.to_bytes(8)
    mask = os.urandom(4) if mask is None else mask
    return bytes([first]) + length + mask + _masked(data, mask)


def _masked(data: bytes, mask: bytes) -> bytes:
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(len(data))


class MessageReader:
    """Feed what arrives, get the messages that are whole."""

    def __init__(self, deflate: Deflate | None = None) -> None:
        self._deflate = deflate
        self._buffer = bytearray()
        self._parts: list[bytes] = []
        self._kind: Literal["text", "binary", "close", "ping", "pong"] | None = None
        self._compressed = False

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes. Raises ValueError for what is no WebSocket."""
        self._buffer += data
        found = []
        while (taken := self._frame()) is not None:
            message = self._join(*taken)
            if message is not None:
                found.append(message)
        return found

    def _frame(self) -> tuple[int, bytes] | None:
        """First byte and payload of the next frame, None while it is not all there."""
        have = self._buffer
        if len(have) < 2:
            return None
        if have[1] & 0x80:
            raise ValueError("a frame of the server is masked")
        size, start = have[1] & 0x7F, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            start += width
            if len(have) < start:
                return None
            size = int.from_bytes(have[2:start])
        if len(have) < start + size:
            return None
        first, payload = have[0], bytes(have[start : start + size])
        del have[: start + size]
        return first, payload

    def _join(self, first: int, payload: bytes) -> Message | None:
        """The message that this frame completes."""
        opcode, last, compressed = first & 0x0F, bool(first & 0x80), bool(first & 0x40)
        if opcode & 0x8:
            if opcode not in _KINDS or not last:
                raise ValueError(f"not a control frame: {first:#x}")
            return Message(kind=_KINDS[opcode], data=payload)
        if opcode:
            if opcode not in _KINDS or self._kind is not None or (compressed and self._deflate is None):
                raise ValueError(f"not a first frame: {first:#x}")
            self._kind, self._compressed, self._parts = _KINDS[opcode], compressed, []
        elif self._kind is None:
            raise ValueError("a message goes on that has not begun")
        self._parts.append(payload)
        if not last:
            return None
        kind, data = self._kind, b"".join(self._parts)
        self._kind = None
        if self._compressed and self._deflate is not None:
            data = self._deflate.decompress(data)
        assert kind is not None
        return Message(kind=kind, data=data)
