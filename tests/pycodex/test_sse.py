import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycodex.sse import SseError, SseParser

STREAM = 'event: x\r\ndata: {"a":1}\r\n\r\n: keep-alive\n\nid: 1\ndata:{"b":\ndata: "ü"}\n\n'
EVENTS = ['{"a":1}', '{"b":\n"ü"}']


@given(st.lists(st.integers(min_value=1, max_value=9), min_size=1))
def test_any_cut_gives_the_same_events(sizes: list[int]) -> None:
    parser, data, found = SseParser(), STREAM.encode(), []
    while data:
        for size in sizes:
            found += parser.feed(data[:size])
            data = data[size:]
    assert found == EVENTS


def test_event_without_its_blank_line_is_not_dispatched() -> None:
    assert SseParser().feed(b"data: x\n") == []
    assert SseParser().feed(b"data: x\n\r") == []


def test_bad_byte_breaks_the_stream_after_what_was_good() -> None:
    parser = SseParser()
    assert parser.feed(b"data: one\n\ndata: \xff\n\n") == ["one"]
    with pytest.raises(SseError, match="invalid utf-8 sequence of 1 bytes from index 0"):
        parser.feed(b"data: two\n\n")


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
    assert SseParser().feed("data: \ufeffx\n\n".encode()) == ["\ufeffx"]


def test_long_event_in_small_chunks_is_joined_once() -> None:
    parser = SseParser()
    for _ in range(1000):
        assert parser.feed(b"data: x"[:6] if not parser._tail else b"y" * 100) == []
    assert len(parser.feed(b"\n\n")[0]) == 99_900
