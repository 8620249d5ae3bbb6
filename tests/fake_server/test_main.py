import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fake_server import FakeServer
from fake_server.__main__ import main


class Running:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line)
            if line == "\n" and any("codex exec" in given for given in self.lines):
                break
        found = re.search(r"base_url (http://\S+)", "".join(self.lines))
        assert found, f"no base_url in {self.lines}; {process.stderr and process.stderr.read()}"
        self.base_url = found[1]

    def ask(self, text: str, *, tools: tuple[str, ...] = ()) -> httpx.Response:
        body = {"model": "gpt-5.5", "input": text, "tools": [{"type": "function", "name": name} for name in tools]}
        with httpx.Client(trust_env=False) as client:
            head = {"authorization": "Bearer sk-hidden"}
            return client.post(f"{self.base_url}/responses", json=body, headers=head)

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, str]:
        out, errors = self.process.communicate(timeout=10)
        assert errors == ""
        return self.process.returncode, out


@contextmanager
def running(*arguments: str | Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "fake_server", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Running(process)
        finally:
            if process.poll() is None:
                process.kill()


def test_without_a_script_it_greets_runs_and_sums_up() -> None:
    with running("-v") as server:
        assert "You said: hi" in server.ask("hi").text
        assert '"name":"exec_command"' in server.ask("run: ls", tools=("exec_command",)).text
        code, out = server.stop()
    assert code == 0
    assert 'request 1  POST /v1/responses  model gpt-5.5  0 tools  -> friendly/1: message "Hello' in out
    assert 'request 2  POST /v1/responses  model gpt-5.5  1 tool  -> friendly/2: call exec_command {"cmd":"ls"}' in out
    assert "2 requests over 2 connections" in out and "0 problems" in out
    assert "authorization: Bearer ***" in out and "sk-hidden" not in out


def test_a_script_with_a_recording_and_then_its_replay(tmp_path: Path) -> None:
    script, record = tmp_path / "s.yaml", tmp_path / "rec"
    script.write_text("main:\n  - output: [{message: one}]\n  - output: [{message: two}]\n")
    with running("--script", script, "--record", record, "--once") as server:
        answers = [server.ask("hi").content for _ in range(2)]
        code, out = server.end()
    assert code == 0 and '-> main/2: message "two"' in out
    text = (record / "exchanges.jsonl").read_text()
    assert [json.loads(line)["step"] for line in text.splitlines()] == ["main/1", "main/2"]
    assert "sk-hidden" not in text and "Bearer ***" in text
    with running("--replay", record) as server:
        assert [server.ask("hi").content for _ in range(2)] == answers
        assert server.ask("hi").status_code == 500
        code, out = server.stop(signal.SIGTERM)
    assert code == 1 and "1 problem:" in out and "PROBLEM request 3" in out


def test_in_front_of_a_provider(tmp_path: Path) -> None:
    with running() as live, running("--proxy", live.base_url, "--record", tmp_path / "rec", "--once") as proxy:
        assert "You said: hi" in proxy.ask("hi").text
        code, out = proxy.end()
    assert code == 0 and "-> forwarded" in out
    assert (tmp_path / "rec" / "exchanges.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--script", "none.yaml"], "none.yaml: No such file"),
        (["--script", "a", "--scenario", "b"], "--script and --scenario do not go together"),
        (["--replay", "a", "--proxy", "http://x"], "--replay and --proxy do not go together"),
        (["--proxy", "api.openai.com"], "begins with http"),
        (["--replay", "."], "nothing to replay"),
    ],
)
def test_what_cannot_start_is_said_without_a_traceback(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and words in printed.err and printed.err.startswith("fake_server: ")


def test_a_recording_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "exchanges.jsonl").write_text("kept\n")
    assert main(["--record", str(tmp_path)]) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert (tmp_path / "exchanges.jsonl").read_text() == "kept\n"


def test_a_replay_of_steps_takes_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "responses.json").write_text('[{"step": "main/1", "status": 200, "end": "complete"}]')
    scenario = tmp_path / "s.yaml"
    scenario.write_text("format: 1\nanswers:\n  main: [{output: [{message: from the scenario}]}]\n")
    with running("--replay", tmp_path, "--scenario", scenario, "--once") as server:
        assert "from the scenario" in server.ask("hi").text
        assert server.end()[0] == 0


async def test_a_taken_port_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeServer() as server:
        port = server.url.rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "-m", "fake_server", "--port", port], capture_output=True, text=True, check=False
        )
    assert (
        done.returncode == 2 and f"cannot listen on 127.0.0.1:{port}" in done.stderr and "Traceback" not in done.stderr
    )
