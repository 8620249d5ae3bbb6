"""Images as content parts: read, unreadable, no image."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from pycodex.images import ImageStyle, image_parts, prepared

TAGGED = ImageStyle(
    opening="<{number} {path}>",
    unreadable="no {path}: {reason}",
    undecodable="bad",
    broken=None,
    limits=(2048, 2048),
    keeps_tags=True,
    checks_name=False,
    detail=True,
)
BARE = ImageStyle(
    opening="<{number}>",
    unreadable="no",
    undecodable="bad {mime}",
    broken="broken {path}: {reason}",
    limits=(20, 10),
    keeps_tags=False,
    checks_name=True,
    detail=False,
)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xda\0\x02"
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")


def texts(parts: list[dict[str, str]]) -> list[str]:
    return [part.get("text") or part["image_url"][:21] for part in parts]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_image_stands_between_its_tags(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.jpg").write_bytes(JPEG)
    parts = image_parts(["a.png", "b.jpg"], TAGGED, "original")
    assert texts(parts) == [
        "<1 a.png>",
        "data:image/png;base64",
        "</image>",
        "<2 b.jpg>",
        "data:image/jpeg;base6",
        "</image>",
    ]
    assert parts[1]["detail"] == "original"
    assert "detail" not in image_parts(["a.png"], BARE, "original")[1]


@pytest.mark.parametrize("data", [b"", b"text", PNG[:-4], PNG[:20]])
def test_what_is_no_whole_image(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert texts(image_parts(["a.png"], TAGGED, "high")) == ["<1 a.png>", "bad", "</image>"]
    assert texts(image_parts(["a.png"], BARE, "high")) == ["bad image/png"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PNG.replace(b"IHDR", b"IHDX"), "Png: CRC error: expected 0x2e90680f have 0xfca7b294 while decoding ChunkType"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "Jpeg: I/O errors Not enough bytes, expected 14 but found 4"),
        (b"\xff\xd8\xff\xe0\0\x02", "Jpeg: I/O errors Not enough bytes, expected 1 but found 0"),
        (GIF[:-4], "Gif: Unexpected End of File"),
        (b"RIFF\xff\0\0\0WEBPVP8L" + bytes(20), "WebP: Corrupt bitstream"),
    ],
)
def test_what_is_broken(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert texts(image_parts(["a.png"], TAGGED, "high"))[1] == "bad"
    (told,) = texts(image_parts(["a.png"], BARE, "high"))
    assert told.startswith(f"broken a.png: Format error decoding {reason}")


def test_a_gif_is_sent_as_a_png() -> None:
    kind, data = prepared(GIF, None)
    assert (kind, data[:4], data[16:24]) == ("image/png", b"\x89PNG", struct.pack(">II", 1, 1))


@pytest.mark.parametrize(("size", "smaller"), [((40, 10), (20, 5)), ((10, 40), (2, 10)), ((20, 10), None)])
def test_large_images_are_made_to_fit(size: tuple[int, int], smaller: tuple[int, int] | None) -> None:
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    lines = zlib.compress(size[1] * (b"\0" + size[0] * b"\x10\x20\x30"))
    image = PNG[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    kind, data = prepared(image, (20, 10))
    assert (kind, struct.unpack(">II", data[16:24])) == ("image/png", smaller or size)
    assert (data == image) == (smaller is None)
    assert prepared(image, None) == ("image/png", image)


def test_a_missing_file_is_a_text() -> None:
    assert texts(image_parts(["x.png"], TAGGED, "high")) == ["no x.png: No such file or directory (os error 2)"]
