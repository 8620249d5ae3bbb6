"""`--vllm-endpoint`: pycodex speaks to a chat/completions backend, without a server between."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from fake_server.chat import ChatServer
from pycodex import AgentLoop, ContextManager, ResponsesModelClient, ToolRegistry
from pycodex.api import open_settings
from tests.repository import ROOT

PROMPT = ("exec", "--skip-git-repo-check", "-s", "danger-full-access", "go")
RUNS = {"calls": [{"name": "exec_command", "arguments": {"cmd": "echo hi"}}], "reasoning": "hm"}
DONE = {"text": "Done."}


async def run(home: Path, endpoint: str, *argv: str, version: str = "0.169.0", **env: str) -> tuple[int, str, str]:
    """pycodex with an empty home: exit code, stdout, stderr."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(home), "CODEX_HOME": str(home)}
    given |= {"TMPDIR": str(home / "tmp"), **env}
    words = (sys.executable, "-m", "pycodex", "--upstream", version, "--vllm-endpoint", endpoint, *argv)
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        *words, cwd=home, env=given, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(60):
            out, err = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
    assert program.returncode is not None
    assert b"Traceback" not in err, err.decode()
    return program.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("version", ["0.115.0", "0.169.0"])
async def test_a_tool_loop_ends(tmp_path: Path, version: str) -> None:
    async with ChatServer() as backend:
        backend.load([RUNS, DONE])
        # An address without a path means /v1, and the first model of its list is asked.
        address = backend.base_url.removesuffix("/v1")
        code, out, err = await run(tmp_path, address, *PROMPT, version=version, VLLM_API_KEY="key")
        assert (code, out, backend.finish()) == (0, "Done.\n", [])
        assert "web_search" in err, "what the backend is not told of is said"
        assert [head["authorization"] for head in backend.heads] == ["Bearer key"] * 3
        assert {body["model"] for body in backend.requests} == {"local-model"}
        roles = [message["role"] for message in backend.requests[1]["messages"]]
        assert roles[-2:] == ["assistant", "tool"]
        assert backend.requests[1]["messages"][-2]["reasoning_content"] == "hm"
        assert all(body["stream"] for body in backend.requests)


async def test_the_endpoint_wins_over_the_configuration(tmp_path: Path) -> None:
    other = {"name": "other", "base_url": "http://127.0.0.1:1/v1", "env_key": "NO_SUCH_KEY"}
    table = "\n".join(f"{key} = {json.dumps(value)}" for key, value in other.items())
    (tmp_path / "config.toml").write_text(
        f'model_provider = "other"\nmodel = "mine"\n[model_providers.other]\n{table}\n'
    )
    async with ChatServer() as backend:
        backend.load([DONE])
        code, out, _ = await run(tmp_path, backend.base_url, *PROMPT)
        assert (code, out, backend.requests[0]["model"]) == (0, "Done.\n", "mine")
        assert "authorization" not in backend.heads[0]


async def test_a_prompt_that_is_too_long_is_told_as_such(tmp_path: Path) -> None:
    refusal = {"status": 400, "body": {"object": "error", "message": "maximum context length is 9 tokens", "code": 400}}
    async with ChatServer() as backend:
        backend.load([refusal])
        code, _, err = await run(tmp_path, backend.base_url, *PROMPT, "-m", "m")
        assert (code, "ran out of room" in err, backend.finish()) == (1, True, [])


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:1/v1/models cannot be read"),
        ("ftp://x", "is not an address"),
        ("http://x:port", "--vllm-endpoint"),
        ("", "is not an address"),
    ],
)
async def test_an_endpoint_that_cannot_be_used_is_told(tmp_path: Path, endpoint: str, words: str) -> None:
    code, out, err = await run(tmp_path, endpoint, *PROMPT)
    assert (code, out, words in err) == (1, "", True), err


async def test_as_a_library(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "CODEX_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    async with ChatServer() as backend:
        backend.load([DONE])
        settings = open_settings(cwd=tmp_path, env=env, model="m", vllm_endpoint=backend.base_url)
        model = ResponsesModelClient(settings)
        result: Any = await AgentLoop(model, ToolRegistry(), ContextManager(settings)).run_turn("hi")
        await model.aclose()
        assert (result.output_text, backend.finish()) == ("Done.", [])


async def test_a_sub_agent_speaks_chat_too(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "CODEX_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    async with ChatServer() as backend:
        backend.load([DONE])
        settings = open_settings(cwd=tmp_path, env=env, model="m", vllm_endpoint=backend.base_url)
        model = ResponsesModelClient(settings).beside(settings)
        result: Any = await AgentLoop(model, ToolRegistry(), ContextManager(settings)).run_turn("hi")
        await model.aclose()
        assert (result.output_text, backend.finish()) == ("Done.", [])
