import pytest

from pycodex.cli.exec_options import Refused
from pycodex.cli.stdin_text import decode


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa", "a"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
        (b"\xff\xfeh\x00", "h"),
        (b"\xfe\xff\x00h", "h"),
        (b"\x00", "\x00"),
    ],
)
def test_marks_go(data: bytes, text: str) -> None:
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"caf\xe9 x", "is not valid UTF-8 (invalid byte at offset 3)"),
        (b"\xff\xfea", "looked like UTF-16LE but could not be decoded"),
        (b"\xff\xfe\x00\xd8", "looked like UTF-16LE but could not be decoded"),
        (b"\xff\xfe\x00\x00h\x00\x00\x00", "appears to be UTF-32LE"),
        (b"\x00\x00\xfe\xff\x00\x00\x00h", "appears to be UTF-32BE"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(Refused, match=r"^Failed to read prompt from stdin: input ") as error:
        decode(data)
    assert told in str(error.value)
