import gzip
import zlib
from importlib import import_module
from importlib.util import find_spec

import pytest

from fake_server.bodies import BodyError, header, parse_body


def encoded(name: str) -> tuple[tuple[str, str], ...]:
    return (("Content-Encoding", name),)


def test_a_plain_body() -> None:
    assert parse_body((), b'{"a":1}') == {"a": 1}
    assert parse_body((), b"") is None


def test_compressed_bodies() -> None:
    assert parse_body(encoded("gzip"), gzip.compress(b"[1]")) == [1]
    assert parse_body(encoded("deflate"), zlib.compress(b"[1]")) == [1]
    assert parse_body(encoded("ZSTD "), b"squeezed", {"zstd": lambda data: b'"' + data + b'"'}) == "squeezed"


def test_zstd_is_read_or_the_missing_decoder_named() -> None:
    present = [name for name in ("compression", "backports", "zstandard") if find_spec(name)]
    if present:
        module = "zstandard" if present == ["zstandard"] else f"{present[0]}.zstd"
        assert parse_body(encoded("zstd"), import_module(module).compress(b"[1]")) == [1]
    else:
        with pytest.raises(BodyError, match=r"install backports\.zstd or zstandard") as caught:
            parse_body(encoded("zstd"), b"(\xb5/\xfd")
        assert caught.value.harness


@pytest.mark.parametrize(
    ("name", "body", "words", "harness"),
    [
        ("identity", b"{", "not JSON", False),
        ("gzip", b"no", "not gzip", False),
        ("br", b"no", "'br' is not known here", True),
    ],
)
def test_a_body_that_cannot_be_read(name: str, body: bytes, words: str, harness: bool) -> None:
    with pytest.raises(BodyError, match=words) as caught:
        parse_body(encoded(name), body)
    assert caught.value.harness is harness


def test_a_header_is_found_in_any_case() -> None:
    assert header((("X-One", "1"), ("x-one", "2")), "x-one") == "1"
    assert header((), "x-one") is None
