"""The reader of event streams, held against a second, slow one that goes by the rules a character at a time."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pycodex.sse import SseError, SseParser

PIECES = (
    "data: ",
    "data:",
    "data",
    '{"a":1}',
    "ü€😀\u2028\x85\x0b",
    "x",
    " ",
    ":",
    ": keep-alive",
    "event: y",
    "id: 1\0",
    "retry: 3",
    "\ufeff",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
    "\r\r",
)
BAD = (b"\xff", b"\xed\xa0\x80", b"\xf0\x90(", b"\xe2\x82", b"\xc3")
STREAM = 'event: x\r\ndata: {"a":1}\r\n\r\n: keep-alive\n\nid: 1\ndata:{"b":\rdata: "ü€😀"}\r\rdata: \ufeffc\n\n'
EVENTS = ['{"a":1}', '{"b":\n"ü€😀"}', "\ufeffc"]

streams = st.lists(st.one_of(st.sampled_from([piece.encode() for piece in PIECES]), st.sampled_from(BAD)), max_size=24)


class Read(NamedTuple):
    events: list[str]
    error: str | None


def read(*chunks: bytes) -> Read:
    """What the parser makes of the chunks and the end after them."""
    parser, events = SseParser(), list[str]()
    try:
        for chunk in chunks:
            events += parser.feed(chunk)
        parser.end()
    except SseError as error:
        return Read(events, str(error))
    return Read(events, None)


def slow(stream: bytes) -> Read:
    """The rules: text up to the first wrong byte; lines, each with what ends it; events."""
    error = None
    try:
        text = stream.decode()
    except UnicodeDecodeError as wrong:
        text = stream[: wrong.start].decode()
        cut = "incomplete utf-8 byte sequence"
        if wrong.reason != "unexpected end of data":
            cut = f"invalid utf-8 sequence of {wrong.end - wrong.start} bytes"
        error = f"UTF8 error: {cut} from index 0"
    if text[:1] == "\ufeff":
        return Read([], "stream closed before response.completed")
    events, data, line = list[str](), list[str](), ""
    for at, character in enumerate(text):
        if character not in "\r\n":
            line += character
            continue
        after = text[at + 1 : at + 2]
        if character == "\r" and after in ("", "\n"):
            continue  # the line ends with the LF, or nobody knows yet
        name, colon, value = line.partition(":")
        if not line and data:
            events.append("\n".join(data))
            data = []
        elif name == "data":
            data.append(value.removeprefix(" ") if colon else "")
        line = ""
    return Read(events, error)


def test_the_stream_cut_at_every_byte_boundary_gives_the_same_events() -> None:
    stream = STREAM.encode()
    assert read(stream) == Read(EVENTS, None)
    for cut in range(len(stream) + 1):
        assert read(stream[:cut], stream[cut:]) == Read(EVENTS, None), cut
    assert read(*(bytes([byte]) for byte in stream)) == Read(EVENTS, None)


@given(streams, st.lists(st.integers(min_value=0, max_value=9), min_size=1))
@example([b"\xef\xbb\xbf", b"data: x\n\n"], [1])
@example([b"data: x\n\r", b"\ndata"], [1])
def test_any_stream_in_any_chunks_is_read_by_the_rules(pieces: list[bytes], sizes: list[int]) -> None:
    stream, chunks, at = b"".join(pieces), list[bytes](), 0
    while at < len(stream):
        for size in sizes:
            chunks.append(stream[at : at + size])
            at += size
        at += 0 if any(sizes) else len(stream) + 1
    expected = slow(stream)
    assert read(*chunks if any(sizes) else (stream,)) == expected
    assert read(stream) == expected


@given(st.lists(st.sampled_from([piece.encode() for piece in PIECES]), max_size=12), st.integers(min_value=0))
def test_a_bad_byte_anywhere_leaves_the_events_before_it(pieces: list[bytes], place: int) -> None:
    stream = b"x" + b"".join(pieces)  # no byte order mark
    at = place % (len(stream) + 1)
    found = read(stream[:at] + b"\xff" + stream[at:])
    assert found == slow(stream[:at] + b"\xff" + stream[at:])
    assert found.error is not None
    assert found.events == read(stream[:at]).events


def test_event_without_its_blank_line_is_not_dispatched() -> None:
    assert read(b"data: x\n") == Read([], None)
    assert read(b"data: x\n\r") == Read([], None)
    assert read(b"data: x\r\r") == Read([], None)
    assert read(b"data: x\r\r:") == Read(["x"], None)


def test_bad_byte_is_told_at_the_end() -> None:
    parser = SseParser()
    assert parser.feed(b"data: one\n\ndata: \xff\n\n") == ["one"]
    assert parser.feed(b"data: two\n\n") == []
    with pytest.raises(SseError, match="invalid utf-8 sequence of 1 bytes from index 0"):
        parser.end()


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        (b"data: \xe2\x82", "UTF8 error: incomplete utf-8 byte sequence from index 0"),
        (b"\x1f\x8b\x08", "UTF8 error: invalid utf-8 sequence of 1 bytes from index 0"),
    ],
)
def test_bad_byte_in_a_line_without_end_breaks_the_stream_at_its_end(rest: bytes, words: str) -> None:
    parser = SseParser()
    assert parser.feed(b"data: one\n\n" + rest) == ["one"]
    with pytest.raises(SseError, match=words):
        parser.end()
    SseParser().end()


def test_bom_at_the_start_breaks_and_later_does_not() -> None:
    with pytest.raises(SseError, match="stream closed before"):
        SseParser().feed(b"\xef\xbb\xbfdata: x\n\n")
    parser = SseParser()
    assert parser.feed(b"\xef") == []
    with pytest.raises(SseError):
        parser.feed(b"\xbb\xbfdata: x\n\n")
    assert read(b"\xef\xbb") == Read([], "UTF8 error: incomplete utf-8 byte sequence from index 0")
    assert read("data: \ufeffx\n\n".encode()) == Read(["\ufeffx"], None)


def test_long_event_in_small_chunks_is_whole() -> None:
    assert len(read(b"data: ", *[b"y" * 100] * 1000, b"\n\n").events[0]) == 100_000
