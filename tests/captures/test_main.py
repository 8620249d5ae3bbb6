"""`python -m captures run --server URL`, as a person types it."""

import asyncio
import sys
from pathlib import Path

import pytest

from captures.__main__ import main
from captures.scenario import load_scenarios
from fake_server import FakeServer, Script

AGENT = """
import json, os, sys, urllib.request
url = open(os.environ["CODEX_HOME"] + "/config.toml").read().split('base_url = "')[1].split('"')[0]
body = json.dumps({"model": "m", "input": "hi", "stream": True}).encode()
head = {"content-type": "application/json", "authorization": "Bearer " + os.environ["FAKE_KEY"]}
urllib.request.urlopen(urllib.request.Request(url + "/responses", data=body, headers=head)).read()
"""


async def test_a_real_servers_faults_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THE_KEY", "sk-test")
    agent = tmp_path / "agent.py"
    agent.write_text(AGENT)
    script = Script.from_data(load_scenarios(only=["server/usage_missing"])[0].answers)
    async with FakeServer() as server:
        server.load(script)
        words = ["run", "exec/hello", "--agent", f"{sys.executable} {agent}", "--lane", "0.169.0/direct"]
        words += ["--server", f"{server.url}/v1", "--key-env", "THE_KEY", "--out", str(tmp_path / "out")]
        assert await asyncio.to_thread(main, words) == 1
        assert ("authorization", "Bearer sk-test") in [(n.lower(), v) for n, v in server.journal[0].head]
    out = capsys.readouterr().out
    assert "request 1: usage_missing: response.completed has no usage" in out
    assert "a codex 0.169.0 user sees: the message 'hi there'; the turn passes, with no tokens counted" in out
    files = [path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert files and not any("sk-test" in text for text in files)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "m"], "go with --server"),
        (["--server", "http://127.0.0.1:9", "--key-env", "NO_SUCH_KEY"], "NO_SUCH_KEY is not set"),
    ],
)
def test_what_does_not_go_together_is_said(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "exec/hello", *words]) == 2
    assert message in capsys.readouterr().err
