"""GIFs as pixels."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from pycodex.gif_decoder import GifError, decode_gif


def gif(width: int, height: int, **options: Any) -> bytes:
    image = Image.new("P", (width, height))
    image.putpalette([value for i in range(256) for value in (i, 255 - i, i * 7 % 256)])
    image.putdata([i * i % 200 for i in range(width * height)])
    out = io.BytesIO()
    image.save(out, "GIF", **options)
    return out.getvalue()


@pytest.mark.parametrize("options", [{}, {"interlace": 1}, {"interlace": 0}, {"transparency": 4}])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (97, 61)])
def test_pixels_are_those_that_another_reader_sees(size: tuple[int, int], options: dict[str, Any]) -> None:
    data = gif(*size, **options)
    expected = Image.open(io.BytesIO(data)).convert("RGBA")
    width, height, pixels = decode_gif(data)
    assert (width, height) == size
    wanted = expected.tobytes()
    for at in range(0, len(wanted), 4):
        assert pixels[at : at + 4] == (wanted[at : at + 4] if wanted[at + 3] else bytes(4))
    assert len(pixels) == len(wanted)


def test_what_is_cut_is_an_error() -> None:
    data = gif(9, 9)
    for length in range(6, len(data) - 1):
        with pytest.raises(GifError):
            decode_gif(data[:length])
