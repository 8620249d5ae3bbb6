"""exec_command and write_stdin in the styles of two binaries; the expected texts were measured on them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pycodex.processes import ProcessManager
from pycodex.protocol import CommandEnded, CommandStarted, Event
from pycodex.sandbox import SandboxPolicy, SandboxUnavailable, enforce
from pycodex.shell import Shell
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.exec_command import ExecCommand
from pycodex.tools.exec_errors import looks_denied
from pycodex.tools.write_stdin import WriteStdin
from pycodex.truncation import TruncateStyle, TruncationPolicy
from pycodex.upstream import load_dialect

# The styles of the two Dialects themselves, so that what is tested is what runs.
OLD, NEW = (load_dialect(version).exec for version in ("0.115.0", "0.169.0"))
SIGNAL_OFFSET = {"old": None, "new": 128}
TRUNCATE = {
    "old": TruncateStyle(
        warning_line=False, policy_caps_output=False, history_in_tokens=False, fits_history=False, omitted_marker=False
    ),
    "new": TruncateStyle(warning_line=True, policy_caps_output=True, history_in_tokens=True, fits_history=True),
}
STYLES = {"old": OLD, "new": NEW}


@dataclass
class Bench:
    """One agent's two tools in a workspace."""

    name: str
    cwd: Path
    sandbox: SandboxPolicy = field(default_factory=lambda: SandboxPolicy(mode="danger-full-access", network=True))
    events: list[Event] = field(default_factory=list)
    early_exit_seconds: float = 0.15

    def __post_init__(self) -> None:
        self.build()

    def build(self) -> None:
        # The real lower limits would make the tests wait.
        style = replace(STYLES[self.name], min_yield_ms=1, min_empty_poll_ms=1)
        self.processes = ProcessManager(
            signal_offset=SIGNAL_OFFSET[self.name], early_exit_seconds=self.early_exit_seconds
        )
        policy = TruncationPolicy(kind="tokens", limit=10_000)
        parts = (style, TRUNCATE[self.name], self.processes)
        self.exec = ExecCommand(*parts, policy=policy)
        self.stdin = WriteStdin(*parts, policy=policy)

    async def call(self, tool: ExecCommand | WriteStdin, arguments: str) -> str:
        context = ToolContext(
            call_id="call_1",
            cwd=self.cwd,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.cwd), "TERM": "xterm"},
            sandbox=self.sandbox,
            emit=self.events.append,
            thread_id="THREAD",
            turn_id="TURN",
            shell=Shell(name="sh", path="/bin/sh"),
        )
        try:
            output = str((await tool.run(context, tool.parse(arguments))).content)
        except ToolError as error:
            return f"ToolError: {error}"
        output = re.sub(r"Chunk ID: [0-9a-f]{6}\n", "Chunk ID: X\n", output)
        return re.sub(r"Wall time: \d+\.\d{4} seconds", "Wall time: T seconds", output)

    async def run(self, cmd: str, **arguments: Any) -> str:
        return await self.call(self.exec, json.dumps({"cmd": cmd, **arguments}))

    async def write(self, session_id: int, chars: str = "", **arguments: Any) -> str:
        return await self.call(self.stdin, json.dumps({"session_id": session_id, "chars": chars, **arguments}))

    def expect(self, cmd: str, code: int, output: str, tokens: int) -> str:
        head = f"Command: {cmd}\n" if self.name == "old" else ""
        return (
            f"{head}Chunk ID: X\nWall time: T seconds\nProcess exited with code {code}\n"
            f"Original token count: {tokens}\nOutput:\n{output}"
        )

    def ended(self) -> list[CommandEnded]:
        return [event for event in self.events if isinstance(event, CommandEnded)]


