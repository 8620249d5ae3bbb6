"""An agent behind our own proxy, held against the shapes of a version while it runs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captures.agents import model_for
from captures.scenario import Lane
from compare.shapes.judge import Shapes, Violation
from fake_server import Exchange, FakeServer, Source
from fake_server.bodies import BodyError, parse_body
from fake_server.friendly import Friendly

__all__ = ["Options", "Watch", "run_agent"]

_URL = "{url}"


@dataclass(frozen=True, kw_only=True)
class Options:
    """`upstream`: a live provider to pass on to, with its `key`; without one our own server answers."""

    version: str
    upstream: str | None = None
    key: str | None = None
    source: Source | None = None


@dataclass(kw_only=True)
class Watch:
    """Judges what comes by, tells each violation at once, and counts."""

    shapes: Shapes
    tell: Callable[[str], None]
    requests: int = 0
    violations: list[str] = field(default_factory=list)

    def exchange(self, exchange: Exchange) -> None:
        self.requests += 1
        try:
            body = parse_body(exchange.head, exchange.body)
        except BodyError as error:
            self._note(f"request {exchange.seq}", [Violation(place="body", what=str(error))])
            return
        self._note(f"request {exchange.seq}", self.shapes.request(exchange.method, exchange.head, body))

    def line(self, line: bytes, number: int) -> None:
        """A line of standard output; one that is no event is none of ours."""
        try:
            event = json.loads(line)
        except ValueError:
            return
        if isinstance(event, Mapping) and isinstance(event.get("type"), str):
            self._note(f"stdout line {number}", self.shapes.event(event))

    def _note(self, where: str, found: Sequence[Violation] | Iterator[Violation]) -> None:
        for violation in found:
            self.violations.append(f"{where}: {violation}")
            self.tell(self.violations[-1])


async def run_agent(command: Sequence[str], options: Options, watch: Watch) -> int:
    """Runs the command to its end; returns its exit code. Where no word of it has {url}, it gets a CODEX_HOME of its
    own whose provider is the proxy."""
    server = FakeServer(upstream=options.upstream, key=options.key, on_exchange=watch.exchange)
    home = Path(tempfile.mkdtemp(prefix="shapes-", dir="/var/tmp"))
    try:
        async with server:
            if options.upstream is None:
                server.load(options.source or Friendly())
            url = f"{server.url}/v1"
            env = {**os.environ, "FAKE_KEY": "sk-fake"}
            if not any(_URL in word for word in command):
                (home / "config.toml").write_text(_config(url, options.version), encoding="utf-8")
                env["CODEX_HOME"] = str(home)
            code = await _run([word.replace(_URL, url) for word in command], env, watch)
            await server.settle()
            return code
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _config(url: str, version: str) -> str:
    import tomli_w

    provider = {"name": "fake", "base_url": url, "env_key": "FAKE_KEY", "wire_api": "responses"}
    model = model_for(Lane(version, "direct"))
    settings: dict[str, Any] = {"model": model, "model_provider": "fake", "model_providers": {"fake": provider}}
    return tomli_w.dumps(settings)


async def _run(command: Sequence[str], env: Mapping[str, str], watch: Watch) -> int:
    """The agent has our terminal; only with --json its output goes through us, line by line."""
    piped = asyncio.subprocess.PIPE if "--json" in command else None
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=piped, limit=2**26)
    number = 0
    while process.stdout is not None and (line := await process.stdout.readline()):
        number += 1
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        watch.line(line, number)
    return await process.wait()
