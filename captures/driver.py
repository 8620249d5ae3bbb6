"""Runs agents through scenarios and writes what they did, in canonical form.

A worker has one fake server and, for `via: proxy`, one capture proxy; it takes cells (scenario, lane) in turn. Every
agent is started in a process group of its own, which is killed at the end of the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from captures.agents import Agent, AgentError, model_for
from captures.bundled import FOLDER, bundled_skills
from captures.canonical import RawExchange, RawRun, RunResult, canonical_tree
from captures.host import host_facts
from captures.interactive import asides_last, interact
from captures.moments import Sight, at
from captures.own_names import UUID, literal_ids, nicknames
from captures.placeholders import Window, zones_of
from captures.proxy import CaptureProxy, ProxyError, mitmdump_path
from captures.recording import Recording, write_recording
from captures.scenario import Lane, Run, Scenario, Signal
from captures.toy_http import ToyHttp
from captures.traffic import Traffic
from captures.wire import wire_rows, write_wire
from captures.workplace import Workplace, missing_needs
from fake_server import Exchange, FakeServer, Problem, Script, ScriptError
from fake_server.bodies import parse_body
from fake_server.certificates import Certificates, CertificatesError
from fake_server.findings import Finding, Given, find_faults
from fake_server.tracks import RESPONSES_PATHS

__all__ = ["REPO", "WORK", "Cell", "Front", "LiveServer", "Outcome", "capture_cell", "play", "record"]

REPO = Path(__file__).resolve().parent.parent
WORK = REPO / ".work"
"""The ignored folder: installed agents, fresh recordings, proxy state."""


Cell = tuple[Scenario, Lane]


@dataclass(frozen=True, kw_only=True)
class LiveServer:
    """A real Responses server in the scripted one's place; the agent never sees its key, and no recording holds it."""

    url: str
    key: str | None = None
    model: str | None = None


class Front(Protocol):
    """What may stand between an agent and the fake server: the capture proxy, or a relay that breaks something."""

    port: int

    async def exchanges(self, served: Sequence[Exchange]) -> list[Exchange]:
        """What went through it since the last call; `served` is the server's own journal of the same time."""
        ...


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the recording of one cell went; `problems` say whose fault it was (agent, script, harness), `findings` what
    is wrong with the answers of a real server, each with the number of its request."""

    lane: Lane
    scenario_id: str
    status: str
    message: str = ""
    problems: Sequence[Problem] = field(default_factory=tuple)
    folder: Path | None = None
    findings: Sequence[tuple[int, Finding]] = ()


async def record(
    cells: Sequence[Cell],
    agent: Agent,
    *,
    out: Path,
    jobs: int = 2,
    via: str | None = None,
    server: LiveServer | None = None,
    traffic: Traffic | None = None,
    model_of: Callable[[Lane], str] = model_for,
    progress: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Records each cell into `out/<version>/<role>/<scenario id>`; outcomes come in the order of the cells.

    `via` overrides the scenarios' own (`direct` or `proxy`); `server` puts a real server behind the fake one,
    which then only forwards (the script's answers are not used). `traffic` gets what went over the wire, too;
    `model_of` says which model plays a lane.
    """
    outcomes: dict[int, Outcome] = {}
    queue: asyncio.Queue[int] = asyncio.Queue()
    for index in range(len(cells)):
        queue.put_nowait(index)

    async def worker(number: int) -> None:
        async with contextlib.AsyncExitStack() as stack:
            made = FakeServer() if server is None else FakeServer(upstream=server.url, key=server.key)
            fake = await stack.enter_async_context(made)
            proxy: CaptureProxy | None = None
            while not queue.empty():
                index = queue.get_nowait()
                scenario, lane = cells[index]
                route = "direct" if server else via or scenario.via
                try:
                    if route == "proxy" and proxy is None:
                        folder = WORK / "proxy" / f"{os.getpid()}-{number}"
                        target = CaptureProxy(fake.url, folder, mitmdump_path(REPO))
                        proxy = await stack.enter_async_context(target)
                    outcome = await capture_cell(
                        scenario,
                        lane,
                        agent,
                        fake,
                        proxy if route == "proxy" else None,
                        out,
                        live=server,
                        traffic=traffic,
                        model_of=model_of,
                    )
                except (AgentError, CertificatesError, ProxyError, ScriptError, OSError, ValueError) as error:
                    outcome = Outcome(lane=lane, scenario_id=scenario.id, status="harness error", message=str(error))
                outcomes[index] = outcome
                if progress is not None:
                    progress(outcome)

    await asyncio.gather(*(worker(n) for n in range(max(1, min(jobs, len(cells))))))
    return [outcomes[index] for index in range(len(cells))]


