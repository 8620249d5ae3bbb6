"""What happened: one Exchange per HTTP request and its response, and the Problems found on the way.

Standard library only: a proxy writes the same JSON form from an environment of its own.

An Exchange is frozen and complete. While a response is still being written there is an `OpenExchange`, which can give a
snapshot at any time; its `end` is then "open".
"""

import base64
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "CAPTURE_ID",
    "CONNECT",
    "FORMAT",
    "HANDSHAKE",
    "MESSAGE",
    "Exchange",
    "Head",
    "OpenExchange",
    "Problem",
    "Whose",
    "redact_head",
    "redact_target",
    "split_capture_id",
]

FORMAT = 1
"""Version of the JSON form of an Exchange."""

CAPTURE_ID = "x-capture-id"
"""Request header by which our own proxy links its flow to this exchange; it is never part of `head`."""

MESSAGE = "MESSAGE"
"""The `method` of an exchange that is a WebSocket message; its upgrade is a GET exchange on the same connection."""

CONNECT = "CONNECT"
"""The `method` of an exchange that asks for a tunnel: `target` names its other end."""

HANDSHAKE = "HANDSHAKE"
"""The `method` of an exchange that is a TLS handshake which did not come to be: `target` is the name that was asked
for, `end` what the client said of it."""

Head = tuple[tuple[str, str], ...]
"""Header names and values as latin-1 text, in wire order and case."""

Whose = Literal["agent", "script", "harness"]

_SECRET = re.compile(r"authorization|cookie|api[-_]?key|access[-_]?key|token|secret|password|credential", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that should not have happened, and whose fault it is.

    `where` names the place ("request 3", "main/2"); `message` says what and what to do about it.
    """

    whose: Whose
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} (whose fault: the {self.whose})"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One HTTP request and its response, or one WebSocket message of the client and the messages that answer it.

    seq              1-based number in order of arrival (the moment the request was complete)
    connection       label of the TCP connection, "c1", "c2" ... in order of arrival
    started          unix seconds at which the request was complete
    head             request head, without x-capture-id, which is kept in `capture_id`
    body             raw bytes, still compressed if the agent compressed them
    chunks           (seconds since `started`, length) of each write of the response body
    end              "complete" | "client_closed" | "server_closed" | "error: ..." | "open" (not finished yet)
    response_body    raw bytes; of messages, one line each
    step             script step that answered, "main/1" (track / 1-based answer), or None
    """

    seq: int
    connection: str
    started: float
    method: str
    target: str
    http_version: str
    head: Head
    body: bytes
    status: int
    response_head: Head
    response_body: bytes
    chunks: tuple[tuple[float, int], ...]
    end: str
    finished: float
    step: str | None = None
    capture_id: str | None = None

    def to_json(self, *, redact: bool = False) -> dict[str, Any]:
        """The JSON form, bodies as base64. `redact` masks credentials in both heads and in the query of `target`."""
        head, response_head = self.head, self.response_head
        if redact:
            head, response_head = redact_head(head), redact_head(response_head)
        return {
            "format": FORMAT,
            "seq": self.seq,
            "connection": self.connection,
            "started": self.started,
            "method": self.method,
            "target": redact_target(self.target) if redact else self.target,
            "http_version": self.http_version,
            "head": [list(pair) for pair in head],
            "body_b64": base64.b64encode(self.body).decode("ascii"),
            "status": self.status,
            "response_head": [list(pair) for pair in response_head],
            "response_body_b64": base64.b64encode(self.response_body).decode("ascii"),
            "chunks": [list(chunk) for chunk in self.chunks],
            "end": self.end,
            "finished": self.finished,
            "step": self.step,
            "capture_id": self.capture_id,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Exchange":
        """Read the JSON form back. ValueError names what is wrong (a newer format, a missing key)."""
        if data.get("format", FORMAT) != FORMAT:
            raise ValueError(f"an exchange of format {data['format']}; this program reads format {FORMAT}")
        try:
            return cls(
                seq=data["seq"],
                connection=data["connection"],
                started=data["started"],
                method=data["method"],
                target=data["target"],
                http_version=data["http_version"],
                head=_pairs(data["head"]),
                body=base64.b64decode(data["body_b64"]),
                status=data["status"],
                response_head=_pairs(data["response_head"]),
                response_body=base64.b64decode(data["response_body_b64"]),
                chunks=tuple((at, length) for at, length in data["chunks"]),
                end=data["end"],
                finished=data["finished"],
                step=data.get("step"),
                capture_id=data.get("capture_id"),
            )
        except KeyError as missing:
            raise ValueError(f"an exchange without the key {missing}") from None


@dataclass(kw_only=True)
class OpenExchange:
    """An exchange whose response is still being written."""

    seq: int
    connection: str
    method: str
    target: str
    http_version: str
    head: Head
    body: bytes
    capture_id: str | None = None
    step: str | None = None
    status: int = 0
    response_head: Head = ()
    end: str = "open"
    started: float = field(default_factory=time.time)
    finished: float = 0.0
    _clock: float = field(default_factory=time.monotonic)
    _written: list[bytes] = field(default_factory=list)
    _chunks: list[tuple[float, int]] = field(default_factory=list)

    def wrote(self, data: bytes) -> None:
        """Note one write of the response body."""
        self._written.append(data)
        self._chunks.append((round(time.monotonic() - self._clock, 6), len(data)))

    @property
    def written(self) -> int:
        """Bytes of the response body written so far."""
        return sum(length for _, length in self._chunks)

    def close(self, end: str) -> None:
        """Note how it ended."""
        self.end = end
        self.finished = time.time()

    def snapshot(self) -> Exchange:
        return Exchange(
            seq=self.seq,
            connection=self.connection,
            started=self.started,
            method=self.method,
            target=self.target,
            http_version=self.http_version,
            head=self.head,
            body=self.body,
            status=self.status,
            response_head=self.response_head,
            response_body=b"".join(self._written),
            chunks=tuple(self._chunks),
            end=self.end,
            finished=self.finished or time.time(),
            step=self.step,
            capture_id=self.capture_id,
        )


def split_capture_id(head: Iterable[tuple[str, str]]) -> tuple[Head, str | None]:
    """Take our own x-capture-id out of a request head: (head without it, its value or None)."""
    kept: list[tuple[str, str]] = []
    found: str | None = None
    for name, value in head:
        if name.lower() == CAPTURE_ID:
            found = value
        else:
            kept.append((name, value))
    return tuple(kept), found


def redact_head(head: Head) -> Head:
    """Mask the values of credential headers; an authorization scheme stays readable ("Bearer ***")."""
    return tuple((name, _mask(value) if _SECRET.search(name) else value) for name, value in head)


def redact_target(target: str) -> str:
    """Mask the values of credential-like query parameters."""
    path, mark, query = target.partition("?")
    parts = (part.partition("=") for part in query.split("&"))
    return path + mark + "&".join(n + e + ("***" if e and _SECRET.search(n) else v) for n, e, v in parts)


def _mask(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} ***" if space and scheme.isalpha() else "***"


def _pairs(data: Iterable[Iterable[str]]) -> Head:
    return tuple((name, value) for name, value in data)
