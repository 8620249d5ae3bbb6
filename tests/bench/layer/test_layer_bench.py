"""The parts of the layer's bench: a backend whose tokens tell when they left, the client, the servers, the table."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.layer.backend import ChatBackend
from tests.bench.layer.cases import Case, Figures, measure
from tests.bench.layer.client import read_streams
from tests.bench.layer.processes import cpu_seconds, peak_bytes, resident_bytes
from tests.bench.layer.servers import SERVERS, Server, start
from tests.bench.layer.table import Memory, render

CASE = Case(name="three streams", streams=3, tokens=40, shown=("middle", "rate"))
OWN = [server for server in SERVERS if server.name != "LiteLLM"]


@pytest.mark.parametrize("server", OWN, ids=lambda server: server.name)
async def test_a_server_is_measured(server: Server, tmp_path: Path) -> None:
    async with ChatBackend() as backend, start(server, f"{backend.url}/v1", tmp_path) as running:
        found = await measure(CASE, backend, running)
        assert 0 < found.middle <= found.slowest
        assert found.rate > 0 and found.cpu > 0
        assert 0 < resident_bytes(running.pid) <= peak_bytes(running.pid)


async def test_every_token_is_one_that_counts() -> None:
    async with ChatBackend() as backend:
        backend.tokens = 7
        assert len(await read_streams(f"{backend.url}/v1", "/chat/completions", 2, 7)) == 14
        with pytest.raises(RuntimeError, match="7 tokens of 8"):
            await read_streams(f"{backend.url}/v1", "/chat/completions", 1, 8)
        with pytest.raises(RuntimeError, match="404"):
            await read_streams(f"{backend.url}/v1", "/responses", 1, 1)


async def test_a_server_that_does_not_start_is_told(tmp_path: Path) -> None:
    broken = Server(name="x", path="/responses", command=lambda *_: (sys.executable, "-c", "raise SystemExit('why')"))
    with pytest.raises(RuntimeError, match=r"x does not answer:\nwhy"):
        async with start(broken, "http://127.0.0.1:1/v1", tmp_path):
            pass


async def test_what_threads_and_children_do_counts() -> None:
    spin = "import sys, threading, time\ndef spin():\n  while time.thread_time() < 0.2: pass\n"
    tell = "  print(1, flush=True); sys.stdin.read()\nthreading.Thread(target=spin).start()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', {spin + tell!r}])"
    command = [sys.executable, "-I", "-S", "-c", parent]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        assert cpu_seconds(process.pid) >= 0.2


def _runs(*values: float) -> list[Figures]:
    return [Figures(middle=value, slowest=9, rate=1000 * value, cpu=1) for value in values]


def test_milliseconds_are_those_beside_the_neighbouring_run_of_the_pass_through() -> None:
    runs = {"least": _runs(1, 2, 3), "ours": _runs(1.5, 2.25, 5)}
    memory = {"least": Memory(first=2**20, peak=2**21), "ours": Memory(first=2**22, peak=2**23)}
    rows = [line.split("  ") for line in render([(CASE, runs)], memory).splitlines()]
    told = [[text.strip() for text in row if text.strip()] for row in rows]
    assert told == [
        ["case", "figure", "least", "ours"],
        ["three streams", "ms added to a token, half of them", "(2.00)", "+0.50"],
        ["tokens a second", "2,000", "2,250"],
        ["memory", "MiB when it answered once", "1", "4"],
        ["MiB at most", "2", "8"],
    ]
