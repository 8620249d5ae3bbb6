"""Server-sent events out of bytes, exactly as lenient as codex-cli reads them; no I/O.

Measured: comments, `id:` and `retry:` are skipped, several `data:` lines are joined by a newline, LF and CRLF end a
line, a lone CR does not end an event, an event without the blank line after it is never dispatched, chunks may be cut
anywhere. One byte that is not UTF-8 breaks the stream, and so does a byte order mark at its beginning.
"""

from __future__ import annotations

__all__ = ["SseError", "SseParser"]

_BOM = b"\xef\xbb\xbf"


class SseError(Exception):
    """The bytes are not an event stream; the message is the one codex-cli prints."""


class SseParser:
    """Feed chunks, get the data of every event that became complete. State is the unfinished line and event only."""

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._data: list[str] = []
        self._start = True
        self._error: SseError | None = None

    def feed(self, chunk: bytes) -> list[str]:
        """The data texts of the events that `chunk` completes; after a bad byte, SseError at the next feed or close."""
        self.close()
        if self._start and chunk:
            chunk = b"".join((*self._tail, chunk))
            self._tail.clear()
            if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
                self._tail.append(chunk)
                return []
            self._start = False
            if chunk.startswith(_BOM):
                raise SseError("stream closed before response.completed")
        end = chunk.rfind(b"\n")
        if end < 0:
            # A long event arrives in many chunks: they are joined once, when its line ends.
            self._tail.append(chunk)
            return []
        self._tail.append(chunk[:end])
        block = b"".join(self._tail)
        self._tail = [chunk[end + 1 :]]
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            self._error = SseError(_words(error))
            good = block[: error.start]
            text = good[: good.rfind(b"\n") + 1].decode()
        events: list[str] = []
        for line in text.split("\n"):
            if line.endswith("\r"):
                line = line[:-1]
            if line.startswith("data:"):
                self._data.append(line[6:] if line.startswith("data: ") else line[5:])
            elif line == "data":
                self._data.append("")
            elif not line and self._data:
                events.append("\n".join(self._data))
                self._data.clear()
        return events

    def end(self) -> None:
        """The bytes have ended. Raises SseError when one of them broke the stream, also in a line without an end
        (captured: faults/sse_broken)."""
        self.close()
        try:
            b"".join(self._tail).decode()
        except UnicodeDecodeError as error:
            raise SseError(_words(error)) from None

    def close(self) -> None:
        """Raises SseError when a byte before broke the stream."""
        if self._error is not None:
            raise self._error


def _words(error: UnicodeDecodeError) -> str:
    """What was good before the bad byte still counts, so the index is always 0."""
    if error.reason == "unexpected end of data":
        return "UTF8 error: incomplete utf-8 byte sequence from index 0"
    return f"UTF8 error: invalid utf-8 sequence of {error.end - error.start} bytes from index 0"
