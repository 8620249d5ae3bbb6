"""Images beside a prompt: each becomes content parts, also when it cannot be read."""

from __future__ import annotations

import base64
import mimetypes
import zlib
from collections.abc import Sequence
from pathlib import Path

from pycodex.protocol import Item
from pycodex.records import dataclass

__all__ = ["ImageStyle", "image_parts"]

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
    kind = _kind(data)
    if kind is None:
        mime = mimetypes.guess_type(path)[0]
        if style.checks_name and not (mime or "").startswith("image/"):
            reason = f"unsupported MIME type `{mime}`" if mime else "unsupported MIME type (unknown)"
            return [_text(f"Codex could not read the local image at `{path}`: {reason}")]
        text = _text(style.undecodable.format(number=number, path=path, mime=mime))
        return [opening, text, _text("</image>")] if style.keeps_tags else [text]
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    image: Item = {"type": "input_image", "image_url": url}
    return [opening, image | ({"detail": detail} if style.detail else {}), _text("</image>")]


def _text(text: str) -> Item:
    return {"type": "input_text", "text": text}


def _kind(data: bytes) -> str | None:
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
