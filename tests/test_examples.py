"""The programs of `examples/`, as a person runs them, against the scripted server."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from fake_server import FakeServer, Script
from tests.pycodex.sessions import CONFIG

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"output": [{"call": {"name": name, "arguments": arguments, "call_id": f"call_{name}"}}]}


def says(text: str) -> dict[str, Any]:
    return {"output": [{"message": text}]}


ANSWERS: dict[str, list[dict[str, Any]]] = {
    "hello": [says("Vienna.")],
    "echo_tool": [call("echo", text="hello", times=3), says("I said it three times.")],
    "runtime": [call("exec_command", cmd="ls | wc -l"), says("One."), says("Vienna.")],
    "session": [
        call("exec_command", cmd="mkdir ../other", sandbox_permissions="require_escalated", justification="You asked."),
        says("Yes."),
        says("Vienna."),
        {**says("Once upon a time."), "hold": {"after": 6, "until": "never"}},
        says("Paris."),
    ],
}
PRINTED = {
    "hello": ["Vienna."],
    "echo_tool": ["echo gave: hello hello hello", "I said it three times."],
    "runtime": ["ran 'ls | wc -l': exit code 0", "One.", "Vienna."],
    "session": [
        "allowed: mkdir ../other",
        "exit code: 0",
        "Yes. Vienna.",
        "A session ['Make the folder ../other. Did it work?', 'In one word, please.', "
        "'And what is the capital of Austria?']",
        "Paris.",
    ],
}


async def run(path: Path, server: FakeServer, root: Path) -> tuple[int, list[str], str]:
    home, ws = root / "home", root / "ws"
    home.mkdir()
    ws.mkdir()
    (ws / "note.txt").write_text("x", encoding="utf-8")
    port = server.url.rpartition(":")[2]
    (home / "config.toml").write_text('model = "gpt-5.5"\n' + CONFIG.format(port=port), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "CODEX_HOME": str(home), "FAKE_KEY": "sk-x"}
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        str(path),
        cwd=ws,
        env={**env, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await program.communicate()
    assert program.returncode is not None
    return program.returncode, out.decode().splitlines(), err.decode()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_example(path: Path, tmp_path: Path) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data({"main": ANSWERS[path.stem]}))
        assert await run(path, server, tmp_path) == (0, PRINTED[path.stem], "")
        assert server.finish() == []
        tools = [tool.get("name") for tool in json.loads(server.journal[0].body)["tools"]]
    expected = {"hello": [], "echo_tool": ["echo"]}
    assert tools == expected.get(path.stem, tools) and ("exec_command" in tools) == (path.stem not in expected)


def test_readme_shows_the_first_example() -> None:
    lines = [line.strip() for line in (ROOT / "examples" / "hello.py").read_text(encoding="utf-8").splitlines()]
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("As a library:\n\n```python\n")[2]
    for line in shown.partition("```")[0].splitlines():
        assert not line or line in lines or line.startswith("print("), line


async def test_the_session_asks_as_a_terminal_program_does(tmp_path: Path) -> None:
    """Every operation reaches the wire: the steer joins, what was gone back from is absent."""
    async with FakeServer() as server:
        server.load(Script.from_data({"main": ANSWERS["session"]}))
        await run(ROOT / "examples" / "session.py", server, tmp_path)
        inputs = [json.loads(exchange.body)["input"] for exchange in server.journal]
    said = [[item["content"][0]["text"] for item in items if item.get("role") == "user"][1:] for items in inputs]
    first, joined, second = "Make the folder ../other. Did it work?", "In one word, please.", "And what is the capital"
    assert said[1] == [first, joined]
    assert [text[: len(second)] for text in said[2]] == [first[: len(second)], joined, second]
    assert said[4] == [*said[2], "And of France?"]
    (index,) = (tmp_path / "home").glob("session_index.jsonl")
    assert json.loads(index.read_text())["thread_name"] == "A session"
