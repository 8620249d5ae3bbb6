"""apply_patch in the styles of two binaries: files, outcomes, events and diffs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pycodex.protocol import Event, LogLine, PatchEnded, PatchStarted, TurnDiffed
from pycodex.sandbox import SandboxPolicy, SandboxUnavailable, enforce
from pycodex.shell import Shell
from pycodex.tools.apply_patch import ApplyPatch, Patcher
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.truncation import TruncationPolicy
from pycodex.upstream import load_dialect

DIALECTS = {"old": load_dialect("0.115.0"), "new": load_dialect("0.169.0")}
BOTH = pytest.mark.parametrize("bench", ["old", "new"], indirect=True)
OLD = pytest.mark.parametrize("bench", ["old"], indirect=True)
NEW = pytest.mark.parametrize("bench", ["new"], indirect=True)


@dataclass
class Bench:
    name: str
    cwd: Path
    sandbox: SandboxPolicy = field(default_factory=lambda: SandboxPolicy(mode="danger-full-access"))
    events: list[Event] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        dialect = DIALECTS[self.name]
        self.patcher = Patcher(dialect.patch, dialect.truncate, policy=TruncationPolicy())
        self.tool = ApplyPatch(self.patcher, dialect.arguments)

    def context(self, turn: str = "TURN") -> ToolContext:
        return ToolContext(
            call_id="call_1",
            cwd=self.cwd,
            env={},
            sandbox=self.sandbox,
            emit=self.events.append,
            thread_id="THREAD",
            turn_id=turn,
            shell=Shell(name="sh", path="/bin/sh"),
            remind=self.said.append,
        )

    async def patch(self, body: str, turn: str = "TURN") -> str:
        """What the model is told, with the outcome as text in both styles."""
        text = f"*** Begin Patch\n{body}\n*** End Patch"
        try:
            output = str((await self.tool.run(self.context(turn), {"input": text})).content)
        except ToolError as error:
            output = str(error)
            self.events += error.then
        if output.startswith("{"):
            outcome = json.loads(output)
            output = f"Exit code: {outcome['metadata']['exit_code']}\nOutput:\n{outcome['output']}"
        return output.replace(str(self.cwd), "<ws>").replace("Wall time: 0 seconds\n", "")

    def diff(self) -> str:
        return [event.diff for event in self.events if isinstance(event, TurnDiffed)][-1].replace(str(self.cwd), "<ws>")


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(request.param, tmp_path)


@BOTH
async def test_files_are_changed_and_told_by_kind(bench: Bench) -> None:
    (bench.cwd / "a").write_text("one\ntwo\n")
    (bench.cwd / "b").write_text("x\n")
    output = await bench.patch(
        "*** Delete File: b\n*** Update File: a\n*** Move to: sub/c\n@@\n-one\n+1\n*** Add File: n\n+new"
    )
    assert output == "Exit code: 0\nOutput:\nSuccess. Updated the following files:\nA n\nM sub/c\nD b\n"
    assert (bench.cwd / "sub/c").read_text() == "1\ntwo\n"
    assert sorted(path.name for path in bench.cwd.iterdir()) == ["n", "sub"]
    started, ended = (event for event in bench.events if isinstance(event, PatchStarted | PatchEnded))
    assert started.changes == ended.changes
    assert {Path(path).name: change.kind for path, change in ended.changes.items()} == {
        "a": "update",
        "b": "delete",
        "n": "add",
    }


@BOTH
async def test_nothing_is_applied_when_one_operation_does_not_fit(bench: Bench) -> None:
    output = await bench.patch("*** Add File: n\n+x\n*** Update File: nope\n@@\n-a")
    reason = "Failed to read file to update <ws>/nope: No such file or directory (os error 2)"
    assert output == f"apply_patch verification failed: {reason}"
    assert list(bench.cwd.iterdir()) == []
    assert bench.events == []


@pytest.mark.parametrize(("bench", "told"), [("old", "sub"), ("new", "<ws>/sub")], indirect=["bench"])
async def test_a_failed_write_leaves_what_was_done_before(bench: Bench, told: str) -> None:
    (bench.cwd / "sub").mkdir()
    output = await bench.patch("*** Add File: n\n+x\n*** Add File: sub\n+x")
    assert output == f"Exit code: 1\nOutput:\nFailed to write file {told}\n"
    assert (bench.cwd / "n").exists()
    assert [event.status for event in bench.events if isinstance(event, PatchEnded)] == ["failed"]


@OLD
async def test_operations_on_one_path_are_applied_in_turn(bench: Bench) -> None:
    output = await bench.patch("*** Add File: n\n+x\n*** Add File: ./n\n+y")
    assert output.endswith("A n\nA ./n\n")
    assert (bench.cwd / "n").read_text() == "y\n"


@NEW
async def test_operations_on_one_path_are_refused(bench: Bench) -> None:
    output = await bench.patch("*** Add File: n\n+x\n*** Add File: sub/../n\n+y")
    assert output == "apply_patch verification failed: invalid patch: multiple operations target <ws>/n"


@pytest.mark.parametrize(
    ("bench", "data", "reason"),
    [
        ("old", b"hi\xff", "stream did not contain valid UTF-8"),
        ("new", b"hi\xff", "invalid utf-8 sequence of 1 bytes from index 2"),
        ("new", b"hi\xc3", "incomplete utf-8 byte sequence from index 2"),
    ],
    indirect=["bench"],
)
async def test_a_file_that_is_no_text_is_told(bench: Bench, data: bytes, reason: str) -> None:
    (bench.cwd / "b").write_bytes(data)
    assert (
        await bench.patch("*** Delete File: b") == f"apply_patch verification failed: Failed to read <ws>/b: {reason}"
    )


@BOTH
async def test_a_move_onto_itself_deletes(bench: Bench) -> None:
    (bench.cwd / "a").write_text("x\n")
    assert (await bench.patch("*** Update File: a\n*** Move to: a\n@@\n-x\n+y")).endswith("M a\n")
    assert not (bench.cwd / "a").exists()


@BOTH
async def test_an_empty_patch_and_an_environment(bench: Bench) -> None:
    with pytest.raises(ToolError, match=r"^patch rejected: empty patch$"):
        await bench.tool.run(bench.context(), {"input": "*** Begin Patch\n*** End Patch"})
    output = await bench.patch("*** Environment ID: x\n*** Add File: a")
    refused = {"old": "is not a valid hunk header", "new": "environment selection is unavailable for this turn"}
    assert refused[bench.name] in output


@BOTH
async def test_a_diff_over_the_patches_of_a_turn(bench: Bench) -> None:
    (bench.cwd / "a").write_text("one\ntwo\n")
    await bench.patch("*** Update File: a\n@@\n-one\n+1")
    await bench.patch("*** Update File: a\n*** Move to: b\n@@\n-two\n+2")
    names = {"old": "<ws>/{}", "new": "{}"}[bench.name]
    a, b = names.format("a"), names.format("b")
    assert bench.diff().startswith(f"diff --git a/{a} b/{b}\nindex ")
    assert bench.diff().endswith(f"--- a/{a}\n+++ b/{b}\n@@ -1,2 +1,2 @@\n-one\n-two\n+1\n+2\n")
    await bench.patch("*** Delete File: b", turn="NEXT")
    assert "deleted file mode 100644" in bench.diff()


@OLD
async def test_the_diff_is_of_the_disk(bench: Bench) -> None:
    await bench.patch("*** Add File: run\n+x")
    os.chmod(bench.cwd / "run", 0o755)
    (bench.cwd / "run").write_bytes(b"\xff")
    bench.tool.answered(bench.events.append, "TURN")
    assert "new file mode 100755" in bench.diff()
    assert bench.diff().endswith("+++ b/<ws>/run\nBinary files differ\n")


@NEW
async def test_what_no_text_can_tell_ends_the_diff(bench: Bench) -> None:
    (bench.cwd / "a").write_text("x\n")
    (bench.cwd / "link").symlink_to("a")
    await bench.patch("*** Update File: link\n@@\n-x\n+y")
    await bench.patch("*** Add File: n\n+x")
    bench.tool.answered(bench.events.append, "TURN")
    assert not any(isinstance(event, TurnDiffed) for event in bench.events)


@pytest.mark.parametrize(
    ("bench", "reason"),
    [("old", "writing outside of the project"), ("new", "writing is blocked by read-only sandbox")],
    indirect=["bench"],
)
async def test_a_read_only_sandbox_rejects(bench: Bench, reason: str) -> None:
    bench.sandbox = SandboxPolicy(mode="read-only")
    assert await bench.patch("*** Add File: n") == f"patch rejected: {reason}; rejected by user approval settings"


@BOTH
async def test_a_workspace_is_writable_by_name_and_by_link(bench: Bench, tmp_path: Path) -> None:
    inside, outside = tmp_path / "ws", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "file").write_text("x\n")
    (inside / "file").symlink_to(outside / "file")
    bench.cwd, bench.sandbox = inside, SandboxPolicy(mode="workspace-write", writable_roots=(inside,))
    try:
        enforce(bench.sandbox)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    assert (await bench.patch("*** Add File: n\n+x")).startswith("Exit code: 0")
    for path in ("../n", str(outside / "n")):
        rejected = "patch rejected: writing outside of the project; rejected by user approval settings"
        assert await bench.patch(f"*** Add File: {path}\n+x") == rejected
    assert (await bench.patch("*** Update File: file\n@@\n-x\n+y")).startswith("Exit code: 1")
    assert (outside / "file").read_text() == "x\n"
    protected = await bench.patch("*** Add File: .git/n\n+x")
    assert protected.startswith({"old": "Exit code: 0", "new": "patch rejected"}[bench.name])


@BOTH
async def test_a_script_that_is_a_patch_is_applied(bench: Bench) -> None:
    (bench.cwd / "sub").mkdir()
    script = "cd sub && apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: n\n+x\n*** End Patch\nEOF"
    assert await bench.patcher.shell_command(bench.context(), script, bench.cwd, tool="exec_command") is not None
    assert (bench.cwd / "sub/n").read_text() == "x\n"
    assert len(bench.said) == {"old": 1, "new": 0}[bench.name]
    assert await bench.patcher.shell_command(bench.context(), "ls", bench.cwd, tool="exec_command") is None
    with pytest.raises(ToolError, match="patch detected without explicit call"):
        await bench.patcher.shell_command(
            bench.context(), "*** Begin Patch\n*** Add File: n\n*** End Patch", bench.cwd, tool="exec_command"
        )


@OLD
async def test_a_patch_for_a_folder_that_is_not_there(bench: Bench) -> None:
    script = "cd nope && apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: n\n+x\n*** End Patch\nEOF"
    with pytest.raises(ToolError, match=r"^execution error: Io\(Os { code: 2, kind: NotFound"):
        await bench.patcher.shell_command(bench.context(), script, bench.cwd, tool="exec_command")
    assert [event.message for event in bench.events if isinstance(event, LogLine)] == [
        "exec error: No such file or directory (os error 2)"
    ]
    assert not (bench.cwd / "nope").exists()


async def test_which_calls_the_tool_takes(tmp_path: Path) -> None:
    old, new = (Bench(name, tmp_path).tool for name in ("old", "new"))
    assert old.payloads == {"custom_tool_call", "function_call"}
    assert new.payloads == {"custom_tool_call"}
    assert old.parse('{"input":"x","more":1}') == {"input": "x"}
    with pytest.raises(ToolError, match="missing field `input` at line 1 column 2"):
        old.parse("{}")
