from __future__ import annotations

import pytest

from pycodex.buffers import OutputBuffer


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize(
    ("size", "marker", "joined"),
    [
        (10, True, b"0123456789"),
        (11, True, b"01234\n... 1 bytes omitted ...\n67890"),
        (25, False, b"0123401234"),
    ],
)
def test_first_and_last_half_are_kept(size: int, marker: bool, joined: bytes, step: int) -> None:
    data = (b"0123456789" * 3)[:size]
    buffer = OutputBuffer(10, marker=marker)
    for start in range(0, size, step):
        buffer.push(data[start : start + step])
    assert buffer.join() == joined
    assert (buffer.total, buffer.omitted) == (size, size - 10)
    buffer.clear()
    assert (buffer.join(), buffer.total, buffer.omitted) == (b"", 0, 0)


def test_long_streams_do_not_pile_up() -> None:
    buffer = OutputBuffer(1000, marker=False)
    for _ in range(300):
        buffer.push(b"x" * 1000)
    assert len(buffer._tail) < 100_000
    assert buffer.join() == b"x" * 1000
