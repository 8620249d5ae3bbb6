"""A doctor's subject of a configuration that is written down, and small servers that always say the same."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pycodex.cli.clap import parse
from pycodex.cli.options import program
from pycodex.doctor.report import Check
from pycodex.doctor.subject import Subject, open_subject
from pycodex.records import replace
from pycodex.upstream import NEWEST, load_dialect

KEY = "sk-test-0123456789-abcd"
PROVIDER = """model = "gpt-5.5"
model_provider = "own"
[model_providers.own]
name = "own"
base_url = "{url}"
env_key = "OWN_KEY"
"""

Reply = tuple[int, Mapping[str, str], str]


def subject(
    home: Path,
    config: str = "",
    *argv: str,
    env: Mapping[str, str] | None = None,
    version: str = NEWEST,
    endpoint: str | None = None,
) -> Subject:
    """What the doctor looks at with this config.toml (written unless it is empty) and this `--vllm-endpoint`."""
    if config:
        (home / "config.toml").write_text(config)
    dialect = load_dialect(version)
    parsed = parse(program(dialect), ["doctor", "-c", 'sandbox_mode="danger-full-access"', *argv])
    parsed = replace(parsed, values={**parsed.values, "vllm_endpoint": endpoint})
    given = {"HOME": str(home), "CODEX_HOME": str(home), "PATH": "/usr/bin:/bin", "OWN_KEY": KEY}
    return open_subject(dialect, parsed, given | dict(env or {}))


def provider(url: str, more: str = "") -> str:
    """A config.toml whose provider is there; `more` are lines of its table."""
    return PROVIDER.format(url=url) + more


def by_id(checks: list[Check]) -> dict[str, Check]:
    return {check.id: check for check in checks}


@contextmanager
def canned(
    replies: Mapping[tuple[str, str], Reply], tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[str]]]:
    """A server that gives each (method, end of the path) its reply, and 404 to anything else; its URL with /v1, and
    the requests as they come."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            seen.append(f"{self.command} {self.path}")
            found = (reply for (method, end), reply in replies.items() if method == self.command and path.endswith(end))
            status, headers, body = next(found, (404, {"content-type": "application/json"}, '{"detail": "Not Found"}'))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        do_GET = do_HEAD = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
