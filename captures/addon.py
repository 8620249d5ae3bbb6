"""The mitmproxy addon: writes each exchange as a line of JSON, and tees streams chunk by chunk.

By default mitmproxy buffers a server-sent stream to its end, which hides idle timeouts and turns a cut stream into
an HTTP error: the agent would behave differently. So `responseheaders` streams, keeping a copy and the times.
Runs inside mitmproxy's own environment (`mitmdump -s addon.py --set capture_log=FILE`), so it imports nothing of ours.
"""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from mitmproxy import ctx, http

__all__ = ["Capture", "addons"]


class Capture:
    """Writes one line per exchange, in the order in which the exchanges end."""

    def __init__(self) -> None:
        self.count = 0
        self.connections: dict[str, str] = {}

    def load(self, loader: Any) -> None:
        loader.add_option("capture_log", str, "", "File that gets one JSON line per exchange.")

    def request(self, flow: http.HTTPFlow) -> None:
        self.count += 1
        label = self.connections.setdefault(flow.client_conn.id, f"c{len(self.connections) + 1}")
        request = flow.request
        flow.metadata["capture"] = {
            "seq": self.count,
            "connection": label,
            "started": time.time(),
            "method": request.method,
            "target": request.path,
            "http_version": request.http_version,
            "head": _fields(request.headers),
            "body_b64": _b64(request.raw_content or b""),
            "capture_id": str(self.count),
        }
        request.headers["x-capture-id"] = str(self.count)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        kept: list[tuple[float, bytes]] = []
        flow.metadata["capture_kept"] = kept

        def tee(chunk: bytes) -> bytes:
            kept.append((time.time(), chunk))
            return chunk

        flow.response.stream = tee

    def response(self, flow: http.HTTPFlow) -> None:
        self.write(flow, "complete")

    def error(self, flow: http.HTTPFlow) -> None:
        self.write(flow, f"error: {flow.error.msg if flow.error else 'unknown'}")

    def write(self, flow: http.HTTPFlow, end: str) -> None:
        row = flow.metadata.pop("capture", None)
        if row is None:
            return
        kept = flow.metadata.get("capture_kept", [])
        row["status"] = flow.response.status_code if flow.response else 0
        row["response_head"] = _fields(flow.response.headers) if flow.response else []
        row["response_body_b64"] = _b64(b"".join(chunk for _, chunk in kept))
        row["chunks"] = [[moment - row["started"], len(chunk)] for moment, chunk in kept if chunk]
        row["end"] = end
        row["finished"] = time.time()
        row["step"] = None
        with open(ctx.options.capture_log, "a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")


def _fields(headers: Any) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers.fields]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


addons = [Capture()]
