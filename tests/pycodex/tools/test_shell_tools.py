"""The older shell tools, in the style of the Dialect that has them (captures: shell/shell_tool)."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pycodex.command_env import CommandRules
from pycodex.processes import ProcessManager
from pycodex.protocol import CommandEnded, CommandStarted, Event, LogLine
from pycodex.sandbox import SandboxPolicy
from pycodex.shell import Shell
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.command_environment import CommandEnvironment
from pycodex.tools.shell_tools import ShellCommand, ShellTool
from pycodex.truncation import TruncationPolicy
from pycodex.upstream import load_dialect

STYLE = load_dialect("0.115.0").shells
assert STYLE is not None
ASKING = (
    "approval policy is Never; reject command — you should not ask for escalated permissions"
    " if the approval policy is Never"
)


class Bench:
    def __init__(self, cwd: Path, tokens: int = 1000) -> None:
        assert STYLE is not None
        self.cwd, self.events = cwd, list[Event]()
        self.processes = ProcessManager()
        rules = CommandRules(snapshot=False)
        environment = CommandEnvironment(rules, core=(), filters_login=False)
        policy = TruncationPolicy(kind="tokens", limit=tokens)
        self.shell = ShellTool("shell", STYLE, self.processes, policy=policy, environment=environment)
        self.script = ShellCommand(STYLE, self.processes, policy=policy, environment=environment)

    async def call(self, tool: ShellTool, arguments: dict[str, Any]) -> str:
        context = ToolContext(
            call_id="call_1",
            cwd=self.cwd,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.cwd)},
            sandbox=SandboxPolicy(mode="danger-full-access", network=True),
            emit=self.events.append,
            thread_id="THREAD",
            turn_id="TURN",
            shell=Shell(name="sh", path="/bin/sh"),
        )
        try:
            output = str(await tool.run(context, tool.parse(json.dumps(arguments))))
        except ToolError as error:
            return f"ToolError: {error}"
        output = re.sub(r"after \d+ milliseconds", "after T milliseconds", output)
        return re.sub(r'(Wall time: |duration_seconds":)[\d.]+', r"\1T", output)

    async def run(self, *argv: str, **rest: Any) -> str:
        return await self.call(self.shell, {"command": list(argv), **rest})

    async def sh(self, command: str, **rest: Any) -> str:
        return await self.call(self.script, {"command": command, **rest})


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    await made.processes.shutdown()


def text(code: int, output: str, *more: str) -> str:
    return "\n".join([f"Exit code: {code}", "Wall time: T seconds", *more, f"Output:\n{output}"])


async def test_an_argv_and_its_events(bench: Bench) -> None:
    assert await bench.run("sh", "-c", "echo out; exit 3") == (
        '{"output":"out\\n","metadata":{"exit_code":3,"duration_seconds":T}}'
    )
    started, ended = bench.events
    assert isinstance(started, CommandStarted)
    assert isinstance(ended, CommandEnded)
    assert (ended.argv, ended.exit_code, ended.output) == (("sh", "-c", "echo out; exit 3"), 3, "out\n")
    assert ended.status == "failed"


async def test_a_script(bench: Bench) -> None:
    assert await bench.sh("echo $CODEX_THREAD_ID; pwd", login=False) == text(0, f"THREAD\n{bench.cwd}\n")


async def test_what_does_not_run(bench: Bench) -> None:
    missing = 'execution error: Io(Os { code: 2, kind: NotFound, message: "No such file or directory" })'
    rows = {
        (): "command args are empty",
        ("nope",): missing,
        ("",): missing,
        ("sh", "-c", "kill -9 $$"): "execution error: Sandbox(Signal(9))",
        ("rm", "-rf", "x"): "`rm -rf x` rejected: blocked by policy",
        ("bash", "-lc", "rm -f x"): "`bash -lc 'rm -f x'` rejected: blocked by policy",
    }
    for argv, error in rows.items():
        assert await bench.run(*argv) == f"ToolError: {error}"
        ended = bench.events[-1]
        assert isinstance(ended, CommandEnded)
        assert (ended.exit_code, ended.output, ended.status) == (-1, error, "failed")
    logged = [event.message for event in bench.events if isinstance(event, LogLine)]
    assert logged == ["exec error: No such file or directory (os error 2)"] * 2


async def test_asking_for_more_is_no_event(bench: Bench) -> None:
    assert await bench.run("true", sandbox_permissions="require_escalated") == f"ToolError: {ASKING}"
    assert bench.events == []


async def test_too_long(bench: Bench) -> None:
    shown = await bench.sh("echo begun; sleep 300", timeout=500)
    assert shown == text(124, "command timed out after T milliseconds\nbegun\n")


async def test_cut(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tokens=10)
    cut = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10…3 tokens truncated…4\n15\n16\n17\n18\n19\n20\n"
    numbers = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"
    assert await bench.sh(f"printf '%s\\n' {numbers}") == text(0, cut, "Total output lines: 20")
    shown = json.loads((await bench.run("printf", "%s\\n", *numbers.split())).replace(":T}", ":0}"))
    assert shown["output"] == f"Total output lines: 20\n\n{cut}"
    # A single long line: the tool for scripts has nothing to count.
    line = "a" * 20 + "…1 tokens truncated…" + "a" * 20
    assert await bench.sh(f"printf {'a' * 41}") == text(0, line)
    await bench.processes.shutdown()


def test_arguments_in_an_array_need_each_field_without_a_default(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(ToolError, match="invalid length 1, expected struct ShellToolCallParams with 7 elements"):
        bench.shell.parse('[["true"]]')
    with pytest.raises(ToolError, match="invalid length 2, expected struct ShellToolCallParams with 7 elements"):
        bench.shell.parse('[["true"], null]')
    with pytest.raises(ToolError, match="invalid length 1, expected struct ShellCommandToolCallParams with 8 elements"):
        bench.script.parse('["true"]')
