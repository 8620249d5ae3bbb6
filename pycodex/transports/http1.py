"""An HTTP/1.1 response out of bytes; no I/O. Errors are ValueError with what is wrong."""

from __future__ import annotations

from pycodex.records import dataclass

__all__ = ["BodyReader", "ResponseHead", "parse_head"]

_LONGEST_LINE = 16 * 1024
"""Bytes of a chunk's size line, or of a trailer."""
_HEX_DIGITS = b"0123456789abcdefABCDEF"


@dataclass(frozen=True, kw_only=True)
class ResponseHead:
    """Status and headers, names in lower case. `keeps_open`: the connection may serve another request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    keeps_open: bool

    def header(self, name: str) -> str | None:
        """The first value of that (lower-case) name."""
        return next((value for key, value in self.headers if key == name), None)


def parse_head(block: bytes) -> ResponseHead:
    """From the status line to the last header, without the empty line. A line that goes on is joined by a space."""
    start, *lines = block.decode("latin-1").split("\r\n")
    version, _, rest = start.partition(" ")
    code = rest[:3]
    if version not in ("HTTP/1.1", "HTTP/1.0") or not (code.isascii() and code.isdigit()) or rest[3:4] not in ("", " "):
        raise ValueError(f"not a status line: {start[:80]!r}")
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and headers:
            name, value = headers.pop()
            headers.append((name, f"{value} {line.strip()}"))
            continue
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise ValueError(f"not a header: {line[:80]!r}")
        headers.append((name.lower(), value.strip(" \t")))
    connection = ",".join(value for name, value in headers if name == "connection").lower()
    closes = "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
    return ResponseHead(status=int(code), headers=tuple(headers), keeps_open=not closes)


class BodyReader:
    """The body after a head: feed what arrives, get what it holds. `finished`: nothing more belongs to it."""

    def __init__(self, head: ResponseHead, *, bodiless: bool = False) -> None:
        """`bodiless`: as the answer to a HEAD, which tells of a body that does not come."""
        self.finished = bodiless
        self.delimited = True
        """Whether the body says where it ends; else the end of the connection is its end."""
        self._tail = b""
        self._left = 0
        self._trailers = False
        coding = (head.header("transfer-encoding") or "").lower().split(",")[-1].strip()
        self._chunked = coding == "chunked" and not bodiless
        if self._chunked or bodiless:
            return
        length = head.header("content-length")
        if head.status in (204, 304):
            self.finished = True
        elif length is None:
            self.delimited = False
        elif length.isascii() and length.isdigit():
            self._left = int(length)
            self.finished = self._left == 0
        else:
            raise ValueError(f"not a content-length: {length[:80]!r}")

    def feed(self, data: bytes) -> bytes:
        """The body bytes among `data`. What comes after the end is dropped."""
        if self._chunked:
            return self._unchunk(data)
        if not self.delimited:
            return data
        data = data[: self._left]
        self._left -= len(data)
        self.finished = self._left == 0
        return data

    def _unchunk(self, data: bytes) -> bytes:
        """One pass over `data`. `_left` counts what the open chunk still lacks, its line break included."""
        if self._tail:
            data, self._tail = self._tail + data, b""
        found: list[bytes] = []
        at, size = 0, len(data)
        while at < size and not self.finished:
            if self._left:
                end = at + self._left
                found.append(data[at : min(end - 2, size)])
                if end > size:
                    # Of a line break that is cut in two, the first half is read again with the second.
                    at = max(at, min(end - 2, size))
                    self._left, self._tail = end - at, data[at:]
                    return b"".join(found)
                if data[end - 2 : end] != b"\r\n":
                    raise ValueError("a chunk is not followed by a line break")
                at, self._left = end, 0
                continue
            end = data.find(b"\r\n", at)
            if end < 0:
                if size - at > _LONGEST_LINE:
                    raise ValueError("a chunk's size line does not end")
                self._tail = data[at:]
                break
            self._line(data[at:end])
            at = end + 2
        return b"".join(found)

    def _line(self, line: bytes) -> None:
        """A size line, or after the last chunk a trailer."""
        if self._trailers:
            self.finished = not line
            return
        digits = line.partition(b";")[0].strip()
        if not digits or digits.strip(_HEX_DIGITS):
            raise ValueError(f"not a chunk size: {line[:80]!r}")
        length = int(digits, 16)
        self._left = length + 2 if length else 0
        self._trailers = not length
