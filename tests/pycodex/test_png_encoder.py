"""PNGs as codex-cli writes them: that they can be read, and the forms that were recorded."""

from __future__ import annotations

import struct
import zlib

import pytest

from pycodex.png_encoder import encode_rgba


def lines_of(png: bytes) -> bytes:
    """What is stored, predicted lines and all."""
    size = int.from_bytes(png[33:37], "big")
    assert png[37:41] == b"IDAT"
    return zlib.decompress(png[41 : 41 + size])


def decoded(width: int, height: int, data: bytes) -> bytes:
    """The pixels of lines whose filter is none or Paeth's, by the definition in the PNG standard."""
    size, out = width * 4, b""
    above = [0] * size
    for at in range(0, len(data), size + 1):
        kind = data[at]
        line: list[int] = []
        for i, value in enumerate(data[at + 1 : at + 1 + size]):
            a, b, c = (line[i - 4] if i >= 4 else 0), above[i], (above[i - 4] if i >= 4 else 0)
            nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line.append((value + (nearest if kind == 4 else 0)) % 256)
        out += bytes(line)
        above = line
    return out


PIXELS = {
    "flat": (300, 7, b"\x10\x20\x30\xff" * 2100),
    "slope": (64, 9, bytes(i * i % 251 for i in range(64 * 9 * 4))),
    "one": (1, 1, b"\1\2\3\4"),
    "stripes": (33, 5, (b"\0\0\0\0" * 9 + b"\xff\0\0\xff" * 2) * 15),
}


@pytest.mark.parametrize(("width", "height", "pixels"), PIXELS.values(), ids=list(PIXELS))
def test_what_is_written_can_be_read(width: int, height: int, pixels: bytes) -> None:
    png = encode_rgba(width, height, pixels)
    assert struct.unpack(">II", png[16:24]) == (width, height)
    assert decoded(width, height, lines_of(png)) == pixels
    assert png.endswith(b"IEND\xaeB`\x82")


def test_little_is_stored_as_it_is() -> None:
    # captures: tools/image_formats, call_5
    png = encode_rgba(3, 2, bytes.fromhex("cc0033ffcc0000ffcc0033ff") + bytes.fromhex("cc0033ff00ff00ffcc0033ff"))
    assert png[41:48] == bytes.fromhex("7801011a00e5ff")


def test_runs_are_looked_for_line_by_line() -> None:
    # measured: a column of one colour, three pixels wide
    png = encode_rgba(3, 768, b"ccc\xff" * 3 * 768)
    assert int.from_bytes(png[33:37], "big") == 2656
