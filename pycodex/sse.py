"""Server-sent events out of bytes, exactly as lenient as codex-cli reads them; no I/O.

Measured (captures: answers/line_ends, answers/bad_bytes): LF, CRLF and a lone CR end a line, and a CR only once it is
known what follows it; comments, `id:`, `retry:` and unknown fields are skipped, several `data:` lines are joined by a
newline, an event without the blank line after it is never dispatched, chunks may be cut anywhere. From a byte that is
not UTF-8 on nothing is read, which is told at the end of the stream; a byte order mark at its beginning breaks it.
"""

from __future__ import annotations

__all__ = ["SseError", "SseParser"]

_LONGEST_CHARACTER = 4
"""Bytes: so many that are no text yet will never be."""


class SseError(Exception):
    """The bytes are not an event stream; the message is the one codex-cli prints."""


class SseParser:
    """Feed chunks, get the data of every event that became complete. State is the unfinished character, line and event
    only."""

    def __init__(self) -> None:
        self._bytes = b""
        self._line: list[str] = []
        self._data: list[str] = []
        self._start = True
        self._after_cr = False
        self._broken: str | None = None

    def feed(self, chunk: bytes) -> list[str]:
        """The data texts of the events that `chunk` completes. Raises SseError for a byte order mark."""
        text = self._decode(chunk)
        if not text:
            return []
        if self._start:
            self._start = False
            if text[0] == "\ufeff":
                raise SseError("stream closed before response.completed")
        if self._after_cr or "\r" in text:
            text = self._with_line_feeds(text)
        end = text.rfind("\n")
        if end < 0:
            # A long event arrives in many chunks: they are joined once, when its line ends.
            self._line.append(text)
            return []
        lines = text[:end].split("\n")
        if self._line:
            lines[0] = "".join((*self._line, lines[0]))
            self._line.clear()
        if end + 1 < len(text):
            self._line.append(text[end + 1 :])
        return self._read(lines)

    def end(self) -> None:
        """The stream has ended in good order. Raises SseError where a byte broke it, or a character is cut in two."""
        if self._bytes:
            self._note(self._bytes)
        if self._broken is not None:
            raise SseError(f"UTF8 error: {self._broken} from index 0")

    def _decode(self, chunk: bytes) -> str:
        """The text up to a character that is not whole yet, or the first byte that is wrong."""
        if self._broken is not None:
            return ""
        data = self._bytes + chunk if self._bytes else chunk
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            text = data[: error.start].decode()
            self._bytes = data[error.start :]
            if len(self._bytes) >= _LONGEST_CHARACTER:
                self._note(self._bytes)
                self._bytes = b""
        else:
            self._bytes = b""
        return text

    def _note(self, data: bytes) -> None:
        """What is wrong with bytes that begin no character. What was good before them is gone, so the index that
        codex-cli names is always 0."""
        try:
            data.decode()
        except UnicodeDecodeError as error:
            cut = error.end == len(data) and error.reason == "unexpected end of data"
            length = error.end - error.start
            self._broken = "incomplete utf-8 byte sequence" if cut else f"invalid utf-8 sequence of {length} bytes"

    def _with_line_feeds(self, text: str) -> str:
        """Every line end as LF. A CR at the end waits: it may be half of a CRLF."""
        if self._after_cr:
            text = f"\r{text}"
        self._after_cr = text.endswith("\r")
        if self._after_cr:
            text = text[:-1]
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _read(self, lines: list[str]) -> list[str]:
        data = self._data
        events: list[str] = []
        for line in lines:
            if not line:
                if data:
                    events.append(data[0] if len(data) == 1 else "\n".join(data))
                    data.clear()
            elif line[:5] == "data:":
                data.append(line[6:] if line[5:6] == " " else line[5:])
            elif line == "data":
                data.append("")
        return events
