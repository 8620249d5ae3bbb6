"""The real codex-cli through the layer, before a scripted chat/completions backend: every kind of tool, to its end.

Needs the native codex-cli that `make capture` installs below `.work/npm`; without it there is nothing to hold against.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from captures.agents import load_agent, model_for
from captures.driver import WORK
from captures.scenario import Lane, scenario_from_data
from captures.workplace import Workplace
from fake_server.chat import ChatServer
from pycodex.responses_server.app import running
from pycodex.responses_server.backend import Backend
from pycodex.responses_server.layer import Answer as LayerAnswer
from pycodex.responses_server.layer import Layer
from pycodex.responses_server.store import Store
from pycodex.transports.base import TransportStyle
from pycodex.transports.http import HttpTransport
from tests.repository import ROOT

OLD, NEW, CODE = "0.115.0/direct", "0.169.0/direct", "0.169.0/code_mode"
FLAGS = ("--json", "--skip-git-repo-check", "-s", "danger-full-access")
MCP = {"mcp_servers": {"toy": {"command": sys.executable, "args": [str(ROOT / "tests" / "live" / "mcp_server.py")]}}}
PATCH = '*** Begin Patch\n*** Add File: made.txt\n+it\'s "made"\n*** End Patch\n'
DONE = {"text": "Done."}

Answer = dict[str, Any]


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def through(lane: str) -> Lane:
    version, role = lane.split("/")
    if not (WORK / "npm" / "@openai__codex" / version / "package-lock.json").exists():
        pytest.fail(f"codex-cli {version} is not installed; `python -m captures install {version}` does that")
    return Lane(version, role)


class Watched(Layer):
    """Counts what did not come over a WebSocket."""

    posts = 0

    @asynccontextmanager
    async def ask(
        self, body: Mapping[str, Any], authorization: str | None = None, near: Store | None = None
    ) -> AsyncIterator[LayerAnswer]:
        self.posts += near is None
        async with super().ask(body, authorization, near) as answer:
            yield answer


class Result:
    """What a run came to."""

    def __init__(self, backend: ChatServer, out: bytes, files: dict[str, bytes], posts: int) -> None:
        self.requests, self.files, self.posts = backend.requests, files, posts
        self.events = [json.loads(line) for line in out.splitlines()]

    @property
    def said(self) -> str:
        """The last message."""
        texts = [event["item"]["text"] for event in self.events if event.get("item", {}).get("type") == "agent_message"]
        return str(texts[-1])

    def outputs(self) -> list[str]:
        """What the backend was told that the calls gave, in the last request."""
        return [message["content"] for message in self.requests[-1]["messages"] if message["role"] == "tool"]

    def tools(self, number: int = -1) -> list[str]:
        """The functions that the backend was told of in a request."""
        return [tool["function"]["name"] for tool in self.requests[number]["tools"]]


async def run(
    lane: str, answers: Sequence[Answer], *argv: str, config: dict[str, Any] | None = None, code: int = 0
) -> Result:
    """One run of codex-cli; the backend finds nothing to complain of."""
    found = through(lane)
    data = {"format": 1, "rule": "a run through the layer", "runs": [{"argv": []}], "config": config or {}}
    async with ChatServer() as backend:
        backend.load(answers)
        transport = HttpTransport(TransportStyle(send_error="no answer from {url}"), {}, keeps_all=True)
        layer = Watched(Backend(url=backend.base_url), transport)
        async with running(layer, "127.0.0.1", 0, lambda text: None) as port:
            with Workplace(scenario_from_data(data, "live/responses_layer", __file__)) as place:
                place.write_config(f"http://127.0.0.1:{port}/v1", model_for(found))
                words = load_agent("codex-cli").start_command(found, WORK)
                out = await communicate(place, [*words, "exec", *FLAGS, *argv, "go"], code)
                result = Result(backend, out, place.files(), layer.posts)
        await transport.aclose()
        assert backend.finish() == []
    return result


async def communicate(place: Workplace, words: list[str], code: int) -> bytes:
    program = await asyncio.create_subprocess_exec(
        *words,
        cwd=place.workspace,
        env=place.environment({}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(60):
            out, err = await program.communicate()
    except TimeoutError:
        os.killpg(program.pid, signal.SIGKILL)
        raise
    assert program.returncode == code, (out + err).decode()
    return out


@pytest.mark.parametrize("lane", [OLD, NEW])
async def test_a_shell_command(lane: str) -> None:
    thoughts = {"reasoning": "I should look.", "text": "I look."}
    answers: list[Answer] = [{**thoughts, "calls": [call("exec_command", cmd="echo hi")]}, DONE]
    done = await run(lane, answers)
    assert (done.said, "hi" in done.outputs()[0]) == ("Done.", True)
    answer = next(message for message in done.requests[1]["messages"] if message["role"] == "assistant")
    assert (answer["reasoning_content"], answer["content"]) == ("I should look.", "I look.")


@pytest.mark.parametrize("lane", [OLD, NEW])
async def test_parallel_commands(lane: str) -> None:
    calls = [{**call("exec_command", cmd=f"echo {word}"), "id": f"call_{word}"} for word in ("one", "two", "three")]
    done = await run(lane, [{"calls": calls}, DONE])
    assert [text.split()[-1] for text in done.outputs()] == ["one", "two", "three"]


@pytest.mark.parametrize("lane", [OLD, NEW])
async def test_apply_patch(lane: str) -> None:
    done = await run(lane, [{"calls": [call("apply_patch", input=PATCH)]}, DONE])
    assert done.files["made.txt"] == b'it\'s "made"\n'
    answer = next(message for message in done.requests[1]["messages"] if message["role"] == "assistant")
    assert json.loads(answer["tool_calls"][0]["function"]["arguments"]) == {"input": PATCH}


async def test_a_tool_of_a_namespace() -> None:
    config = {"features": {"multi_agent_v2": True}, "suppress_unstable_features_warning": True}
    done = await run(NEW, [{"calls": [call("collaboration__list_agents")]}, DONE], config=config)
    assert "/root" in done.outputs()[0]


async def test_an_mcp_tool_of_the_old_version() -> None:
    done = await run(OLD, [{"calls": [call("mcp__toy__echo", text="hello")]}, DONE], config=MCP)
    assert "hello" in done.outputs()[0]


async def test_an_mcp_tool_through_its_search() -> None:
    answers: list[Answer] = [
        {"calls": [call("tool_search", query="repeats a text", limit=4)]},
        {"calls": [call("mcp__toy__echo", text="hello")]},
        DONE,
    ]
    done = await run(NEW, answers, config=MCP)
    assert "mcp__toy__echo" not in done.tools(0), "it is deferred"
    assert "mcp__toy__echo" in done.tools(1), "what was found can be called"
    assert "hello" in done.outputs()[1]


async def test_a_websocket() -> None:
    config = {"model_providers": {"fake": {"supports_websockets": True}}}
    done = await run(NEW, [{"calls": [call("exec_command", cmd="echo hi")]}, DONE], config=config)
    assert done.posts == 0, "all of it went over the WebSocket"
    assert "hi" in done.outputs()[0]


async def test_code_mode() -> None:
    source = 'const done = await tools.exec_command({cmd: "echo `hi` \\"you\\""});\ntext(done.output);\n'
    done = await run(CODE, [{"calls": [call("exec", input=source)]}, DONE])
    assert "you" in done.outputs()[0]
    assert done.said == "Done."
    assert {"exec", "wait"} <= set(done.tools(0))


async def test_code_that_was_cut_off_is_not_run() -> None:
    cut = {"name": "exec", "arguments": '{"input":"await tools.exec_command({cmd: \\"touch danger\\"});'}
    done = await run(CODE, [{"calls": [cut], "finish": "length"}], code=1)
    assert done.files == {}
    assert done.events[-1]["error"]["message"] == "Incomplete response returned, reason: max_output_tokens"


@pytest.mark.parametrize("lane", [OLD, NEW, CODE])
async def test_an_output_schema(lane: str, tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    done = await run(lane, [{"text": '{"a":"b"}'}], "--output-schema", str(tmp_path / "schema.json"))
    assert done.requests[0]["response_format"]["json_schema"]["schema"] == schema
    assert done.said == '{"a":"b"}'
