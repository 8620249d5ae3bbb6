"""Response heads and bodies as bytes; however the bytes are cut, they mean the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycodex.transports.http1 import BodyReader, ResponseHead, parse_head

CHUNKED = parse_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked")


def sized(length: str) -> ResponseHead:
    return parse_head(b"HTTP/1.1 200 OK\r\ncontent-length: " + length.encode())


def test_head() -> None:
    head = parse_head(b"HTTP/1.1 429 Too Many\r\nX-Kind:  b \r\nRetry-After: 7\r\nX-Long: a\r\n  b\r\nx-kind: c")
    assert head.status == 429
    assert head.headers == (("x-kind", "b"), ("retry-after", "7"), ("x-long", "a b"), ("x-kind", "c"))
    assert head.header("x-kind") == "b"
    assert head.header("none") is None


@pytest.mark.parametrize(
    ("block", "keeps"),
    [
        (b"HTTP/1.1 200 OK", True),
        (b"HTTP/1.1 200", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close", False),
        (b"HTTP/1.0 200 OK", False),
        (b"HTTP/1.0 200 OK\r\nconnection: keep-alive", True),
    ],
)
def test_whether_the_connection_stays_open(block: bytes, keeps: bool) -> None:
    assert parse_head(block).keeps_open is keeps


@pytest.mark.parametrize(
    "block",
    [b"not http at all", b"HTTP/2 200 OK", b"HTTP/1.1 2x0 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 200 OK\r\nno colon",
     b"HTTP/1.1 200 OK\r\nname : value", b"HTTP/1.1 200 OK\r\n: value"],
)  # fmt: skip
def test_what_is_no_head(block: bytes) -> None:
    with pytest.raises(ValueError, match="not a"):
        parse_head(block)


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.lists(st.integers(1, 30), max_size=40), st.booleans()
)
def test_chunks_mean_the_same_however_they_are_cut(pieces: list[bytes], cuts: list[int], trailer: bool) -> None:
    wire = b"".join(b"%X ;name=value\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    wire += b"0\r\n" + b"x-trailer: 1\r\n" * trailer + b"\r\n"
    reader = BodyReader(CHUNKED)
    found, at = b"", 0
    for size in [*cuts, len(wire)]:
        found += reader.feed(wire[at : at + size])
        at += size
    assert found == b"".join(pieces)
    assert reader.finished
    assert reader.feed(b"more") == b""


def test_data_of_a_chunk_is_given_out_before_the_chunk_is_complete() -> None:
    reader = BodyReader(CHUNKED)
    assert reader.feed(b"5\r\nhel") == b"hel"
    assert reader.feed(b"lo\r") == b"lo"
    assert reader.feed(b"\n0\r\n\r\n") == b""
    assert reader.finished


@pytest.mark.parametrize(
    "wire", [b"zz\r\n", b"\r\n", b"0x5\r\nhello\r\n", b"-1\r\n", b"1_0\r\n", b"2\r\nabcd", b"1" * 20_000]
)
def test_what_is_no_chunk(wire: bytes) -> None:
    with pytest.raises(ValueError, match="chunk"):
        BodyReader(CHUNKED).feed(wire)


def test_sized_and_unsized_bodies() -> None:
    reader = BodyReader(sized("3"))
    assert (reader.feed(b"ab"), reader.finished) == (b"ab", False)
    assert (reader.feed(b"cd"), reader.finished) == (b"c", True)
    assert BodyReader(sized("0")).finished
    assert BodyReader(parse_head(b"HTTP/1.1 204 No Content")).finished
    open_end = BodyReader(parse_head(b"HTTP/1.1 200 OK"))
    assert (open_end.feed(b"ab"), open_end.finished, open_end.delimited) == (b"ab", False, False)
    with pytest.raises(ValueError, match="content-length"):
        BodyReader(sized("-1"))
