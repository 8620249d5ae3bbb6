"""A thread that one agent began, the other goes on with: pycodex and the real codex-cli, in both directions.

Needs the native codex-cli that `make capture` installs below `.work/npm`; without it there is nothing to hold against.
That pycodex's own rollouts are those of codex-cli record for record is shown by the recordings (surface `rollout`).
"""

import asyncio
import json
from typing import Any

import pytest

from captures.agents import load_agent, model_for
from captures.driver import WORK
from captures.scenario import Lane, scenario_from_data
from captures.workplace import Workplace
from fake_server import FakeServer, Script

FLAGS = ("--json", "--skip-git-repo-check", "-s", "danger-full-access")
SCRIPT = {
    "main": [
        {"output": [{"call": {"name": "exec_command", "arguments": {"cmd": "echo blue"}, "call_id": "call_1"}}]},
        {"output": [{"message": "I will remember blue."}]},
        {"output": [{"message": "Blue."}]},
        {"output": [{"message": "Blue still."}]},
    ]
}
PATHS = [
    pytest.param([first, second, first], id=f"{first[0]}-{first[1]}-then-{second[0]}-{second[1]}")
    for first, second in (
        (("codex-cli", "0.115.0"), ("pycodex", "0.115.0")),
        (("pycodex", "0.115.0"), ("codex-cli", "0.115.0")),
        (("codex-cli", "0.169.0"), ("pycodex", "0.169.0")),
        (("pycodex", "0.169.0"), ("codex-cli", "0.169.0")),
        (("codex-cli", "0.115.0"), ("pycodex", "0.169.0")),
        (("pycodex", "0.115.0"), ("codex-cli", "0.169.0")),
    )
]


def command(name: str, version: str) -> list[str]:
    if not (WORK / "npm" / "@openai__codex" / version / "package-lock.json").exists():
        pytest.fail(f"codex-cli {version} is not installed; `python -m captures install {version}` does that")
    return load_agent(name).start_command(Lane(version, "direct"), WORK)


async def run(place: Workplace, words: list[str], *argv: str) -> list[dict[str, Any]]:
    program = await asyncio.create_subprocess_exec(
        *words,
        "exec",
        *FLAGS,
        *argv,
        cwd=place.workspace,
        env=place.environment({}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await program.communicate()
    assert program.returncode == 0, err.decode()
    return [json.loads(line) for line in out.splitlines()]


def said(body: dict[str, Any]) -> list[str]:
    """What the input of a request says, without the base prompt and the ids."""
    found = []
    for item in body["input"]:
        text = " ".join(part["text"] for part in item.get("content", ()))
        if item.get("role") == "developer":
            continue
        found.append(text or item.get("arguments") or item["output"].rpartition("Output:\n")[2])
    return found


@pytest.mark.parametrize("agents", PATHS)
async def test_thread_goes_on(agents: list[tuple[str, str]]) -> None:
    data = {"format": 1, "rule": "a thread of two agents", "runs": [{"argv": []}]}
    commands = [command(*each) for each in agents]
    async with FakeServer() as server:
        server.load(Script.from_data(SCRIPT))
        with Workplace(scenario_from_data(data, "live/cross_resume", __file__)) as place:
            # One model for all: only the agent changes.
            place.write_config(f"{server.url}/v1", model_for(Lane(agents[0][1], "direct")))
            first = await run(place, commands[0], "remember blue")
            thread = first[0]["thread_id"]
            second = await run(place, commands[1], "resume", thread, "which colour?")
            third = await run(place, commands[2], "resume", thread, "which one?")
        assert server.finish() == []
    assert [events[0]["thread_id"] for events in (second, third)] == [thread, thread]
    assert third[-2]["item"]["text"] == "Blue still."
    assert [events[-1]["usage"]["output_tokens"] for events in (first, second, third)] == [10, 15, 20]
    bodies = [json.loads(exchange.body) for exchange in server.journal]
    told = ["remember blue", '{"cmd":"echo blue"}', "blue\n", "I will remember blue."]
    asked = [text for text in said(bodies[3]) if not text.startswith("<environment_context>")]
    assert [text.replace('": "', '":"') for text in asked] == [*told, "which colour?", "Blue.", "which one?"]
    context = [item for item in bodies[0]["input"] if item.get("role") in ("developer", "user")]
    sent = json.dumps(bodies[2]["input"])
    for item in context:
        for part in item["content"]:
            assert json.dumps(part["text"]) in sent, "the thread's context is sent again as it was"
