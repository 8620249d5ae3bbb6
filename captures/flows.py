"""Exchanges as mitmproxy's flows: `python -m captures.flows SPOOL FLOW`, in mitmproxy's own environment.

The file is written by mitmproxy's writer, so every tool of that version reads it. A flow's comment names the cell, the
run, and the step of the script that answered.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mitmproxy import connection, flow, http, io, websocket

__all__ = ["flows_of", "main"]

_MESSAGE = "MESSAGE"
"""fake_server.journal.MESSAGE: nothing of ours is imported here but what stands in this file."""

_TEXT = 1
"""The opcode of a text frame."""


def main(argv: list[str]) -> int:
    """Reads the spool of captures.traffic and writes the flows."""
    spool, into = argv
    with open(into, "wb") as file, open(spool, encoding="utf-8") as lines:
        writer = io.FlowWriter(file)
        for one in flows_of(json.loads(line) for line in lines):
            writer.add(one)
    return 0


def flows_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[http.HTTPFlow]:
    """A flow for each request; the messages of a WebSocket belong to the one that upgraded."""
    sockets: dict[tuple[Any, ...], http.HTTPFlow] = {}
    clients: dict[tuple[Any, ...], connection.Client] = {}
    cell = None
    for row in rows:
        if row["cell"] != cell:
            yield from sockets.values()
            sockets, clients, cell = {}, {}, row["cell"]
        key = (row["cell"], row["run"], row["connection"])
        if row["method"] == _MESSAGE:
            if key in sockets:
                _say(sockets[key], row)
            continue
        made = _flow(row, clients.setdefault(key, _client(row)))
        if row["status"] == 101:
            made.websocket = websocket.WebSocketData()
            sockets[key] = made
        else:
            yield made
    yield from sockets.values()


def _client(row: Mapping[str, Any]) -> connection.Client:
    address = _address(row)
    return connection.Client(peername=("127.0.0.1", 0), sockname=address, timestamp_start=row["started"])


def _flow(row: Mapping[str, Any], client: connection.Client) -> http.HTTPFlow:
    host, port = _address(row)
    server = connection.Server(address=(host, port), timestamp_start=row["started"])
    made = http.HTTPFlow(client, server)
    made.comment = f"{row['cell']} run {row['run']}" + (f", {row['step']}" if row["step"] else "")
    made.timestamp_created = row["started"]
    made.request = http.Request(
        host=host,
        port=port,
        method=row["method"].encode(),
        scheme=b"http",
        authority=b"",
        path=row["target"].encode("latin-1", "replace"),
        http_version=row["http_version"].encode(),
        headers=_headers(row["head"]),
        content=base64.b64decode(row["body_b64"]),
        trailers=None,
        timestamp_start=row["started"],
        timestamp_end=row["started"],
    )
    if row["status"]:
        first = row["started"] + (row["chunks"][0][0] if row["chunks"] else 0)
        made.response = http.Response(
            http_version=b"HTTP/1.1",
            status_code=row["status"],
            reason=http.status_codes.RESPONSES.get(row["status"], "").encode(),
            headers=_headers(row["response_head"]),
            content=base64.b64decode(row["response_body_b64"]),
            trailers=None,
            timestamp_start=first,
            timestamp_end=row["finished"],
        )
    if row["end"] != "complete":
        made.error = flow.Error(row["end"], row["finished"])
    return made


def _say(made: http.HTTPFlow, row: Mapping[str, Any]) -> None:
    assert made.websocket is not None
    lines = base64.b64decode(row["response_body_b64"]).splitlines()
    times = [row["started"] + at for at, _ in row["chunks"]] + [row["finished"]] * len(lines)
    said = [(True, row["started"], base64.b64decode(row["body_b64"]))]
    said += [(False, at, line) for at, line in zip(times, lines, strict=False)]
    for ours, at, data in said:
        made.websocket.messages.append(websocket.WebSocketMessage(_TEXT, ours, data, at))


def _address(row: Mapping[str, Any]) -> tuple[str, int]:
    host = next((value for name, value in row["head"] if name.lower() == "host"), "127.0.0.1:80")
    name, _, port = host.rpartition(":")
    return (name, int(port)) if name and port.isdigit() else (host, 80)


def _headers(head: Iterable[Iterable[str]]) -> http.Headers:
    return http.Headers([(name.encode("latin-1"), value.encode("latin-1")) for name, value in head])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
