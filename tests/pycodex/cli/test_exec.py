"""`exec` as a program, against the scripted server."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from fake_server import FakeServer, Script
from tests.pycodex.sessions import CONFIG

ROOT = Path(__file__).parents[3]


async def run(root: Path, port: int, *argv: str, stdin: str | None = None, **extra: str) -> tuple[int, str, str]:
    home, ws = root / "home", root / "ws"
    home.mkdir(exist_ok=True)
    ws.mkdir(exist_ok=True)
    (home / "config.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(root), "CODEX_HOME": str(home), "FAKE_KEY": "sk-x", "TERM": "xterm"}
    env |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(root / "tmp"), **extra}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pycodex", *argv,
        cwd=ws, env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await program.communicate((stdin or "").encode())
    assert program.returncode is not None
    return program.returncode, out.decode(), err.decode()


HELLO = {"main": [{"output": [{"message": "Hi"}]}]}


@pytest.mark.parametrize("version", ["0.115.0", "0.169.0"])
async def test_json_round_trip_and_resume(tmp_path: Path, version: str) -> None:
    arguments = {"cmd": "echo hi"}
    script = {
        "main": [
            {"output": [{"call": {"name": "exec_command", "arguments": arguments, "call_id": "call_1"}}]},
            {"output": [{"message": "done"}]},
            {"output": [{"message": "again"}]},
        ]
    }
    async with FakeServer() as server:
        server.load(Script.from_data(script))
        port = int(server.url.rsplit(":", 1)[1])
        options = ("--json", "--skip-git-repo-check", "-s", "danger-full-access")
        code, out, _ = await run(tmp_path, port, "--upstream", version, "exec", *options, "go")
        events = [json.loads(line) for line in out.splitlines()]
        assert (code, events[0]["type"], events[-1]["type"]) == (0, "thread.started", "turn.completed")
        assert events[3]["item"]["aggregated_output"] == "hi\n"
        code, out, _ = await run(
            tmp_path, port, "exec", "--upstream", version, *options, "resume", events[0]["thread_id"], "more"
        )
        assert code == 0
        assert json.loads(out.splitlines()[-1])["usage"]["output_tokens"] > 0
        assert server.finish() == []
        first, last = json.loads(server.journal[0].body), json.loads(server.journal[2].body)
    assert last["input"][: len(first["input"])] == first["input"]
    assert last["prompt_cache_key"] == first["prompt_cache_key"] == events[0]["thread_id"]


async def test_prompt_from_stdin_and_output_file(tmp_path: Path) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data(HELLO))
        port = int(server.url.rsplit(":", 1)[1])
        code, out, err = await run(
            tmp_path, port, "exec", "--skip-git-repo-check", "-o", "last.txt", stdin="from stdin"
        )
        body = json.loads(server.journal[0].body)
    assert (code, out) == (0, "Hi\n")
    assert err.startswith("Reading prompt from stdin...\n")
    assert body["input"][-1]["content"][0]["text"] == "from stdin"
    assert (tmp_path / "ws" / "last.txt").read_text(encoding="utf-8") == "Hi"


@pytest.mark.parametrize(
    ("argv", "code", "text"),
    [
        (("--upstream", "0.0.1", "exec", "x"), 2, "pycodex does not know this version"),
        (("exec", "--nope"), 2, "unexpected argument '--nope' found"),
        (("exec", "x"), 1, "Not inside a trusted directory"),
        (("exec", "-c", "zzz", "x"), 1, "Error parsing -c overrides"),
        (("exec", "-C", "missing", "x"), 1, "No such file or directory (os error 2)"),
        (("exec", "--skip-git-repo-check"), 1, "No prompt provided via stdin."),
    ],
)
async def test_refusals(tmp_path: Path, argv: tuple[str, ...], code: int, text: str) -> None:
    exit_code, out, err = await run(tmp_path, 9, *argv)
    assert (exit_code, out) == (code, "")
    assert text in err
    assert "Traceback" not in err


async def test_bad_request_is_final(tmp_path: Path) -> None:
    async with FakeServer() as server:
        server.load(Script.from_data({"main": [{"http": {"status": 400, "body": "bad"}}]}))
        port = int(server.url.rsplit(":", 1)[1])
        code, out, _ = await run(tmp_path, port, "exec", "--skip-git-repo-check", "--json", "x")
    assert code == 1
    assert [json.loads(line)["type"] for line in out.splitlines()][-2:] == ["error", "turn.failed"]


def test_import_is_light() -> None:
    import subprocess

    code = "import sys, pycodex; print([m for m in ('httpx', 'httpcore', 'asyncio') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


async def test_review_wants_something_to_review(tmp_path: Path) -> None:
    code, out, err = await run(tmp_path, 9, "exec", "--json", "review", "--skip-git-repo-check")
    assert (code, out) == (1, "")
    assert "--uncommitted, --base, --commit" in err


async def test_blank_words_are_no_review(tmp_path: Path) -> None:
    code, out, err = await run(tmp_path, 9, "exec", "review", "--skip-git-repo-check", "  ")
    assert (code, out) == (1, "")
    assert "cannot be empty" in err
