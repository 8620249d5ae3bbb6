"""The events of a server's stream: their data, and the ids with which a stream is taken up again."""

from __future__ import annotations

from pycodex.header_values import valid_value
from pycodex.sse import SseParser

__all__ = ["EventsWithIds"]


class EventsWithIds(SseParser):
    """`last_id`: of the newest event that has one; `retry`: seconds that the server wants to be left alone for."""

    def __init__(self, last_id: str | None = None) -> None:
        super().__init__()
        self.last_id = last_id
        self.retry: float | None = None

    def _read(self, lines: list[str]) -> list[str]:
        for line in lines:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "id" and valid_value(value):  # it goes into a head
                self.last_id = value
            elif name == "retry" and value.isascii() and value.isdigit():
                self.retry = int(value) / 1000
        return super()._read(lines)
