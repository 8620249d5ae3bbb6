"""Tests of an agent with the fixtures of `compare.plugin`, from the clone:

.venv/bin/python -m pytest -p compare.plugin examples/testing
"""

import asyncio
import sys
from pathlib import Path

import pytest

from compare.plugin import CheckServer, CompareRecording
from compare.testing import Recorder, recording_of
from examples.testing.own_agent import ask
from fake_server import ThreadedServer
from fake_server.friendly import Friendly

HERE = Path(__file__).parent
OWN = f"{sys.executable} {HERE / 'own_agent.py'}"


def test_it_says_what_the_model_says(scripted_server: ThreadedServer) -> None:
    scripted_server.load([{"output": [{"message": "Vienna."}]}])
    assert ask(scripted_server.base_url, "capital of Austria?") == "Vienna."
    (request,) = scripted_server.requests
    assert request.body["input"][0]["content"][0]["text"] == "capital of Austria?"


@pytest.mark.asyncio
async def test_the_server_has_a_thread_of_its_own(scripted_server: ThreadedServer) -> None:
    scripted_server.load([{"output": [{"message": "one"}]}, {"output": [{"message": "two"}]}])
    url = scripted_server.base_url
    assert await asyncio.to_thread(ask, url, "1") == "one"
    assert await asyncio.to_thread(ask, url, "2") == "two"


def test_what_it_lacks_beside_codex(scripted_server: ThreadedServer, compare_recording: CompareRecording) -> None:
    """An agent inside the test, held against codex-cli's recording; of all differences, those of one surface."""
    scripted_server.load([{"output": [{"message": "hi there"}]}])
    ask(scripted_server.base_url, "say hi")
    recording = recording_of(scripted_server, "0.169.0/direct/exec/hello")
    compare_recording(recording, surfaces=["tool_output", "traffic"])
    with pytest.raises(pytest.fail.Exception, match=r"instructions: request 1, .*: missing"):
        compare_recording(recording, surfaces=["instructions"])


def test_it_does_what_it_did(agent_recorder: Recorder, compare_recording: CompareRecording) -> None:
    """A command line in a scenario of one's own, held against what was kept with --keep-recordings."""
    scenario = {
        "runs": [{"argv": ["$base_url", "say hi"], "expect_exit": 0}],
        "answers": {"main": [{"output": [{"message": "hi there"}]}]},
    }
    recorded = agent_recorder.record(OWN, scenario)
    assert recorded.stdout == ["hi there", ""]
    compare_recording(recorded, HERE / "recordings" / "hello")


@pytest.mark.asyncio
async def test_pycodex_is_codex(agent_recorder: Recorder, compare_recording: CompareRecording) -> None:
    """Any agent with codex-cli's command line, in a scenario of this repository, against codex-cli itself."""
    recorded = await agent_recorder.arecord("pycodex", "exec/hello", lane="0.169.0/direct")
    compare_recording(recorded)


def test_a_server(check_server: CheckServer) -> None:
    """A server of one's own: is it one that codex-cli can use?"""
    with ThreadedServer() as server:
        server.load(Friendly())
        results = check_server(server.base_url, only=["hello", "tool_call"])
    assert [result.verdict for result in results] == ["pass", "pass"]
