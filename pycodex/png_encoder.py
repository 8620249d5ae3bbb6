"""Pixels as a PNG, byte for byte as codex-cli writes the images that it decodes (captured: tools/image_formats).

Every line is predicted by Paeth's rule, then compressed by one table of codes that never changes; only runs of zeros
are looked for. Where that would be larger than the plain lines these are stored as they are.
"""

from __future__ import annotations

import struct
import zlib

__all__ = ["encode_rgba"]

_PAETH = 4
_BYTES = 4  # of a pixel
_LONGEST_RUN = 258
_STORED_BLOCK = 65535

_HEADER_BITS = 413
_HEADER = bytes.fromhex(
    "edc003a0245996c6f1ff77ee8dc8cca7724b63ae6ddbb66ddbb66ddbb66d698c9e964aaf9e323322eef976b76a7aa6873b6bd5af"
)
"""The beginning of every stream: its table of codes."""
_LENGTHS = (
    (2, 1), (3, 1), (4, 1), (5, 2), (6, 2), (7, 3), (8, 5), (9, 7), (10, 9), (11, 12), (12, 171), (11, 10), (10, 1),
    (11, 1), (10, 9), (9, 5), (8, 1), (9, 1), (8, 5), (7, 3), (6, 3), (5, 1), (4, 1), (3, 1), (12, 3), (9, 2), (11, 1),
    (10, 1), (11, 2), (10, 1), (11, 6), (12, 1), (11, 1), (12, 11), (9, 1),
)  # fmt: skip
"""The same table: how long the codes are, and how many in a row."""


def encode_rgba(width: int, height: int, pixels: bytes) -> bytes:
    """The PNG of an image of four bytes a pixel."""
    size = width * _BYTES
    lines = [pixels[at : at + size] for at in range(0, size * height, size)]
    plain = b"".join(b"\0" + line for line in lines)
    data = _compressed(_predicted(lines, size))
    stored = _stored(plain)
    body = data if len(data) <= len(stored) else stored
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _predicted(lines: list[bytes], size: int) -> list[bytes]:
    above = bytes(size)
    predicted = []
    for line in lines:
        if line == above:  # which is what is predicted then
            predicted.append(bytes([_PAETH]) + bytes(size))
            continue
        out = bytearray([_PAETH])
        left, corner = bytes(_BYTES) + line[:-_BYTES], bytes(_BYTES) + above[:-_BYTES]
        for value, a, b, c in zip(line, left, above, corner, strict=True):
            pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - c - c)
            out.append((value - (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 0xFF)
        above = line
        predicted.append(bytes(out))
    return predicted


def _stored(data: bytes) -> bytes:
    out = bytearray(b"\x78\x01")
    blocks = [data[at : at + _STORED_BLOCK] for at in range(0, len(data), _STORED_BLOCK)] or [b""]
    for number, block in enumerate(blocks):
        out += struct.pack("<BHH", number == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block
    return bytes(out) + struct.pack(">I", zlib.adler32(data))


def _codes() -> list[tuple[int, int]]:
    """The code of each symbol, as it stands in the stream, and its length."""
    lengths = [length for length, count in _LENGTHS for _ in range(count)]
    codes, code = [(0, 0)] * len(lengths), 0
    for length in range(1, max(lengths) + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = (int(f"{code:0{length}b}"[::-1], 2), length)
                code += 1
        code <<= 1
    return codes


class _Bits:
    def __init__(self, header: bytes, count: int) -> None:
        whole, self._count = divmod(count, 8)
        self._out = bytearray(header[:whole])
        self._left = header[whole] & ((1 << self._count) - 1) if self._count else 0

    def put(self, value: int, count: int) -> None:
        self._left |= value << self._count
        self._count += count
        while self._count >= 8:
            self._out.append(self._left & 0xFF)
            self._left >>= 8
            self._count -= 8

    def end(self) -> bytes:
        if self._count:
            self._out.append(self._left & 0xFF)
        return bytes(self._out)


def _compressed(lines: list[bytes]) -> bytes:
    codes, bits = _codes(), _Bits(_HEADER, _HEADER_BITS)
    for line in lines:
        _put_line(bits, codes, line)
    bits.put(*codes[256])
    return b"\x78\x01" + bits.end() + struct.pack(">I", zlib.adler32(b"".join(lines)))


def _put_line(bits: _Bits, codes: list[tuple[int, int]], line: bytes) -> None:
    """Runs are looked for in pieces of eight bytes: those that end a piece, and what follows in the next ones."""
    whole = len(line) - len(line) % 8
    place = 0
    while place < len(line):
        stop = max(place, whole - len(line[place:whole].lstrip(b"\0")))
        if stop == place or (stop % 8 and stop // 8 == place // 8):
            bits.put(*codes[line[place]])
            place += 1
        else:
            _put_run(bits, codes, stop - place)
            place = stop


def _put_run(bits: _Bits, codes: list[tuple[int, int]], run: int) -> None:
    bits.put(*codes[0])
    run -= 1
    while run >= _LONGEST_RUN:
        code, length = codes[285]
        bits.put(code, length + 1)
        run -= _LONGEST_RUN
    if run <= 4:
        for _ in range(run):
            bits.put(*codes[0])
        return
    symbol, base, extra = _length_symbol(run)
    bits.put(*codes[symbol])
    bits.put(run - base, extra + 1)


def _length_symbol(run: int) -> tuple[int, int, int]:
    """Symbol, smallest length and extra bits for a length of 3 to 257."""
    if run < 11:
        return 254 + run, run, 0
    extra = (run - 3).bit_length() - 3
    step = (run - 3) >> extra
    return 257 + 4 * (extra + 1) + (step - 4), (step << extra) + 3, extra
