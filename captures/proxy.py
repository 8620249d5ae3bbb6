"""mitmproxy between an agent and the fake server, in reverse mode, as a subprocess in its own environment."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from fake_server.journal import Exchange

__all__ = ["CaptureProxy", "ProxyError", "mitmdump_path"]

_ADDON = Path(__file__).with_name("addon.py")


class ProxyError(RuntimeError):
    """The capture proxy did not start; the message says what to do."""


def mitmdump_path(repo: Path) -> Path:
    """Where `make setup` puts mitmproxy, or $PYCODEX_MITMDUMP. Raises ProxyError where there is none."""
    path = Path(os.environ.get("PYCODEX_MITMDUMP") or repo / ".venv-mitmproxy" / "bin" / "mitmdump")
    if not path.exists():
        raise ProxyError(f"mitmproxy is not set up ({path} is missing): run `make setup`")
    return path


class CaptureProxy:
    """`async with CaptureProxy(upstream_url, folder, mitmdump) as proxy:` then agents talk to `proxy.port`."""

    def __init__(self, upstream: str, folder: Path, mitmdump: Path) -> None:
        self.upstream = upstream
        self.log = folder / "capture.jsonl"
        self.port = 0
        self._mitmdump = mitmdump
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._read = 0

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.log.write_text("")
        self.port = _free_port()
        options = {
            "confdir": str(self._folder),
            "capture_log": str(self.log),
            "keep_host_header": "true",
            "connection_strategy": "lazy",
            "flow_detail": "0",
        }
        words = [w for name, value in options.items() for w in ("--set", f"{name}={value}")]
        self._process = await asyncio.create_subprocess_exec(
            self._mitmdump,
            "--quiet",
            *("--mode", f"reverse:{self.upstream}"),
            *("--listen-host", "127.0.0.1", "--listen-port", str(self.port)),
            *("-s", str(_ADDON)),
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        for _ in range(600):
            if self._process.returncode is not None:
                text = (await self._process.stdout.read()).decode() if self._process.stdout else ""
                raise ProxyError(f"mitmdump ended at start: {text.strip() or 'no output'}")
            if await _accepts(self.port):
                return self
            await asyncio.sleep(0.05)
        raise ProxyError(f"mitmdump did not listen on port {self.port} within 30 seconds")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)  # raw traffic and mitmproxy's own keys

    async def exchanges(self, served: Sequence[Exchange], timeout: float = 10.0) -> list[Exchange]:
        """What the proxy saw since the last call, in order of arrival, with the script step the server answered with.

        `served` is the server's own journal: the proxy is waited for until it has logged each of these.
        """
        steps = {exchange.capture_id: exchange for exchange in served}
        seen: list[Exchange] = []
        for _ in range(int(timeout / 0.02)):
            seen = [Exchange.from_json(row) for row in _rows(self.log, self._read)]
            if {e.capture_id for e in seen} >= set(steps):
                break
            await asyncio.sleep(0.02)
        else:
            raise ProxyError(f"the proxy logged {len(seen)} of {len(served)} exchanges within {timeout:g} s")
        self._read = self.log.stat().st_size
        joined = []
        for exchange in sorted(seen, key=lambda e: e.seq):
            twin = steps.get(exchange.capture_id)
            joined.append(replace(exchange, step=twin.step, end=twin.end) if twin else exchange)
        return joined


def _rows(path: Path, start: int) -> list[dict[str, object]]:
    import json

    with path.open("rb") as log:
        log.seek(start)
        return [json.loads(line) for line in log.read().split(b"\n") if line.endswith(b"}")]


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
