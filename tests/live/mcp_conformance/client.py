"""The command that the runner starts, with the URL of its server as the last word: one turn of an agent, whose model
calls each tool of that server.

    python -m tests.live.mcp_conformance.client codex-cli 0.169.0/direct http://localhost:1234/mcp

What the agent says goes to stdout, its complaints to stderr, and its exit code is this one's.
"""

from __future__ import annotations

import asyncio
import json
import sys

from captures.agents import load_agent, model_for
from captures.driver import WORK
from captures.scenario import Lane, scenario_from_data
from captures.workplace import Workplace
from fake_server import FakeServer
from tests.live.mcp_conformance.calls import CallsEachTool

__all__ = ["SECONDS", "turn"]

SERVER = "suite"
SECONDS = 90.0
"""The longest that a turn may take; the runner waits for no longer."""
_ARGV = ("exec", "--json", "--skip-git-repo-check", "-s", "danger-full-access", "use the tools")


async def turn(name: str, lane: Lane, url: str) -> int:
    """Exit code of the agent, or 3 where the model's server has something to complain of."""
    data = {
        "format": 1,
        "rule": "a client of the conformance suite",
        "config": {"mcp_servers": {SERVER: {"url": url, "tool_timeout_sec": 5}}},
        "runs": [{"argv": []}],
    }
    words = load_agent(name).start_command(lane, WORK)
    async with FakeServer() as server:
        server.load(CallsEachTool(SERVER))
        with Workplace(scenario_from_data(data, "live/mcp_conformance", __file__)) as place:
            place.write_config(f"{server.url}/v1", model_for(lane))
            program = await asyncio.create_subprocess_exec(
                *words, *_ARGV, cwd=place.workspace, env=place.environment({}), stdin=asyncio.subprocess.DEVNULL
            )
            try:
                async with asyncio.timeout(SECONDS):
                    code = await program.wait()
            except TimeoutError:
                program.kill()
                await program.wait()
                print(f"{name} was still running after {SECONDS:g} s", file=sys.stderr)
                return 3
        problems = server.finish()
    for problem in problems:
        print(json.dumps(str(problem)), file=sys.stderr)
    return 3 if problems else code


if __name__ == "__main__":
    agent, where, address = sys.argv[1:]
    sys.exit(asyncio.run(turn(agent, Lane.parse(where), address)))
