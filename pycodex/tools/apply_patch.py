"""The tool apply_patch: change files by a patch. The same runs where a shell command is nothing but a patch."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.patch.action import Action, check, outside
from pycodex.patch.apply import Applied, apply
from pycodex.patch.hunks import PatchError
from pycodex.patch.style import PatchStyle
from pycodex.protocol import Emit, Event, LogLine, PatchEnded, PatchStarted, TurnDiffed
from pycodex.records import replace
from pycodex.rust import number
from pycodex.sandbox import SandboxUnavailable
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError, ToolOutput

if TYPE_CHECKING:
    from pycodex.arguments import ArgumentStyle
    from pycodex.patch.turn_diff import TurnDiff
    from pycodex.path_rules import PathRules
    from pycodex.truncation import TruncateStyle, TruncationPolicy

__all__ = ["ApplyPatch", "Patcher"]

_FAILED = "apply_patch verification failed: "
_NOT_CALLED = _FAILED + 'patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]'


class Patcher:
    """Applies patches, and keeps what each turn changed."""

    def __init__(
        self, style: PatchStyle, truncate: TruncateStyle, *, policy: TruncationPolicy, rules: PathRules | None = None
    ) -> None:
        """`rules`: which files may be read."""
        self.style = style
        self._rules = rules
        self._truncate = truncate
        self._policy = policy
        self._turn = ""
        self._diff: TurnDiff | None = None

    async def shell_command(self, context: ToolContext, script: str, cwd: str | Path, *, tool: str) -> str | None:
        """Apply the patch of a shell script that is nothing else; None: it is another script. `tool` was called."""
        return await self._instead(context, self._scripted(script, cwd), tool)

    async def argv(self, context: ToolContext, argv: Sequence[str], cwd: str | Path, *, tool: str) -> str | None:
        """Apply the patch that is the only argument of apply_patch, or the script of a shell (captured:
        shell/patch_argv)."""
        match argv:
            case ["apply_patch" | "applypatch", text]:
                return await self._instead(context, self.checked(text, str(cwd)), tool)
            case [text] if self._is_patch(text):
                raise ToolError(_NOT_CALLED)
            case [shell, *options, script] if _runs_script(shell, options):
                return await self.shell_command(context, script, cwd, tool=tool)
        return None

    async def _instead(self, context: ToolContext, action: Action | None, tool: str) -> str | None:
        if action is None:
            return None
        await context.answer_ended()
        if self.style.shell_warning is not None:
            context.remind(self.style.shell_warning.format(tool=tool))
        return self.run(context, action)

    def _scripted(self, script: str, cwd: str | Path) -> Action | None:
        from pycodex.patch.heredoc import find_patch

        found = find_patch(script)
        if found is None:
            if self._is_patch(script):
                raise ToolError(_NOT_CALLED)
            return None
        folder = os.path.join(cwd, found.folder) if found.folder else str(cwd)
        return self.checked(found.text, folder, scripted=True)

    def _is_patch(self, text: str) -> bool:
        try:
            self.style.parse(text)
        except PatchError:
            return False
        return True

    def checked(self, text: str, cwd: str, *, scripted: bool = False) -> Action:
        """The patch, if it fits the files. Raises ToolError. `scripted`: it is part of a shell script, where the name
        of an environment does not count (captured: patch/environment_id)."""
        try:
            patch = self.style.parse(text)
            if patch.environment is not None and not scripted:
                raise ToolError(self.style.environment_refused)
            return check(patch, cwd, self.style, self._rules)
        except PatchError as error:
            raise ToolError(_FAILED + str(error)) from error

    async def approved(self, context: ToolContext, action: Action, text: str) -> ToolContext:
        """The context to apply it in: out of the sandbox where somebody was asked and let it. Raises ToolError."""
        if context.approve is None or not action.changes or not outside(action, context.sandbox, self.style):
            return context
        planned = {
            "cwd": action.cwd,
            "environment_id": "local",
            "files": list(action.changes),
            "patch": text.strip(),
            "tool": "apply_patch",
        }
        decision = await context.approve(context.call_id, planned, None)
        if decision.refusal is None:
            return replace(context, sandbox=replace(context.sandbox, mode="danger-full-access"))
        context.emit(PatchStarted(call_id=context.call_id, changes=action.changes, started_at=time.time()))
        context.emit(
            PatchEnded(
                call_id=context.call_id,
                changes=action.changes,
                status="declined",
                stdout="",
                stderr=decision.refusal,
                exit_code=1,
                duration=0.0,
            )
        )
        raise ToolError(decision.refusal)

    def run(self, context: ToolContext, action: Action) -> str:
        """Apply it. Gives what the model is told; raises ToolError with it when that is a failure."""
        if not action.changes:
            raise ToolError("patch rejected: empty patch")
        if outside(action, context.sandbox, self.style):
            raise ToolError(f"patch rejected: {self.style.refusal(context.sandbox)}")
        diff = self._diff_of(context)
        diff.begin(action.changes)
        context.emit(PatchStarted(call_id=context.call_id, changes=action.changes, started_at=time.time()))
        clock = time.monotonic()
        missing = _no_folder(action.cwd) if self.style.runs_in_folder else None
        applied = self._applied(context, action) if missing is None else Applied(error=_DEBUG[missing])
        duration = time.monotonic() - clock
        if missing is not None:
            text = f"exec error: {os.strerror(missing)} (os error {missing})"
            context.emit(LogLine(level="ERROR", target="codex_core::exec", message=text))
        ended = PatchEnded(
            call_id=context.call_id,
            changes=action.changes,
            status="completed" if applied.error is None else "failed",
            stdout=applied.summary,
            stderr=applied.error or "",
            exit_code=0 if applied.error is None else 1,
            duration=duration,
        )
        before = None if self.style.diff_after_answers else diff.text()
        diff.end(applied)
        told: list[Event] = [ended, *(event for event in self._told(context.turn_id) if event.diff != before)]
        output = self._output(applied, duration) if missing is None else _DEBUG[missing]
        if applied.error is not None:
            # That it failed is told after the log line (captured: patch/failed_plain).
            raise ToolError(output, then=told)
        for event in told:
            context.emit(event)
        return output

    def _applied(self, context: ToolContext, action: Action) -> Applied:
        # It is read once more to be applied, from what the first reading kept of it; a line that ended in several
        # carriage returns has one less by then (captured: patch/line_endings).
        again = self.style.parse(action.patch.text)
        if context.sandbox.mode == "danger-full-access":
            return apply(again, action.cwd, self.style)
        from pycodex.patch.confined import apply_confined

        try:
            return apply_confined(again, action, self.style, context.sandbox)
        except SandboxUnavailable as error:
            return Applied(error=f"{error}\n")

    def _diff_of(self, context: ToolContext) -> TurnDiff:
        if self._diff is None or self._turn != context.turn_id:
            self._turn, self._diff = context.turn_id, self.style.turn_diff(context.cwd)
        return self._diff

    def _told(self, turn_id: str) -> list[TurnDiffed]:
        text = self._diff.text() if self._diff is not None and self._turn == turn_id else None
        return [] if text is None else [TurnDiffed(turn_id=turn_id, diff=text)]

    def answered(self, emit: Emit, turn_id: str) -> None:
        """An answer of the model and its tools are done."""
        if self.style.diff_after_answers:
            for event in self._told(turn_id):
                emit(event)

    def _output(self, applied: Applied, duration: float) -> str:
        from pycodex.truncation import Output, format_output

        said = applied.summary or applied.error or ""
        text = format_output(
            Output(text=said, total=len(said.encode())),
            max_output_tokens=None,
            policy=self._policy,
            style=self._truncate,
        )
        seconds, code = round(duration, 1), 0 if applied.error is None else 1
        if self.style.output_is_json:
            metadata = {"exit_code": code, "duration_seconds": seconds}
            outcome = {"output": text, "metadata": metadata}
            return json.dumps(outcome, ensure_ascii=False, separators=(",", ":"))
        return f"Exit code: {code}\nWall time: {number(seconds)} seconds\nOutput:\n{text}"


def _runs_script(shell: str, options: Sequence[str]) -> bool:
    """Whether what follows these words is a script for a shell that codex-cli knows."""
    name = shell.rpartition("/")[2]
    if name in ("bash", "zsh", "sh"):
        return list(options) in (["-lc"], ["-c"])
    return name in ("pwsh", "powershell") and list(options) in (["-Command"], ["-NoProfile", "-Command"])


def _no_folder(cwd: str) -> int | None:
    """Why no program can run in a folder, as an error number."""
    if os.path.isdir(cwd):
        return None
    return errno.ENOTDIR if os.path.exists(cwd) else errno.ENOENT


_DEBUG = {
    code: f'execution error: Io(Os {{ code: {code}, kind: {kind}, message: "{os.strerror(code)}" }})'
    for code, kind in ((errno.ENOENT, "NotFound"), (errno.ENOTDIR, "NotADirectory"))
}
"""What the model is told of that: the debug form of the system's error."""


class ApplyPatch(BaseTool):
    """`apply_patch`."""

    name = "apply_patch"

    def __init__(self, patcher: Patcher, arguments: ArgumentStyle) -> None:
        self.description = ""
        self.input_schema: dict[str, Any] = {}
        self._patcher = patcher
        self._arguments = arguments
        functions = {"function_call"} if patcher.style.function_arguments is not None else set()
        self.payloads = frozenset({"custom_tool_call", *functions})

    def parse(self, arguments: str) -> Mapping[str, Any]:
        """The arguments of a function call."""
        from pycodex.tools.exec_command import parsed

        struct = self._patcher.style.function_arguments
        assert struct is not None, "a call of a kind that is not in `payloads`"
        return parsed(arguments, struct, self._arguments)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        # codex-cli takes a moment to begin, so an answer that ends at once is mostly recorded before (captured).
        await context.answer_ended()
        action = self._patcher.checked(args["input"], str(context.cwd))
        told = self._patcher.run(await self._patcher.approved(context, action, args["input"]), action)
        return ToolOutput(content=told, value=told if self._patcher.style.output_is_json else {})

    def answered(self, emit: Emit, turn_id: str) -> None:
        self._patcher.answered(emit, turn_id)