async def capture_cell(
    scenario: Scenario,
    lane: Lane,
    agent: Agent,
    fake: FakeServer,
    proxy: Front | None,
    out: Path,
    *,
    live: LiveServer | None = None,
    traffic: Traffic | None = None,
    model_of: Callable[[Lane], str] = model_for,
) -> Outcome:
    """Runs one agent through one scenario and writes the recording, with its times beside it."""
    missing = missing_needs(scenario)
    if missing:
        message = f"this host has no {', '.join(missing)} (the scenario's `needs`)"
        return Outcome(lane=lane, scenario_id=scenario.id, status="not run", message=message)
    skills: Path | None = None
    if scenario.bundled_skills and agent.npm_package is None:  # codex-cli writes its own
        try:
            skills = await asyncio.to_thread(bundled_skills, lane.version, WORK)
        except AgentError as error:
            return Outcome(lane=lane, scenario_id=scenario.id, status="not run", message=str(error))
    raw, problems = await play(scenario, lane, agent, fake, proxy, live=live, skills=skills, model_of=model_of)
    folder = out / lane.version / lane.role / scenario.id
    inputs = tuple({"argv": list(run.argv), "stdin": _shown(run.stdin)} for run in scenario.runs)
    recording = Recording(lane=str(lane), scenario=scenario.id, tree=canonical_tree(raw), inputs=inputs)
    write_recording(recording, folder, out / "texts")
    write_wire(wire_rows(raw), folder)
    if traffic is not None:
        traffic.add(f"{lane}/{scenario.id}", raw)
    harness = [p for p in problems if p.whose != "agent"]
    return Outcome(
        lane=lane,
        scenario_id=scenario.id,
        status="harness error" if any(p.whose == "harness" for p in harness) else "recorded",
        message="; ".join(f"{p.whose}: {p.where}: {p.message}" for p in problems),
        problems=tuple(problems),
        folder=folder,
        findings=() if live is None else tuple(_findings(raw)),
    )


def _findings(raw: RawRun) -> Iterator[tuple[int, Finding]]:
    for number, one in enumerate(raw.exchanges, 1):
        path = one.exchange.target.partition("?")[0]
        if one.exchange.method == "POST" and path in RESPONSES_PATHS:
            body = parse_body(one.exchange.head, one.exchange.body)
            yield from ((number, finding) for finding in find_faults(Given.of(one.exchange), body))


async def play(
    scenario: Scenario,
    lane: Lane,
    agent: Agent,
    fake: FakeServer,
    proxy: Front | None = None,
    *,
    live: LiveServer | None = None,
    root: Path | None = None,
    skills: Path | None = None,
    model_of: Callable[[Lane], str] = model_for,
) -> tuple[RawRun, list[Problem]]:
    """Runs one agent through one scenario: everything it left, and whose fault it was where something went wrong.

    `root` is the folder to run in, for two agents that must see the same paths; a fresh one if not given.
    `skills` is the folder of bundled skills to lay in the agent's home.
    """
    command = await asyncio.to_thread(agent.start_command, lane, WORK)
    script = Script.from_data(scenario.answers or {"main": []})
    if proxy is not None and any(answer.fault is not None for answer in script.answers):
        raise ValueError("a proxy would hide the faults of a connection; the scenario must say `via: direct`")
    certificates = Certificates() if "tls" in scenario.needs else None
    fake.load(script, models=scenario.models, certificates=certificates)
    port = proxy.port if proxy is not None else int(fake.url.rpartition(":")[2])
    exchanges: list[RawExchange] = []
    results: list[RunResult] = []
    problems: list[Problem] = []
    values: dict[str, str] = {}
    async with contextlib.AsyncExitStack() as stack:
        place = stack.enter_context(Workplace(scenario, root))
        if "toy_http" in scenario.needs:
            place.toy_url = (await stack.enter_async_context(ToyHttp(place.workspace))).url
        if certificates is not None:
            place.lay_certificates(certificates.files)
        place.program = os.path.dirname(command[0])
        place.write_config(f"http://127.0.0.1:{port}/v1", live.model if live and live.model else model_of(lane))
        if skills is not None:
            shutil.copytree(skills, place.codex_home / FOLDER)
        start = time.time()
        served = 0
        for number, run in enumerate(scenario.runs, 1):
            if run.steps:
                argv = [*command, *agent.interactive_words(lane), *(_fill(word, values, place) for word in run.argv)]
                result, wrong = await interact(
                    argv,
                    run,
                    cwd=place.workspace / run.cwd,
                    environment=place.environment,
                    looks=agent.looks,
                    fake=fake,
                    asides=script.asides,
                )
                if wrong is None and (left := place.kill_leftovers()):
                    wrong = f"left {len(left)} processes behind; killed"
            else:
                result, late = await _start([*command, *agent.arguments(run.argv)], run, place, values, fake)
                wrong = f"not finished after {run.timeout:g} s; killed" if late else None
            if wrong is not None:
                problems.append(Problem(whose="agent", where=f"run {number}", message=wrong))
            results.append(result)
            await fake.settle()
            journal = fake.journal[served:]
            served = len(fake.journal)
            seen = journal if proxy is None else await proxy.exchanges(journal)
            in_order = asides_last(seen, script.asides)
            exchanges += [RawExchange(run=number, exchange=exchange) for exchange in in_order]
            values |= _taken(run, result, place.rollouts(agent))
            if live is None and run.expect_exit is not None and result.exit != run.expect_exit:
                message = f"exit code {result.exit}, the scenario expects {run.expect_exit}"
                problems.append(Problem(whose="agent", where=f"run {number}", message=message))
        end = time.time()
        place.kill_leftovers()
        zones = zones_of(run.env.get("TZ") or "UTC" for run in scenario.runs)
        raw = RawRun(
            window=Window(start=start, end=end, zones=zones),
            root=str(place.root),
            ports=(port, *((int(place.toy_url.rpartition(":")[2]),) if place.toy_url else ())),
            host=host_facts(),
            exchanges=exchanges,
            results=results,
            files=place.files(),
            home=place.home_files(agent),
            rollouts=place.rollouts(agent),
            scripted=live is None,
            literal_ids=literal_ids(scenario),
            nicknames=nicknames(scenario, place.rollouts(agent).values(), exchanges),
            program=place.program if "$program" in str((scenario.config, scenario.runs)) else "",
        )
    return raw, problems if live else [*problems, *fake.finish()]


