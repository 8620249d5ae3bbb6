"""`make demo`: one turn that one can watch, the table against the real codex-cli, and the same table turned red.

The red part is no picture: a relay on the wire renames one header between pycodex and the fake server, and
the same comparison finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from captures.agents import Agent, load_agent, model_for
from captures.driver import WORK, capture_cell
from captures.manifest import UPSTREAM
from captures.scenario import Lane, load_scenarios
from captures.workplace import Workplace
from compare.cells import find_cells
from compare.verdicts import VerdictFile
from fake_server import Arrival, Exchange, FakeServer, Script
from fake_server.console import arrival_lines

__all__ = ["HeaderRelay", "broken_on_the_wire", "demo"]

SHOWN = "tools/exec_command"
RENAMED = (b"session-id", b"session_id")


def demo(agent_name: str = "pycodex") -> int:
    """Prints the three parts; 0 where the first table has no difference and the second has the one it must have."""
    return asyncio.run(_demo(load_agent(agent_name)))


async def _demo(agent: Agent) -> int:
    from compare.report import render_text
    from compare.run import check_agent  # the same steps as `make report`

    lanes = sorted({cell.lane for cell in find_cells(UPSTREAM)})
    lane = Lane.parse([name for name in lanes if name.endswith("/direct")][-1])

    _title(f"1. One turn: `pycodex exec` against a scripted Responses server ({SHOWN}, {lane})")
    await _watch(agent, lane)

    _title("2. Every scenario, compared with recordings of the real codex-cli")
    verdicts = await check_agent(agent, out=WORK / "demo" / "whole")
    print(render_text(verdicts))

    _title(f"3. The same turn with one header renamed on the wire: {RENAMED[0].decode()} -> {RENAMED[1].decode()}")
    broken = await broken_on_the_wire(agent, lane, WORK / "demo" / "broken")
    print(render_text(broken))

    print("This difference was made on purpose: it shows that the table above can turn red.\n")

    red = any(cell.different for cell in broken.cells)
    green = not any(cell.different for cell in verdicts.cells)
    print(
        'Next: `make test` runs all of this as tests; `pycodex exec "..."` talks to your own provider;\n'
        "      `python -m fake_server` serves any client; README.md says how to add a scenario, a tool, an agent."
    )
    return 0 if green and red else 1


async def _watch(agent: Agent, lane: Lane) -> None:
    """Runs the agent in plain mode and prints the requests and its own output as they come."""
    (scenario,) = load_scenarios(only=[SHOWN])
    command = agent.start_command(lane, WORK)
    argv = [word for word in scenario.runs[0].argv if word != "--json"]

    def arrived(arrival: Arrival) -> None:
        for line in arrival_lines(arrival):
            print(f"  server | {line}", flush=True)

    async with FakeServer(on_arrival=arrived) as server:
        server.load(Script.from_data(scenario.answers))
        with Workplace(scenario) as place:
            place.write_config(f"{server.url}/v1", model_for(lane))
            print(f"  $ pycodex {' '.join(argv)}")
            process = await asyncio.create_subprocess_exec(
                *(*command, *argv),
                cwd=place.workspace,
                env=place.environment({}),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            await asyncio.gather(_copy(process.stderr, "stderr"), _copy(process.stdout, "answer"))
            await process.wait()


async def _copy(stream: asyncio.StreamReader | None, name: str) -> None:
    while stream is not None and (line := await stream.readline()):
        print(f"  {name:6} | {line.decode(errors='replace').rstrip()}", flush=True)


async def broken_on_the_wire(agent: Agent, lane: Lane, out: Path) -> VerdictFile:
    """The turn once more, with one header of each request renamed on its way, recorded below `out`."""
    from compare.run import check_folder

    (scenario,) = load_scenarios(only=[SHOWN])
    async with FakeServer() as server, HeaderRelay(server, RENAMED) as relay:
        await capture_cell(scenario, lane, agent, server, relay, out)
    return check_folder(out, agent.name, only=[f"{lane}/{SHOWN}"])


class HeaderRelay:
    """A TCP relay that renames one header of each request on its way to the fake server."""

    def __init__(self, server: FakeServer, renamed: tuple[bytes, bytes]) -> None:
        self.port = 0
        self._target = int(server.url.rpartition(":")[2])
        self._old, self._new = (b"\r\n" + name + b":" for name in renamed)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    async def exchanges(self, served: Sequence[Exchange]) -> list[Exchange]:
        """The server's own journal: it saw what the relay made of each request."""
        return list(served)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            back.write((await reader.readuntil(b"\r\n\r\n")).replace(self._old, self._new))
            await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _title(text: str) -> None:
    print(f"\n== {text}\n", flush=True)
    sys.stdout.flush()
