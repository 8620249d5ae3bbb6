"""Who is measured: each a server in a process of its own before the same backend."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from captures.driver import WORK
from captures.environments import environment
from tests.bench.layer.backend import MODEL
from tests.bench.layer.client import BODIES

__all__ = ["SERVERS", "Running", "Server", "start"]

_PATIENCE = 120.0
"""Seconds that a server may take to start: LiteLLM needs twenty on a quiet machine."""

_LITELLM = """\
model_list:
  - model_name: {model}
    litellm_params: {{model: openai/chat_completions/{model}, api_base: "{backend}", api_key: none}}
litellm_settings: {{num_retries: 0, telemetry: false}}
"""
"""`openai/chat_completions/` is LiteLLM's own word for: answer /responses out of chat/completions."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """One that is measured: `command` gets the backend's base URL, a port and a folder of its own."""

    name: str
    path: str
    command: Callable[[str, int, Path], Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that answers."""

    server: Server
    base_url: str
    pid: int


def _pass_through(backend: str, port: int, folder: Path) -> Sequence[str]:
    return (sys.executable, "-m", "tests.bench.layer.pass_through", backend, str(port))


def _layer(backend: str, port: int, folder: Path) -> Sequence[str]:
    return (sys.executable, "-m", "pycodex.responses_server", "--backend", backend, "--port", str(port))


def _litellm(backend: str, port: int, folder: Path) -> Sequence[str]:
    program = environment("litellm", "litellm.txt", WORK) / "litellm"
    config = folder / "litellm.yaml"
    config.write_text(_LITELLM.format(model=MODEL, backend=backend))
    return (str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port))


SERVERS = (
    Server(name="pass-through", path="/chat/completions", command=_pass_through),
    Server(name="responses_server", path="/responses", command=_layer),
    Server(name="LiteLLM", path="/responses", command=_litellm),
)


@asynccontextmanager
async def start(server: Server, backend: str, folder: Path) -> AsyncIterator[Running]:
    """Start it and wait until it answers. Raises AgentError, or RuntimeError with the end of what it printed."""
    port = _free_port()
    command = await asyncio.to_thread(server.command, backend, port, folder)
    printed = folder / f"{server.name}.log"
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": os.getcwd()}
    # Nothing is fetched, and nothing is told to anybody.
    env |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "NO_PROXY": "127.0.0.1"}
    env["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"  # the bench has no key for anybody
    with printed.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        base_url = f"http://127.0.0.1:{port}/v1"
        if not await _answers(process, f"{base_url}{server.path}", BODIES[server.path]):
            raise RuntimeError(f"{server.name} does not answer:\n{printed.read_text(errors='replace')[-2000:]}")
        yield Running(server=server, base_url=base_url, pid=process.pid)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answers(process: asyncio.subprocess.Process, url: str, body: object) -> bool:
    end = time.monotonic() + _PATIENCE
    async with aiohttp.ClientSession() as session:
        while process.returncode is None and time.monotonic() < end:
            try:
                async with session.post(url, json=body) as response:
                    await response.read()
                    return response.status == 200
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.2)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
