"""The first picture of a GIF as pixels: codex-cli sends GIFs to the model as PNGs (captured: tools/image_formats)."""

from __future__ import annotations

__all__ = ["GifError", "decode_gif"]

_LONGEST_CODE = 12


class GifError(Exception):
    """The data end too early, or are none; the message is codex-cli's."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise GifError("Unexpected End of File")
        self._at += count
        return piece

    def number(self) -> int:
        return int.from_bytes(self.take(2), "little")

    def blocks(self) -> bytes:
        """Data in blocks, up to the empty one."""
        out = b""
        while size := self.take(1)[0]:
            out += self.take(size)
        return out


def decode_gif(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and the pixels, four bytes each, of the canvas with the first picture on it. Raises GifError."""
    reader = _Reader(data)
    reader.take(6)
    width, height, flags = reader.number(), reader.number(), reader.take(1)[0]
    reader.take(2)
    colors = reader.take(3 << (flags % 8 + 1)) if flags & 0x80 else b""
    transparent: int | None = None
    while (kind := reader.take(1)) != b",":
        if kind == b"!":
            label = reader.take(1)
            block = reader.blocks()
            if label == b"\xf9" and len(block) >= 4:
                transparent = block[3] if block[0] & 1 else None
        else:
            raise GifError("Unexpected End of File" if kind == b";" else "unknown block type encountered")
    left, top, wide, high, flags = reader.number(), reader.number(), reader.number(), reader.number(), reader.take(1)[0]
    if flags & 0x80:
        colors = reader.take(3 << (flags % 8 + 1))
    smallest = reader.take(1)[0]
    indices = _decompressed(reader.blocks(), smallest, wide * high)
    reader.take(1)
    table = [colors[at : at + 3] + b"\xff" for at in range(0, len(colors), 3)]
    if transparent is not None and transparent < len(table):
        table[transparent] = bytes(4)
    table += [b"\0\0\0\xff"] * (256 - len(table))
    canvas = bytearray(4 * width * height)
    for number, row in enumerate(_rows(high, interlaced=bool(flags & 0x40))):
        line = b"".join(table[index] for index in indices[number * wide : (number + 1) * wide])
        if top + row < height:
            start = 4 * ((top + row) * width + left)
            kept = line[: 4 * max(0, width - left)]
            canvas[start : start + len(kept)] = kept
    return width, height, bytes(canvas)


def _rows(high: int, *, interlaced: bool) -> list[int]:
    """The rows in the order in which they are told."""
    if not interlaced:
        return list(range(high))
    return [row for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for row in range(first, high, step)]


def _decompressed(data: bytes, smallest: int, wanted: int) -> bytes:
    """The indices of colours. Raises GifError where there are too few."""
    clear, end = 1 << smallest, (1 << smallest) + 1
    table: list[bytes] = []
    size, last, out = smallest + 1, b"", bytearray()
    bits, count = 0, 0
    for byte in data:
        bits |= byte << count
        count += 8
        while count >= size:
            code = bits & ((1 << size) - 1)
            bits >>= size
            count -= size
            if code == clear or not table:
                table = [bytes([value]) for value in range(clear)] + [b"", b""]
                size, last = smallest + 1, b""
                if code == clear:
                    continue
            if code == end or len(out) >= wanted:
                return bytes(out[:wanted])
            if code < len(table):
                word = table[code]
            elif last and code == len(table):
                word = last + last[:1]
            else:
                raise GifError("Unexpected End of File")
            out += word
            if last and len(table) < 1 << _LONGEST_CODE:
                table.append(last + word[:1])
                if len(table) == 1 << size and size < _LONGEST_CODE:
                    size += 1
            last = word
    if len(out) < wanted:
        raise GifError("Unexpected End of File")
    return bytes(out[:wanted])
