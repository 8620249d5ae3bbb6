"""Images beside a prompt: each becomes content parts, also when it cannot be read."""

from __future__ import annotations

import base64
import mimetypes
import zlib
from collections.abc import Sequence
from pathlib import Path

from pycodex.protocol import Item
from pycodex.records import dataclass

__all__ = ["ImageStyle", "fitted", "image_kind", "image_parts", "refusal"]

_LARGEST = 2048
"""Images that are wider or higher are made smaller for the model."""

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
    keeps_tags: bool
    """Whether the tags stand around `undecodable` too."""
    checks_name: bool
    """Whether a file whose name is not that of an image is told apart."""
    detail: bool
    """Whether the image says how closely to look."""


def image_parts(paths: Sequence[str], cwd: Path, style: ImageStyle, detail: str) -> list[Item]:
    """The content parts of images, in order. The file's bytes are sent as they are."""
    parts: list[Item] = []
    for number, path in enumerate(paths, 1):
        parts += _parts_of(number, path, cwd, style, detail)
    return parts


def _parts_of(number: int, path: str, cwd: Path, style: ImageStyle, detail: str) -> list[Item]:
    try:
        data = (cwd / path).read_bytes()
    except OSError as error:
        reason = f"{error.strerror} (os error {error.errno})"
        return [_text(style.unreadable.format(number=number, path=path, reason=reason))]
    opening = _text(style.opening.format(number=number, path=path))
    kind = image_kind(data)
    if kind is None:
        text = _text(refusal(path, style))
        return [opening, text, _text("</image>")] if style.keeps_tags else [text]
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    image: Item = {"type": "input_image", "image_url": url}
    return [opening, image | ({"detail": detail} if style.detail else {}), _text("</image>")]


def _text(text: str) -> Item:
    return {"type": "input_text", "text": text}


def refusal(path: str, style: ImageStyle) -> str:
    """What is said in place of a file that is no image."""
    mime = mimetypes.guess_type(path)[0]
    if style.checks_name and not (mime or "").startswith("image/"):
        reason = f"unsupported MIME type `{mime}`" if mime else "unsupported MIME type (unknown)"
        return f"Codex could not read the local image at `{path}`: {reason}"
    return style.undecodable.format(path=path, mime=mime)


def fitted(kind: str, data: bytes) -> tuple[str, bytes]:
    """MIME type and bytes of an image that is not too large; Raises ToolError where it cannot be made smaller."""
    width, height = _size(kind, data)
    if max(width, height) <= _LARGEST:
        return kind, data
    from importlib import import_module

    from pycodex.tools.base_tool import ToolError

    try:
        pillow = import_module("PIL.Image")
    except ImportError:
        text = f"the image is {width}x{height}; to make it smaller than {_LARGEST}, pycodex needs the package Pillow"
        raise ToolError(text) from None
    from io import BytesIO

    factor = _LARGEST / max(width, height)
    small = pillow.open(BytesIO(data)).convert("RGBA")
    small = small.resize((max(1, round(width * factor)), max(1, round(height * factor))), pillow.Resampling.BILINEAR)
    out = BytesIO()
    small.save(out, "PNG")
    return "image/png", out.getvalue()


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
    """The MIME type by the first bytes; None for data that are no whole image."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    kind = next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)
    return None if kind == "image/png" and not _whole_png(data) else kind


def _whole_png(data: bytes) -> bool:
    """Whether the chunks of a PNG are sound, to its end."""
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        name, end = data[at + 4 : at + 8], at + 12 + size
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return False
        if name == b"IEND":
            return True
        at = end
    return False
