"""The `openai` SDK and `openai-agents`, in an environment of their own, against the layer before a scripted backend.

Needs the package index, once.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from captures.driver import WORK
from captures.environments import environment
from tests.pycodex.responses_server.served import served

CLIENT = Path(__file__).with_name("openai_client.py")
CALL = {"name": "get_weather", "arguments": {"city": "Graz"}}
SLOW = {"status": 429, "body": {"error": {"message": "slow down"}}, "headers": {"retry-after": "7"}}

CASES: dict[str, list[dict[str, Any]]] = {
    "stream": [{"reasoning": "hm", "text": "I look.", "calls": [CALL]}],
    "plain": [{"text": "Hi."}],
    "structured": [{"text": '{"a":"b"}'}],
    "tools": [{"calls": [CALL]}, {"text": "Sunny."}],
    "custom": [{"calls": [{"name": "patch", "arguments": {"input": "abc"}}]}],
    "errors": [SLOW],
    "agents": [{"calls": [CALL]}, {"text": "Sunny."}],
}
"""Case of openai_client.py -> what the backend answers."""


@pytest.fixture(scope="module")
def python() -> Path:
    return environment("openai", "openai.txt", WORK) / "python"


@pytest.mark.parametrize("case", CASES)
async def test_the_sdk_gets_what_its_types_say(python: Path, case: str) -> None:
    async with served() as s:
        s.backend.load(CASES[case])
        pipe = asyncio.subprocess.PIPE
        client = await asyncio.create_subprocess_exec(python, CLIENT, s.url, case, env={}, stdout=pipe, stderr=pipe)
        async with asyncio.timeout(120):
            _, err = await client.communicate()
        assert client.returncode == 0, err.decode()
        assert s.backend.finish() == []
