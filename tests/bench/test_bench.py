"""The bench's own parts: figures of a command, the server, the table."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from fake_server import Script
from tests.bench.cases import CASES
from tests.bench.measure import Figures, ratio, run_once
from tests.bench.server import BenchServer, encode
from tests.bench.table import Cell, render

MIB = 2**20


async def _python(code: str, folder: Path) -> Figures:
    return await run_once([sys.executable, "-I", "-S", "-c", code], cwd=folder, env={})


async def test_figures_of_a_command_that_ends_quickly(tmp_path: Path) -> None:
    ballast = bytearray(64 * MIB)  # the peak of this process is no part of the command's
    small = await _python("pass", tmp_path)
    large = await _python("bytearray(100 * 2**20)", tmp_path)
    assert len(ballast) > small.peak
    assert large.peak > small.peak + 90 * MIB
    assert 0 < small.cpu <= small.wall + 1
    assert small.first_request == small.wall


async def test_cpu_of_children_counts(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', {busy!r}])"
    assert (await _python(parent, tmp_path)).cpu >= 0.3


async def test_a_failed_command_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"exit code 3\nwhy"):
        await _python("import sys; print('why', file=sys.stderr); sys.exit(3)", tmp_path)


async def test_server_sends_each_event_as_a_chunk_and_notes_the_requests() -> None:
    streams = encode(Script.from_data(CASES["10,000 text deltas"].answers()))
    assert [sum(b"output_text.delta" in data for data in stream) for stream in streams] == [10_000]
    async with BenchServer(streams) as server:
        reader, writer = await asyncio.open_connection(*server.url.removeprefix("http://").split(":"), limit=2**24)
        writer.write(b"GET /v1/models HTTP/1.1\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        assert (server.requests, server.unused) == ([], 1)
        writer.write(b"POST /v1/responses HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        body = await reader.readuntil(b"\r\n0\r\n\r\n")
        assert body.count(b"\ndata: ") == sum(len(stream) for stream in streams)
        assert (len(server.requests), server.unused) == (1, 0)
        writer.close()


def test_table_says_the_ratio_of_neighbouring_runs_and_the_target_of_the_newest() -> None:
    ours = [Figures(wall=wall, cpu=1, first_request=1, peak=MIB) for wall in (1, 2, 30)]
    theirs = [Figures(wall=wall, cpu=4, first_request=1, peak=MIB) for wall in (2, 4, 10)]
    assert ratio([one.wall for one in ours], [one.wall for one in theirs]) == 0.5
    case = CASES["100 exec_command turns"]
    cells = [Cell(name="turns", case=case, version=version, ours=ours, theirs=theirs) for version in ("1.0", "2.0")]
    rows = [line.split() for line in render(cells, newest="2.0").splitlines()]
    assert rows[1] == ["turns", "1.0", "wall", "2.000", "s", "4.000", "s", "0.50x"]
    assert rows[4] == ["turns", "2.0", "wall", "2.000", "s", "4.000", "s", "0.50x", "<=", "0.40x"]
    assert rows[5] == ["CPU", "1.000", "s", "4.000", "s", "0.25x", "<=", "0.40x"]
