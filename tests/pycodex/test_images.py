"""Images as content parts: read, unreadable, no image."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from pycodex.images import ImageStyle, image_parts

TAGGED = ImageStyle(
    opening="<{number} {path}>",
    unreadable="no {path}: {reason}",
    undecodable="bad",
    keeps_tags=True,
    checks_name=False,
    detail=True,
)
BARE = ImageStyle(
    opening="<{number}>", unreadable="no", undecodable="bad {mime}", keeps_tags=False, checks_name=True, detail=False
)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IEND", b"")


def texts(parts: list[dict[str, str]]) -> list[str]:
    return [part.get("text") or part["image_url"][:21] for part in parts]


def test_each_image_stands_between_its_tags(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    parts = image_parts(["a.png", "b.jpg"], tmp_path, TAGGED, "original")
    assert texts(parts) == [
        "<1 a.png>",
        "data:image/png;base64",
        "</image>",
        "<2 b.jpg>",
        "data:image/jpeg;base6",
        "</image>",
    ]
    assert parts[1]["detail"] == "original"
    assert "detail" not in image_parts(["a.png"], tmp_path, BARE, "original")[1]


@pytest.mark.parametrize("data", [b"", b"text", PNG[:-4], PNG.replace(b"IHDR", b"IHDX")])
def test_what_is_no_whole_image(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert texts(image_parts(["a.png"], tmp_path, TAGGED, "high")) == ["<1 a.png>", "bad", "</image>"]
    assert texts(image_parts(["a.png"], tmp_path, BARE, "high")) == ["bad image/png"]


def test_a_missing_file_is_a_text(tmp_path: Path) -> None:
    assert texts(image_parts(["x.png"], tmp_path, TAGGED, "high")) == [
        "no x.png: No such file or directory (os error 2)"
    ]
