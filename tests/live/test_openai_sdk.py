"""The `openai` SDK and `openai-agents`, in an environment of their own.

They talk to the layer before a scripted backend, and to fake_server.

Needs the package index, once.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from captures.driver import WORK
from captures.environments import environment
from fake_server import FakeServer, Script
from fake_server.writer import response_object
from tests.pycodex.responses_server.served import served

CLIENT = Path(__file__).with_name("openai_client.py")
CALL = {"name": "get_weather", "arguments": {"city": "Graz"}}
SLOW = {"status": 429, "body": {"error": {"message": "slow down"}}, "headers": {"retry-after": "7"}}

Answer = dict[str, Any]

CASES: dict[str, list[Answer]] = {
    "stream": [{"reasoning": "hm", "text": "I look.", "calls": [CALL]}],
    "plain": [{"text": "Hi."}],
    "structured": [{"text": '{"a":"b"}'}],
    "tools": [{"calls": [CALL]}, {"text": "Sunny."}],
    "custom": [{"calls": [{"name": "patch", "arguments": {"input": "abc"}}]}],
    "errors": [SLOW],
    "agents": [{"calls": [CALL]}, {"text": "Sunny."}],
}
"""Case of openai_client.py -> what the backend answers."""

FAKE_CALL = {"call": {**CALL, "call_id": "call_1"}}
UNSUPPORTED = {"error": {"type": "invalid_request_error", "message": "no", "param": "background", "code": None}}
GONE = {"error": {"type": "invalid_request_error", "message": "gone", "param": None, "code": "not_found"}}
INPUT = {
    "object": "list",
    "data": [
        {
            "type": "message",
            "id": "msg_1",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_text", "text": "hi"}],
        },
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_weather", "arguments": "{}"},
        {"type": "function_call_output", "id": "fco_1", "call_id": "call_1", "output": "sunny", "status": "completed"},
    ],
    "first_id": "msg_1",
    "last_id": "fco_1",
    "has_more": False,
}


def _aside(method: str, target: str, *answers: Answer) -> Answer:
    """A track of what is asked for beside responses."""
    return {"match": {"method": method, "target": target}, "answers": list(answers)}


def _http(body: Any, status: int = 200, **more: Any) -> Answer:
    return {"http": {"status": status, "body": body, **more}}


SCRIPTS: dict[str, Answer] = {
    "stream": {
        "main": [{"output": [{"reasoning": {"summary": ["hm"], "content": ["hm"]}}, {"message": "I look."}, FAKE_CALL]}]
    },
    "plain": {"main": [{"output": [{"message": "Hi."}]}]},
    "structured": {"main": [{"output": [{"message": '{"a":"b"}'}]}]},
    "tools": {
        "main": [{"output": [FAKE_CALL]}, {"output": [{"message": "Sunny."}]}],
        "items": _aside("GET", "/resp_main2/input_items$", _http(INPUT)),
        "kept": _aside(
            "GET", "/resp_main2$", _http(response_object({"model": "m"}, response_id="resp_main2")), _http(GONE, 404)
        ),
        "dropped": _aside("DELETE", "/resp_main2$", _http({"id": "resp_main2", "object": "response", "deleted": True})),
    },
    "custom": {"main": [{"output": [{"custom_call": {"name": "patch", "input": "abc"}}]}]},
    "errors": {
        "main": [
            _http({"error": {"code": "rate_limit_exceeded", "message": "slow"}}, 429, headers={"retry-after": "7"}),
            _http(UNSUPPORTED, 400),
        ]
    },
    "agents": {"main": [{"output": [FAKE_CALL]}, {"output": [{"message": "Sunny."}]}]},
}
"""Case -> what fake_server answers."""


@pytest.fixture(scope="module")
def python() -> Path:
    return environment("openai", "openai.txt", WORK) / "python"


async def run(python: Path, url: str, case: str) -> None:
    pipe = asyncio.subprocess.PIPE
    client = await asyncio.create_subprocess_exec(python, CLIENT, url, case, env={}, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(120):
        _, err = await client.communicate()
    assert client.returncode == 0, err.decode()


@pytest.mark.parametrize("case", CASES)
async def test_the_layer_gives_what_the_types_of_the_sdk_say(python: Path, case: str) -> None:
    async with served() as s:
        s.backend.load(CASES[case])
        await run(python, s.url, case)
        assert s.backend.finish() == []


@pytest.mark.parametrize("case", CASES)
async def test_fake_server_gives_what_the_types_of_the_sdk_say(python: Path, case: str) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data(SCRIPTS[case]))
        await run(python, f"{server.url}/v1", case)
        assert await server.settle()
        assert server.finish() == []
