"""Exchanges as HAR 1.2: a page for each run of a cell, an entry for each request.

What HAR has no word for stands in keys that begin with an underscore, as the format wants: the step of the script that
answered, how the answer ended, and the messages of a WebSocket (as Chromium writes them, at the request that upgraded).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fake_server.journal import MESSAGE

__all__ = ["entry", "message_rows", "pages", "write_har"]

Row = Mapping[str, Any]


def write_har(rows: Callable[[], Iterable[Row]], path: Path) -> None:
    """Writes the file entry by entry; `rows` is called again for each pass over them."""
    messages = message_rows(rows())
    log = {"version": "1.2", "creator": {"name": "python -m captures", "version": "1"}, "pages": pages(rows())}
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log": ' + json.dumps(log)[:-1] + ', "entries": [\n')
        requests = (row for row in rows() if row["method"] != MESSAGE)
        for number, row in enumerate(requests):
            line = json.dumps(entry(row, messages.get(_socket(row), ())))
            file.write(f"{',' if number else ''}{line}\n")
        file.write("]}}\n")


def pages(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """A page for each run."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = _page(row)
        if name not in found:
            started = _iso(row["started"])
            found[name] = {"startedDateTime": started, "id": name, "title": name, "pageTimings": {}}
    return list(found.values())


def message_rows(rows: Iterable[Row]) -> dict[tuple[str, int, str], list[dict[str, Any]]]:
    """The messages of each WebSocket, in order, as Chromium has them."""
    found: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["method"] == MESSAGE:
            said = [("send", row["started"], _bytes(row["body_b64"]))]
            lines = _bytes(row["response_body_b64"]).splitlines()
            times = [row["started"] + at for at, _ in row["chunks"]]
            times += [row["finished"]] * (len(lines) - len(times))
            said += [("receive", at, line) for at, line in zip(times, lines, strict=False)]
            found.setdefault(_socket(row), []).extend(
                {"type": kind, "time": at, "opcode": 1, "data": data.decode("utf-8", "replace")}
                for kind, at, data in said
            )
    return found


def entry(row: Row, messages: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """One request and its answer."""
    wait = row["chunks"][0][0] if row["chunks"] else row["finished"] - row["started"]
    took = row["finished"] - row["started"]
    found: dict[str, Any] = {
        "pageref": _page(row),
        "startedDateTime": _iso(row["started"]),
        "time": _ms(took),
        "request": _request(row),
        "response": _response(row),
        "cache": {},
        "timings": {"send": 0, "wait": _ms(wait), "receive": _ms(max(0.0, took - wait))},
        "connection": row["connection"],
        "_step": row["step"],
        "_end": row["end"],
    }
    return {**found, "_webSocketMessages": list(messages)} if messages else found


def _request(row: Row) -> dict[str, Any]:
    body = _bytes(row["body_b64"])
    host = _header(row["head"], "host") or "localhost"
    request: dict[str, Any] = {
        "method": row["method"],
        "url": f"http://{host}{row['target']}",
        "httpVersion": row["http_version"],
        "cookies": [],
        "headers": _named(row["head"]),
        "queryString": _named(parse_qsl(row["target"].partition("?")[2], keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(body),
    }
    if body:
        text, encoding = _text(body)
        post = {"mimeType": _header(row["head"], "content-type") or "", "text": text}
        request["postData"] = post if encoding is None else {**post, "_encoding": encoding}
    return request


def _response(row: Row) -> dict[str, Any]:
    body = _bytes(row["response_body_b64"])
    text, encoding = _text(body)
    content = {"size": len(body), "mimeType": _header(row["response_head"], "content-type") or "", "text": text}
    known = row["status"] in {status.value for status in HTTPStatus}
    return {
        "status": row["status"],
        "statusText": HTTPStatus(row["status"]).phrase if known else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _named(row["response_head"]),
        "content": content if encoding is None else {**content, "encoding": encoding},
        "redirectURL": _header(row["response_head"], "location") or "",
        "headersSize": -1,
        "bodySize": len(body),
    }


def _page(row: Row) -> str:
    return f"{row['cell']} run {row['run']}"


def _socket(row: Row) -> tuple[str, int, str]:
    return (row["cell"], row["run"], row["connection"])


def _named(pairs: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _header(head: Iterable[Sequence[str]], name: str) -> str | None:
    return next((value for key, value in head if key.lower() == name), None)


def _text(data: bytes) -> tuple[str, str | None]:
    """As text, or in base64 where it is none."""
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), "base64"


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