async def _start(
    argv: Sequence[str], run: Run, place: Workplace, values: dict[str, str], fake: FakeServer
) -> tuple[RunResult, bool]:
    """One start of the agent: its result, and whether it had to be killed."""
    argv = [_fill(word, values, place) for word in argv]
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=place.workspace / run.cwd,
        env=place.environment(run.env),
        stdin=asyncio.subprocess.DEVNULL if run.stdin is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=partial(_ignore, run.ignores) if run.ignores else None,
    )
    sight = Sight(workspace=place.workspace, requests=lambda: len(fake.journal))
    piped = run.stdin
    talk = asyncio.ensure_future(_talk(process, piped, sight))
    watches = [asyncio.ensure_future(at(gate.when, sight, partial(fake.open_gate, gate.name))) for gate in run.gates]
    if run.signal is not None:
        watches.append(asyncio.ensure_future(at(run.signal.when, sight, partial(_signal, process.pid, run.signal))))
    done, _ = await asyncio.wait({talk}, timeout=run.timeout)
    late = not done
    for watch in watches:
        watch.cancel()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if late:
        place.kill_leftovers()
    await talk
    return RunResult(exit=process.returncode or 0, stdout=bytes(sight.stdout), stderr=bytes(sight.stderr)), late


async def _talk(process: asyncio.subprocess.Process, piped: bytes | None, sight: Sight) -> None:
    """Everything the agent prints goes into `sight` as it comes; returns when it has ended."""

    async def read(stream: asyncio.StreamReader | None, into: bytearray) -> None:
        while stream is not None and (data := await stream.read(2**16)):
            into += data

    async def write() -> None:
        if process.stdin is not None:
            with contextlib.suppress(ConnectionError):
                process.stdin.write(piped or b"")
                await process.stdin.drain()
            process.stdin.close()

    await asyncio.gather(write(), read(process.stdout, sight.stdout), read(process.stderr, sight.stderr))
    await process.wait()


async def _signal(pid: int, wanted: Signal) -> None:
    """Sends a signal that is due, half a second later, so that the agent is surely where it says."""
    await asyncio.sleep(0.5)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.Signals[wanted.name])


def _shown(piped: bytes | None) -> str | None:
    return None if piped is None else piped.decode(errors="backslashreplace")


def _ignore(names: Sequence[str]) -> None:
    """In the child, before the agent starts."""
    for name in names:
        signal.signal(signal.Signals[name], signal.SIG_IGN)


def _fill(word: str, values: dict[str, str], place: Workplace) -> str:
    """`$thread` and taken values, and what this run has: `$root`, `$ws`, `$program`, `$toy_url`, the server's names."""
    here = {"root": str(place.root), "ws": str(place.workspace), "program": place.program, "toy_url": place.toy_url}
    known = {**values, **here, **place.server, "certificates": str(place.certificates)}
    return re.sub(r"\$([a-z_][a-z0-9_]*)", lambda m: known.get(m.group(1), m.group()), word)


def _taken(run: Run, result: RunResult, rollouts: dict[str, bytes]) -> dict[str, str]:
    """What later runs may use: `thread`, the newest rollout's id, and what `take` finds on stdout."""
    values = {}
    ids = [found[-1] for name in rollouts if (found := UUID.findall(name))]
    if ids:
        values["thread"] = ids[-1]
    for name, pattern in run.take.items():
        match = re.search(pattern, result.stdout.decode(errors="replace"))
        if match is None:
            raise ValueError(f"take {name!r}: no match for {pattern!r} on stdout")
        values[name] = match.group(1)
    return values
