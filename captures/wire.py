"""The times of a run: when each request came and when each event of its answer went out.

A recording is canonical and holds no time. The driver leaves them beside each fresh recording in `wire.json`, which
is no part of it: never compared, never committed. A row for each request, in the order of the recording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from captures.canonical import RawRun
from fake_server.journal import MESSAGE, Exchange

__all__ = ["FILE", "WireRow", "read_wire", "wire_rows", "write_wire"]

FILE = "wire.json"

_BLOCK_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, kw_only=True)
class WireRow:
    """One request and its answer, in milliseconds.

    at          since the scenario began
    took        from the request to the end of its answer
    events      (since the request, type of the event)
    """

    connection: str
    at: int
    took: int
    events: tuple[tuple[int, str], ...] = ()


def wire_rows(raw: RawRun) -> list[WireRow]:
    """A row for each exchange of a run."""
    return [_row(one.exchange, f"{one.run}/{one.exchange.connection}", raw.window.start) for one in raw.exchanges]


def write_wire(rows: Sequence[WireRow], folder: Path) -> None:
    """Writes the rows beside a recording."""
    lines = ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    (folder / FILE).write_text(f"[\n{lines}\n]\n" if rows else "[]\n", encoding="utf-8")


def read_wire(folder: Path) -> list[WireRow] | None:
    """The rows beside a recording; None where there are none, as beside all committed ones."""
    try:
        data: list[dict[str, Any]] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return [WireRow(**{**row, "events": tuple((at, kind) for at, kind in row["events"])}) for row in data]
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _row(exchange: Exchange, connection: str, start: float) -> WireRow:
    return WireRow(
        connection=connection,
        at=_ms(exchange.started - start),
        took=_ms(exchange.finished - exchange.started),
        events=tuple(_events(exchange)),
    )


def _events(exchange: Exchange) -> Iterator[tuple[int, str]]:
    """Each event of the answer, at the write that completed it."""
    ends = _ends(exchange)
    written, position = 0, 0
    for at, length in exchange.chunks:
        written += length
        while position < len(ends) and ends[position][0] <= written:
            yield _ms(at), ends[position][1]
            position += 1


def _ends(exchange: Exchange) -> list[tuple[int, str]]:
    """(offset of its end, type) of each event in the body of the answer."""
    body = exchange.response_body
    if exchange.method == MESSAGE:
        ends, at = [], 0
        for line in body.splitlines(keepends=True):
            at += len(line)
            ends.append((at, _type(line)))
        return ends
    kind = next((value for name, value in exchange.response_head if name.lower() == "content-type"), "")
    if "event-stream" not in kind:
        return []
    stops = [match.end() for match in _BLOCK_END.finditer(body)]
    blocks = zip([0, *stops], stops, strict=False)
    return [(stop, _type(_data(body[start:stop]))) for start, stop in blocks if _data(body[start:stop])]


def _data(block: bytes) -> bytes:
    return b"\n".join(match[1] for match in re.finditer(rb"^data: ?(.*?)\r?$", block, re.MULTILINE))


def _type(data: bytes) -> str:
    """The `type` of an event, or its first characters where it has none."""
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return str(value["type"])
    return data[:40].decode(errors="replace").strip()


def _ms(seconds: float) -> int:
    return max(0, round(seconds * 1000))
