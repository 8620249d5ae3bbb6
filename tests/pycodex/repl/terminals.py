"""The program in a terminal, before a scripted server: what tests on a pseudo-terminal share."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from captures.agents import load_agent, model_for
from captures.driver import WORK
from captures.interactive import facts_of
from captures.scenario import Lane, scenario_from_data
from captures.steps import Looks, play_steps
from captures.terminal import Terminal
from captures.workplace import Workplace
from fake_server import FakeServer, Script

__all__ = ["VERSIONS", "Program", "program"]

VERSIONS = ("0.115.0", "0.169.0")
_TITLES = {
    "aside": True,
    "match": {"body": {"text.format.name": "codex_output_schema"}},
    "answers": [{"output": [{"message": '{"title":"A title"}'}]}],
}


class Program:
    """pycodex in its terminal."""

    def __init__(self, terminal: Terminal, server: FakeServer, script: Script, place: Workplace) -> None:
        self.terminal, self.server, self.place = terminal, server, place
        self._agent = load_agent("pycodex")
        self._facts = facts_of(server, script.asides, place.workspace)

    async def take(self, *steps: dict[str, Any]) -> None:
        """Steps as a scenario has them."""
        await play_steps(steps, self.terminal, Looks(patterns=self._agent.looks), self._facts)

    async def ended(self) -> int:
        """The exit code, once it has ended."""
        return await self.terminal.process.wait()

    async def left_behind(self) -> list[str]:
        """What this program has begun and lives on when it has ended; what was killed is given the time to be gone."""
        found = self._living()
        for _ in range(100):
            if not found:
                break
            await asyncio.sleep(0.05)
            found = self._living()
        return found

    def _living(self) -> list[str]:
        marker, found = f"={self.place.root}".encode(), []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if marker in environ.read_bytes() and int(environ.parent.name) != os.getpid():
                    found.append(environ.with_name("cmdline").read_text())
        return found

    def prompts(self) -> list[str]:
        """What the requests that are not for a title end with."""
        return [body["input"][-1]["content"][-1]["text"] for body in self._asked()]

    def efforts(self) -> list[str]:
        """How much thought those requests ask for."""
        return [body["reasoning"]["effort"] for body in self._asked()]

    def _asked(self) -> list[dict[str, Any]]:
        bodies = [json.loads(exchange.body) for exchange in self.server.journal]
        return [body for body in bodies if "format" not in body.get("text", {})]

    def records(self) -> list[str]:
        """The kinds of the rollout's records; a line that is none fails."""
        (rollout,) = self.place.rollouts(self._agent).values()
        rows = [json.loads(line) for line in rollout.decode().splitlines()]
        return [row["payload"].get("type", row["type"]) for row in rows]


@contextlib.asynccontextmanager
async def program(
    version: str, *answers: Mapping[str, Any], env: Mapping[str, str] | None = None, then: str = ""
) -> AsyncIterator[Program]:
    """Starts it and waits until it is ready; with `then` from a shell with job control that goes on with that."""
    data = {"format": 1, "rule": "a program in a terminal", "runs": [{"argv": [], "steps": [{"key": "enter"}]}]}
    lane, agent = Lane(version, "direct"), load_agent("pycodex")
    script = Script.from_data({"main": list(answers), **({} if version == VERSIONS[0] else {"title": _TITLES})})
    async with asyncio.timeout(60), FakeServer() as server:
        server.load(script)
        with Workplace(scenario_from_data(data, "repl/terminal", __file__)) as place:
            place.write_config(f"{server.url}/v1", model_for(lane))
            command = agent.start_command(lane, WORK)
            terminal = await Terminal.start(
                ["bash", "-mc", f'"$0" "$@"; {then}', *command] if then else command,
                cwd=place.workspace,
                env=place.environment({"TERM": "xterm-256color", **(env or {})}),
            )
            made = Program(terminal, server, script, place)
            try:
                await made.take({"wait": {"screen": "ready"}})
                yield made
            finally:
                await terminal.aclose()