@pytest.fixture(params=["old", "new"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(request.param, tmp_path.resolve())
    yield made
    await made.exec.aclose()


def session_of(output: str) -> int:
    match = re.search(r"Process running with session ID (\d+)\n", output)
    assert match, output
    return int(match[1])


async def test_quick_command(bench: Bench) -> None:
    assert await bench.run("echo one; exit 3") == bench.expect("/bin/sh -lc 'echo one; exit 3'", 3, "one\n", 1)
    started, ended = bench.events
    assert isinstance(started, CommandStarted)
    assert isinstance(ended, CommandEnded)
    assert started.argv == ended.argv == ("/bin/sh", "-lc", "echo one; exit 3")
    assert started.process_id == ended.process_id
    assert (ended.output, ended.exit_code, ended.status) == ("one\n", 3, "failed")


async def test_workdir_login_and_shell(bench: Bench) -> None:
    (bench.cwd / "sub").mkdir()
    assert f"\n{bench.cwd}/sub\n" in await bench.run("pwd", workdir="sub")
    assert f"\n{bench.cwd}\n" in await bench.run("pwd", workdir="")
    assert await bench.run("exit 0", login=False) == bench.expect("/bin/sh -c 'exit 0'", 0, "", 0)
    assert await bench.run("exit 0", shell="python3") == bench.expect("/bin/sh -lc 'exit 0'", 0, "", 0)


async def test_environment(bench: Bench) -> None:
    (bench.cwd / ".profile").write_text("export FROM_PROFILE=yes CODEX_THREAD_ID=profile\necho noise\n")
    shown = await bench.run(
        "echo $FROM_PROFILE $CODEX_THREAD_ID $CODEX_TOOL_CALL_ID $TERM $CODEX_SANDBOX_NETWORK_DISABLED"
    )
    ids = "THREAD" if bench.name == "old" else "THREAD call_1"
    assert shown.endswith(f"Output:\nyes {ids} xterm\n")
    # Without the login shell's snapshot the tool's own TERM stands.
    assert (await bench.run("echo $FROM_PROFILE $TERM", login=False)).endswith("Output:\ndumb\n")


async def test_signal(bench: Bench) -> None:
    code = -1 if bench.name == "old" else 137
    assert f"Process exited with code {code}\n" in await bench.run("kill -9 $$")


async def test_command_that_cannot_start(bench: Bench) -> None:
    error = (
        'CreateProcess { message: "Rejected(\\"Failed to create unified exec process: '
        'No such file or directory (os error 2)\\")" }'
    )
    where = " for `/bin/sh -lc pwd`" if bench.name == "old" else ""
    assert await bench.run("pwd", workdir="nope") == f"ToolError: exec_command failed{where}: {error}"
    told = [(event.output, event.exit_code, event.status) for event in bench.ended()]
    text = "Failed to create unified exec process: No such file or directory (os error 2)"
    assert told == ([] if bench.name == "old" else [(text, -1, "failed")])


async def test_dangerous_command_is_refused(bench: Bench) -> None:
    (bench.cwd / "x").touch()
    shown = await bench.run("rm -f x")
    reason = STYLES[bench.name].approval.danger_reasons["forced rm"]
    error = f'CreateProcess {{ message: "Rejected(\\"`/bin/sh -lc \'rm -f x\'` rejected: {reason}\\")" }}'
    where = " for `/bin/sh -lc 'rm -f x'`" if bench.name == "old" else ""
    assert shown == f"ToolError: exec_command failed{where}: {error}"
    assert (bench.cwd / "x").exists()
    assert bench.events == []


async def test_permissions_cannot_be_asked_for(bench: Bench) -> None:
    refused = (
        "ToolError: approval policy is Never; reject command — you cannot ask for escalated permissions"
        " if the approval policy is Never"
    )
    assert await bench.run("id", sandbox_permissions="require_escalated") == refused
    assert await bench.run("id", additional_permissions={}) == refused
    assert "exited with code 0" in await bench.run("true", sandbox_permissions="use_default", justification="x")
    justified = await bench.run("true", justification="x")
    assert ("requires an explicit `sandbox_permissions`" in justified) == (bench.name == "new")


async def test_arguments_are_read_strictly(bench: Bench) -> None:
    shown = await bench.call(bench.exec, '{"cmd": 5} x')
    assert shown == "ToolError: failed to parse function arguments: trailing characters at line 1 column 12"
    unknown = await bench.call(bench.exec, '{"cmd": "true", "environment_id": "e"}')
    assert ("unknown turn environment id `e`" in unknown) == (bench.name == "new")


async def test_cut_output(bench: Bench) -> None:
    warning = "Warning: truncated output (original token count: 73)\n" if bench.name == "new" else ""
    shown = await bench.run("seq 1 100", max_output_tokens=1)
    assert shown == bench.expect(
        "/bin/sh -lc 'seq 1 100'", 0, f"{warning}Total output lines: 100\n\n1\n…72 tokens truncated…0\n", 73
    )


async def test_invalid_utf8_counts_by_text_or_by_bytes(bench: Bench) -> None:
    tokens = 2 if bench.name == "old" else 1
    shown = await bench.run("printf '\\377\\376'")
    assert f"Original token count: {tokens}\nOutput:\n\ufffd\ufffd" in shown


async def test_polling(bench: Bench) -> None:
    script = "echo 1; while [ ! -e go ]; do sleep 0.01; done; echo 2"
    first = await bench.run(script, yield_time_ms=1)
    assert "Original token count: 1\nOutput:\n1\n" in first
    session = session_of(first)
    (bench.cwd / "go").touch()
    assert await bench.write(session, yield_time_ms=10_000) == bench.expect(f"/bin/sh -lc '{script}'", 0, "2\n", 1)
    assert [event.output for event in bench.ended()] == ["2\n" if bench.name == "old" else "1\n2\n"]
    assert await bench.write(session) == f"ToolError: write_stdin failed: Unknown process id {session}"


async def test_terminal_session(bench: Bench) -> None:
    session = session_of(await bench.run("read x; echo got $x", tty=True, yield_time_ms=1))
    shown = await bench.write(session, "hi\n", yield_time_ms=10_000)
    assert shown.endswith("Process exited with code 0\nOriginal token count: 3\nOutput:\nhi\r\ngot hi\r\n")


async def test_typing_without_a_terminal(bench: Bench) -> None:
    closed = (
        "ToolError: write_stdin failed: stdin is closed for this session; "
        "rerun exec_command with tty=true to keep stdin open"
    )
    session = session_of(await bench.run("sleep 60", yield_time_ms=1))
    assert await bench.write(session, "x") == closed
    shown = await bench.write(session, "\x03", yield_time_ms=10_000)
    assert shown == closed if bench.name == "old" else "Process exited with code 130\n" in shown


async def test_unknown_session_comes_before_bad_arguments(bench: Bench) -> None:
    shown = await bench.call(bench.stdin, '{"session_id": 5, "chars": 1}')
    if bench.name == "new":
        assert shown == "ToolError: write_stdin failed: Unknown process id 5"
    else:
        assert "invalid type: integer `1`, expected a string" in shown


# --- sandbox denials


@pytest.fixture
def sandboxed(bench: Bench) -> Bench:
    bench.sandbox = SandboxPolicy()
    try:
        enforce(bench.sandbox)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    return bench


async def test_quick_denial_is_told_by_no_event(sandboxed: Bench) -> None:
    # However slow the machine is, the command ends while its start waits.
    sandboxed.early_exit_seconds = 10
    sandboxed.build()
    shown = await sandboxed.run("echo Permission denied; exit 5")
    if sandboxed.name == "new":
        assert shown == sandboxed.expect("", 5, "Permission denied\n", 5)
    else:
        text = '\\"Permission denied\\\\n\\", truncated_after_lines: None }'
        assert shown == (
            "ToolError: exec_command failed for `/bin/sh -lc 'echo Permission denied; exit 5'`: "
            'CreateProcess { message: "Codex(Sandbox(Denied { output: ExecToolCallOutput { exit_code: 5, '
            'stdout: StreamOutput { text: \\"\\", truncated_after_lines: None }, '
            f"stderr: StreamOutput {{ text: {text}, aggregated_output: StreamOutput {{ text: {text}, "
            'duration: 0ns, timed_out: false }, network_policy_decision: None }))" }'
        )
    assert sandboxed.events == []


async def test_late_denial_has_events(sandboxed: Bench) -> None:
    shown = await sandboxed.run("sleep 0.2; echo seccomp; exit 1")
    if sandboxed.name == "new":
        assert shown == sandboxed.expect("", 1, "seccomp\n", 2)
    else:
        text = '"seccomp\\n", truncated_after_lines: None }'
        assert shown == (
            "ToolError: exec_command failed for `/bin/sh -lc 'sleep 0.2; echo seccomp; exit 1'`: "
            'SandboxDenied { message: "seccomp\\n", output: ExecToolCallOutput { exit_code: 1, '
            'stdout: StreamOutput { text: "", truncated_after_lines: None }, '
            f"stderr: StreamOutput {{ text: {text}, aggregated_output: StreamOutput {{ text: {text}, "
            "duration: 0ns, timed_out: false } }"
        )
    assert [event.exit_code for event in sandboxed.ended()] == [1]


async def test_sandboxed_environment_and_signals(sandboxed: Bench) -> None:
    assert (await sandboxed.run("echo $CODEX_SANDBOX_NETWORK_DISABLED")).endswith("Output:\n1\n")
    assert "Process exited with code 137\n" in await sandboxed.run("kill -9 $$")
    # SIGPIPE is ignored under the sandbox, so the writer complains.
    assert "write error: Broken pipe" in await sandboxed.run("seq 1 200000 | head -1")


@pytest.mark.parametrize(
    ("output", "code", "denied"),
    [
        ("READ-ONLY FILE SYSTEM", 1, True),
        ("failed to write file", 127, True),
        ("landlock", 2, True),
        ("operation not permitted", 0, False),
        ("nothing", 1, False),
        ("", 159, True),
        ("", 137, False),
    ],
)
def test_looks_denied(output: str, code: int, denied: bool) -> None:
    assert looks_denied(output, code) is denied
