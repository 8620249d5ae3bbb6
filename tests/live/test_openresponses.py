"""The cases of the Open Responses compliance runner, in an environment of their own.

They are asked of the layer before a scripted chat backend, of fake_server with a script, and of it without one.

Needs the package index, once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from captures.driver import WORK
from captures.environments import environment
from fake_server import FakeServer, Script
from fake_server.friendly import Friendly
from tests.live import openresponses_client
from tests.live.openresponses_client import CASES
from tests.pycodex.responses_server.served import served

CLIENT = Path(openresponses_client.__file__)
CALL = {"name": "get_weather", "arguments": {"city": "Graz"}}
ORPHANED = {"error": {"type": "invalid_request_error", "message": "Nobody called.", "param": "input", "code": None}}
MISSING = {"error": {**ORPHANED["error"], "code": "previous_response_not_found", "param": "previous_response_id"}}
SUMMARY = {
    "id": "resp_1",
    "object": "response.compaction",
    "created_at": 1,
    "output": [{"type": "compaction", "id": "cmp_1", "encrypted_content": "gA"}],
    "usage": {
        "input_tokens": 1,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 1,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 2,
    },
}

TURNS: Mapping[str, int] = {
    **dict.fromkeys(CASES, 1),
    "websocket-sequential-responses": 2,
    "websocket-continuation": 2,
    "websocket-reconnect-store-false-recovery": 2,
    "websocket-previous-response-not-found": 0,
    "websocket-compact-new-chain": 2,
    "compact-missing-model": 0,
}
"""Case -> how many turns of it the backend of the layer is asked for."""

SOCKET: dict[str, Any] = {"match": {"method": "GET"}, "answers": [{"websocket": {}}]}
SAY = {"output": [{"message": "Hi."}]}
REFUSE, FAIL = ({"http": {"status": 400, "body": body}} for body in (MISSING, ORPHANED))


def _compacting(answer: dict[str, Any]) -> dict[str, Any]:
    return {"match": {"target": "/compact$"}, "answers": [{"http": answer}]}


SCRIPTS: Mapping[str, dict[str, Any]] = {
    **{case: {"main": [SAY]} for case in CASES},
    "tool-calling": {"main": [{"output": [{"call": CALL}]}]},
    "websocket-response": {"socket": SOCKET, "main": [SAY]},
    "websocket-sequential-responses": {"socket": SOCKET, "main": [SAY, SAY]},
    "websocket-continuation": {"socket": SOCKET, "main": [SAY, SAY]},
    "websocket-generate-false": {"socket": SOCKET, "main": [{"output": []}, SAY]},
    "websocket-reconnect-store-false-recovery": {
        "socket": {**SOCKET, "answers": SOCKET["answers"] * 2},
        "main": [SAY, REFUSE, SAY],
    },
    "websocket-previous-response-not-found": {"socket": SOCKET, "main": [REFUSE]},
    "websocket-failed-continuation-evicts-cache": {"socket": SOCKET, "main": [SAY, FAIL, REFUSE]},
    "websocket-compact-new-chain": {
        "socket": SOCKET,
        "compact": _compacting({"status": 200, "body": SUMMARY}),
        "main": [SAY],
    },
    "compact-response": {"compact": _compacting({"status": 200, "body": SUMMARY})},
    "compact-missing-model": {"compact": _compacting({"status": 400, "body": ORPHANED})},
}
"""Case -> what fake_server answers: a script says all that a server does, refusals too."""

_POSTS = "refused with status 426"

NOT_HELD: Mapping[tuple[str, str], tuple[str, str]] = {
    **{
        ("greeter", case): (_POSTS, "declined, so that codex-cli posts: what is looked at is looked at in one form")
        for case in CASES
        if case.startswith("websocket-")
    },
    ("greeter", "tool-calling"): ("no function_call", "a tool that is not a shell is called only where it must be"),
}
"""Server and case -> what the client says of it, and why it is so. A row that is no longer true fails."""


@asynccontextmanager
async def layer(case: str) -> AsyncIterator[str]:
    async with served() as s:
        s.backend.load([{"calls": [CALL]} if case == "tool-calling" else {"text": "Hi."}] * TURNS[case])
        yield s.url
        assert s.backend.finish() == []


@asynccontextmanager
async def script(case: str) -> AsyncIterator[str]:
    async with FakeServer() as server:
        server.load(Script.from_data(SCRIPTS[case]))
        yield f"{server.url}/v1"
        assert await server.settle()
        assert server.finish() == []


@asynccontextmanager
async def greeter(case: str) -> AsyncIterator[str]:
    async with FakeServer() as server:
        server.load(Friendly())
        yield f"{server.url}/v1"


SERVERS: Mapping[str, Callable[[str], AbstractAsyncContextManager[str]]] = {
    server.__name__: server for server in (layer, script, greeter)
}


@pytest.fixture(scope="module")
def python() -> Path:
    return environment("openresponses", "openresponses.txt", WORK) / "python"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", SERVERS)
async def test_a_case_of_the_runner(python: Path, name: str, case: str) -> None:
    async with SERVERS[name](case) as url:
        pipe = asyncio.subprocess.PIPE
        client = await asyncio.create_subprocess_exec(python, CLIENT, url, case, env={}, stdout=pipe, stderr=pipe)
        async with asyncio.timeout(120):
            out, err = await client.communicate()
        assert err == b"", err.decode()
        if (name, case) not in NOT_HELD:
            assert client.returncode == 0, out.decode()
            return
        told, reason = NOT_HELD[name, case]
        assert client.returncode == 1, f"it holds now, so its row in NOT_HELD is wrong: {reason}"
        assert told in out.decode()
