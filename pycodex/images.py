"""Images beside a prompt: each becomes content parts, also when it cannot be read."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from pathlib import Path

from pycodex.protocol import Item
from pycodex.records import dataclass

__all__ = ["Broken", "ImageStyle", "image_kind", "image_parts", "prepared", "refusal"]

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True, kw_only=True)
class ImageStyle:
    """What differs between versions. Templates may use {number} (from 1), {path} and, where said, more."""

    opening: str
    unreadable: str
    """In place of a file that cannot be read; may use {reason}."""
    undecodable: str
    """For a file that is no image; may use {mime} (by the file's name)."""
    broken: str | None
    """For an image that cannot be decoded; may use {reason}. None: as for a file that is no image."""
    limits: tuple[int, int]
    """Width and height; larger images are made smaller for the model, unless it may have them in full size."""
    keeps_tags: bool
    """Whether the tags stand around `undecodable` too."""
    checks_name: bool
    """Whether a file whose name is not that of an image is told apart."""
    detail: bool
    """Whether the image says how closely to look, and is sent as the model of the request takes it."""


def image_parts(paths: Sequence[str], style: ImageStyle, detail: str) -> list[Item]:
    """The content parts of images, in order. A relative path starts where the process does, also beside `-C` (captured:
    exec/image_folder)."""
    parts: list[Item] = []
    for number, path in enumerate(paths, 1):
        parts += _parts_of(number, path, style, detail)
    return parts


def _parts_of(number: int, path: str, style: ImageStyle, detail: str) -> list[Item]:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = f"{error.strerror} (os error {error.errno})"
        return [_text(style.unreadable.format(number=number, path=path, reason=reason))]
    opening = _text(style.opening.format(number=number, path=path))
    try:
        kind, data = prepared(data, style.limits if detail != "original" else None)
    except Broken as error:
        text = _text(refusal(path, style, str(error)))
        return [opening, text, _text("</image>")] if style.keeps_tags else [text]
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    image: Item = {"type": "input_image", "image_url": url}
    return [opening, image | ({"detail": detail} if style.detail else {}), _text("</image>")]


def _text(text: str) -> Item:
    return {"type": "input_text", "text": text}


def refusal(path: str, style: ImageStyle, reason: str = "") -> str:
    """What is said in place of a file that is no image, or of one that cannot be decoded for that reason."""
    if reason and style.broken is not None:
        return style.broken.format(path=path, reason=reason)
    mime = _mime(path)
    if style.checks_name and not (mime or "").startswith("image/"):
        reason = f"unsupported MIME type `{mime}`" if mime else "unsupported MIME type (unknown)"
        return f"Codex could not read the local image at `{path}`: {reason}"
    return style.undecodable.format(path=path, mime=mime)


def _mime(path: str) -> str | None:
    """By the name alone, whatever the machine's own tables say."""
    import mimetypes

    return _NAMES.get(Path(path).suffix.lower()) or mimetypes.MimeTypes().guess_type(path)[0]


_NAMES = {".ico": "image/x-icon", ".webp": "image/webp", ".avif": "image/avif", ".heic": "image/heic"}


class Broken(Exception):
    """What cannot be decoded; the message says why, where a version tells that."""


def prepared(data: bytes, limits: tuple[int, int] | None) -> tuple[str, bytes]:
    """MIME type and bytes of an image as the model gets it: a GIF as a PNG, one larger than the limits (of width and
    height) smaller, where the package Pillow is there to do that. Raises Broken."""
    kind = image_kind(data)
    if kind is None:
        raise Broken
    if (problem := _problem(kind, data)) is not None:
        raise Broken(f"Format error decoding {_FORMATS[kind]}: {problem}")
    width, height = _size(kind, data)
    small = None
    if limits is not None and (width > limits[0] or height > limits[1]):
        factor = min(limits[0] / width, limits[1] / height)
        small = max(1, round(width * factor)), max(1, round(height * factor))
    if small is not None and (made := _resized(kind, data, small)) is not None:
        return made
    if kind != "image/gif":
        return kind, data
    from pycodex.gif_decoder import decode_gif
    from pycodex.png_encoder import encode_rgba

    return "image/png", encode_rgba(*decode_gif(data))


_FORMATS = {"image/png": "Png", "image/jpeg": "Jpeg", "image/gif": "Gif", "image/webp": "WebP"}
_OWN_ENCODER = 768 * 768
"""Pixels up to which a PNG is written as codex-cli writes it; of more that takes too long."""


def _resized(kind: str, data: bytes, size: tuple[int, int]) -> tuple[str, bytes] | None:
    from importlib import import_module

    try:
        pillow = import_module("PIL.Image")
    except ImportError:
        return None
    from io import BytesIO

    try:
        image = pillow.open(BytesIO(data)).convert("RGB" if kind == "image/jpeg" else "RGBA")
    except (OSError, SyntaxError) as error:
        raise Broken(f"Format error decoding {_FORMATS[kind]}: {error}") from error
    # Band by band: colours do not depend on how much is seen of them.
    bands = [band.resize(size, pillow.Resampling.BILINEAR) for band in image.split()]
    image = pillow.merge(image.mode, bands)
    if kind in ("image/png", "image/gif") and size[0] * size[1] <= _OWN_ENCODER:
        from pycodex.png_encoder import encode_rgba

        return "image/png", encode_rgba(*size, image.tobytes())
    out = BytesIO()
    written = kind if kind in ("image/jpeg", "image/webp") else "image/png"
    image.save(out, written.partition("/")[2].upper(), quality=85, lossless=True)
    return written, out.getvalue()


def _problem(kind: str, data: bytes) -> str | None:
    """Why an image cannot be decoded, as far as its outer form tells."""
    if kind == "image/png":
        return _bad_chunk(data)
    if kind == "image/jpeg":
        return _cut_segment(data)
    if kind == "image/webp":
        return None if int.from_bytes(data[4:8], "little") + 8 <= len(data) else "Corrupt bitstream"
    from pycodex.gif_decoder import GifError, decode_gif

    try:
        decode_gif(data)
    except GifError as error:
        return str(error)
    return None


def _bad_chunk(data: bytes) -> str | None:
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name, told = data[at + 4 : at + 8], int.from_bytes(data[end - 4 : end], "big")
        counted = zlib.crc32(data[at + 4 : end - 4])
        if told != counted:
            words = ("critical", "private", "reserved", "safecopy")
            bits = [bool(letter & 0x20) != (word == "critical") for word, letter in zip(words, name, strict=True)]
            shown = ", ".join(f"{word}: {str(bit).lower()}" for word, bit in zip(words, bits, strict=True))
            where = f"ChunkType {{ type: {name.decode(errors='replace')}, {shown} }} chunk."
            return f"CRC error: expected {told:#x} have {counted:#x} while decoding {where}"
        if name == b"IEND":
            break
        at = end
    return None


_COUNTS = 17


def _cut_segment(data: bytes) -> str | None:
    """A JPEG that ends before its picture begins."""
    at = 2
    while at + 1 < len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xDA:
            return None
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if at + 2 + size > len(data):
            wanted, left = size - 2, len(data) - at - 4
            if data[at + 1] == 0xC4 and left > _COUNTS:
                # A table of codes: its counts come first.
                wanted, left = sum(data[at + 5 : at + 4 + _COUNTS]), left - _COUNTS
            return f"I/O errors Not enough bytes, expected {wanted} but found {left}\n"
        at += 2 + size
    return None if at < len(data) else "I/O errors Not enough bytes, expected 1 but found 0\n"


def _size(kind: str, data: bytes) -> tuple[int, int]:
    """Width and height by the header; 0, 0 where it does not say."""
    if kind == "image/png":
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if kind == "image/gif":
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    at = 2
    while kind == "image/jpeg" and at + 9 < len(data) and data[at] == 0xFF:
        if 0xC0 <= data[at + 1] <= 0xCF and data[at + 1] not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0


def image_kind(data: bytes) -> str | None:
    """The MIME type by the first bytes; None for data that are no image, or end before they can be read as one."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp" if len(data) >= _WEBP_HEAD else None
    kind = next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)
    return None if kind == "image/png" and not _ends(data) else kind


_WEBP_HEAD = 30


def _ends(data: bytes) -> bool:
    """Whether the chunks of a PNG come to their end."""
    at = 8
    while at + 12 <= len(data):
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return False
