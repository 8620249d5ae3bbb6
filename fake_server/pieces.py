"""The pieces of a `raw` answer: a stream as a script spells it, byte for byte. Pure.

A piece is a text, `{base64: ...}` for bytes that are no text, `{event: {...}}` for the data line of one event, or
`{text: "x", times: 1000000}` for what is too long to be spelled out. On a WebSocket a piece is a message: bytes are
a binary one, an event is its JSON alone.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from fake_server.items import compact

__all__ = ["PieceError", "joined", "messages", "piece_bytes"]


class PieceError(ValueError):
    """A piece that says nothing."""


class _Event(str):
    """The JSON of one event."""


def piece_bytes(piece: str | Mapping[str, Any]) -> bytes | str:
    """A text, the JSON of an event, or bytes; the schema saw to the shape. Raises PieceError."""
    if isinstance(piece, str):
        return piece
    if "base64" in piece:
        try:
            return base64.b64decode(piece["base64"], validate=True)
        except binascii.Error as error:
            raise PieceError(f"not base64: {error}") from None
    if "event" in piece:
        return _Event(compact(piece["event"]))
    return str(piece["text"]) * int(piece["times"])


def joined(pieces: Sequence[bytes | str]) -> tuple[bytes, ...]:
    """What is written to a stream, one write a piece."""
    return tuple(_written(piece) for piece in pieces)


def _written(piece: bytes | str) -> bytes:
    if isinstance(piece, bytes):
        return piece
    return (f"data: {piece}\n\n" if isinstance(piece, _Event) else piece).encode("utf-8", "replace")


def messages(pieces: Sequence[bytes | str]) -> tuple[bytes | str, ...]:
    """What is said over a WebSocket, one message a piece."""
    return tuple(piece if isinstance(piece, bytes) else str(piece) for piece in pieces)
