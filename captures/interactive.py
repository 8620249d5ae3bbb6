"""One interactive run: the agent in a terminal, taken through its steps, and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from captures.canonical import RunResult
from captures.scenario import Run
from captures.steps import Facts, Looks, StepError, play_steps
from captures.terminal import Terminal
from fake_server import Exchange, FakeServer

__all__ = ["asides_last", "facts_of", "interact"]

_TERMINAL = "xterm-256color"


@dataclass(frozen=True, kw_only=True)
class _Traffic:
    """The server's journal, told apart by what the script calls aside."""

    fake: FakeServer
    asides: Sequence[str]

    def _exchanges(self, *, aside: bool) -> list[Exchange]:
        return [exchange for exchange in self.fake.journal if _is_aside(exchange, self.asides) == aside]

    def arrived(self) -> int:
        return len(self._exchanges(aside=False))

    def answered(self, number: int) -> bool:
        exchanges = self._exchanges(aside=False)
        return len(exchanges) >= number and (number == 0 or exchanges[number - 1].end != "open")

    def aside_open(self) -> bool:
        return any(exchange.end == "open" for exchange in self._exchanges(aside=True))


async def interact(
    argv: Sequence[str],
    run: Run,
    *,
    cwd: Path,
    environment: Callable[[Mapping[str, str | None]], dict[str, str]],
    looks: Mapping[str, str],
    fake: FakeServer,
    asides: Sequence[str],
) -> tuple[RunResult, str | None]:
    """Starts the agent and takes the steps. The result (without the screen), and what went wrong."""
    env = environment({"TERM": _TERMINAL, **run.env})
    terminal = await Terminal.start(argv, cwd=cwd, env=env)
    facts = facts_of(fake, asides, cwd)
    problem: str | None = None
    try:
        async with asyncio.timeout(run.timeout):
            await play_steps(run.steps, terminal, Looks(patterns=looks), facts)
            await terminal.process.wait()
    except StepError as error:
        problem = str(error)
    except TimeoutError:
        problem = f"not finished after {run.timeout:g} s; killed; the screen says:\n{terminal.text()}"
    finally:
        await terminal.aclose()
    return RunResult(exit=terminal.process.returncode or 0, stdout=b"", stderr=b""), problem


def facts_of(fake: FakeServer, asides: Sequence[str], workspace: Path) -> Facts:
    """What steps may wait for, as the server and the workspace have it."""
    traffic = _Traffic(fake=fake, asides=asides)
    return Facts(
        workspace=workspace,
        arrived=traffic.arrived,
        answered=traffic.answered,
        aside_open=traffic.aside_open,
        open_gate=fake.open_gate,
    )


def asides_last(exchanges: Sequence[Exchange], asides: Sequence[str]) -> list[Exchange]:
    """The exchanges in order of arrival; those that come beside the others after these, track by track."""
    places = {name: place for place, name in enumerate(asides, 1)}
    return sorted(exchanges, key=lambda exchange: places.get(_track(exchange), 0))


def _is_aside(exchange: Exchange, asides: Collection[str]) -> bool:
    return _track(exchange) in asides


def _track(exchange: Exchange) -> str:
    return (exchange.step or "").rpartition("/")[0]
