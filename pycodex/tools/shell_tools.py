"""The older tools that run a command to its end: `shell` (an argv; also as `container.exec` and `local_shell`) and
`shell_command` (a script for the user's shell).

Captures: captures/upstream/0.115.0/direct/shell/shell_tool and the other scenarios whose names begin so.
"""

from __future__ import annotations

import errno
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.arguments import ArgumentStyle, Struct, Type
from pycodex.danger import DangerRule
from pycodex.one_shot import Finished, run_once
from pycodex.processes import ProcessManager, StartError
from pycodex.protocol import CommandEnded, CommandStarted, LogLine
from pycodex.records import dataclass
from pycodex.rust import number
from pycodex.sandbox import SandboxUnavailable
from pycodex.shell import shlex_join
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError
from pycodex.tools.command_environment import CommandEnvironment
from pycodex.tools.exec_command import parsed
from pycodex.truncation import TruncationPolicy, truncate_middle

if TYPE_CHECKING:
    from pycodex.tools.apply_patch import Patcher

__all__ = ["ShellCommand", "ShellStyle", "ShellTool"]

_KINDS = {
    errno.ENOENT: "NotFound",
    errno.EACCES: "PermissionDenied",
    errno.ENOTDIR: "NotADirectory",
    errno.E2BIG: "ArgumentListTooLong",
    errno.ENAMETOOLONG: "InvalidFilename",
    errno.EISDIR: "IsADirectory",
    errno.ENOMEM: "OutOfMemory",
    errno.ELOOP: "FilesystemLoop",
}
"""Kinds of system errors in the words of Rust's standard library."""


@dataclass(frozen=True, kw_only=True)
class ShellStyle:
    """What a version says of them. `names`: the names under which an argv is taken."""

    names: tuple[str, ...]
    argv_struct: Struct
    script_struct: Struct
    argument_style: ArgumentStyle
    dangerous: DangerRule
    """Argvs that are refused."""
    danger_reason: str
    escalation: str
    """Text for a call that asks for more permissions when nobody can be asked."""
    log_target: str
    """Of the log line for a command that could not be started."""
    env: Mapping[str, str]
    """Variables every command gets; values may name {thread_id}."""
    argument_prelude: Type | None = None
    """What the arguments are read as first, so that its errors come first."""
    default_timeout_ms: int = 10_000
    timeout_exit_code: int = 124


class _Refused(Exception):
    """The command did not run; the message is the model's."""


class ShellTool(BaseTool):
    """`shell` by any of its names: an argv, without a shell unless it names one. Its output is a JSON object (which
    `Dialect.body.outputs` may write as text)."""

    def __init__(
        self,
        name: str,
        style: ShellStyle,
        processes: ProcessManager,
        *,
        policy: TruncationPolicy,
        environment: CommandEnvironment,
        patcher: Patcher | None = None,
    ) -> None:
        self.name = name
        self.description = ""
        self.input_schema: dict[str, Any] = {}
        self._style = style
        self._processes = processes
        self._policy = policy
        self._environment = environment
        self._patcher = patcher

    def parse(self, arguments: str) -> Mapping[str, Any]:
        if self._style.argument_prelude is not None:
            parsed(arguments, self._style.argument_prelude, self._style.argument_style)
        return parsed(arguments, self._struct, self._style.argument_style)

    @property
    def _struct(self) -> Struct:
        return self._style.argv_struct

    def _argv(self, context: ToolContext, args: Mapping[str, Any]) -> list[str]:
        return list(args["command"])

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        argv = self._argv(context, args)
        if args.get("sandbox_permissions") not in (None, "use_default"):
            raise ToolError(self._style.escalation)
        folder = args.get("workdir") or ""
        cwd = context.cwd / folder
        # A patch shows the folder as it was written (captured: fuzz/patch_workdir).
        patched = await self._patched(context, argv, os.path.join(context.cwd, folder) if folder else cwd)
        if patched is not None:
            return patched
        started, clock = time.time(), time.monotonic()
        context.emit(
            CommandStarted(call_id=context.call_id, argv=tuple(argv), cwd=str(cwd), process_id="", started_at=started)
        )
        try:
            finished = await self._finished(context, argv, cwd, args.get("timeout_ms"))
        except _Refused as error:
            self._report_end(context, argv, cwd, -1, str(error), 0.0)
            raise ToolError(str(error)) from error
        text = finished.output.decode(errors="replace")
        code = self._style.timeout_exit_code if finished.status is None else finished.status
        self._report_end(context, argv, cwd, code, text, time.monotonic() - clock)
        if finished.status is None:
            text = f"command timed out after {int(finished.seconds * 1000)} milliseconds\n{text}"
        return self._output(code, math.floor(finished.seconds * 10 + 0.5) / 10, text)

    async def _patched(self, context: ToolContext, argv: Sequence[str], cwd: str | Path) -> str | None:
        """What came of a command line that is nothing but a patch."""
        return None if self._patcher is None else await self._patcher.argv(context, argv, cwd, tool=self.name)

    async def _finished(self, context: ToolContext, argv: Sequence[str], cwd: Path, timeout_ms: int | None) -> Finished:
        style = self._style
        if not argv:
            raise _Refused("command args are empty")
        if style.dangerous(argv):
            raise _Refused(f"`{shlex_join(argv)}` rejected: {style.danger_reason}")
        # A login shell is replaced by its snapshot, whoever asked for it.
        snapshot = len(argv) >= 3 and argv[1] == "-lc" and self._environment.stands_for_login(context, cwd)
        own = {name: value.format(thread_id=context.thread_id) for name, value in style.env.items()}
        env = await self._environment.of(context, own, snapshot=snapshot)
        limit = style.default_timeout_ms if timeout_ms is None else timeout_ms
        run = [argv[0], "-c", *argv[2:]] if snapshot else argv
        try:
            finished = await run_once(
                run, cwd, env, seconds=limit / 1000, sandbox=context.sandbox, processes=self._processes
            )
        except StartError as error:
            context.emit(LogLine(level="ERROR", target=style.log_target, message=f"exec error: {error}"))
            raise _Refused(f"execution error: Io({_debug(error)})") from error
        except SandboxUnavailable as error:
            raise _Refused(f"execution error: {error}") from error
        if finished.status is not None and finished.status < 0:
            raise _Refused(f"execution error: Sandbox(Signal({-finished.status}))")
        return finished

    def _report_end(
        self, context: ToolContext, argv: Sequence[str], cwd: Path, code: int, output: str, seconds: float
    ) -> None:
        context.emit(
            CommandEnded(
                call_id=context.call_id,
                argv=tuple(argv),
                cwd=str(cwd),
                process_id="",
                exit_code=code,
                output=output,
                duration=seconds,
                status="completed" if code == 0 else "failed",
            )
        )

    def _output(self, code: int, seconds: float, text: str) -> str:
        cut = truncate_middle(text, self._policy)
        if cut != text:
            cut = f"Total output lines: {_count_lines(text)}\n\n{cut}"
        outcome = {"output": cut, "metadata": {"exit_code": code, "duration_seconds": seconds}}
        return json.dumps(outcome, ensure_ascii=False, separators=(",", ":"))


class ShellCommand(ShellTool):
    """`shell_command`: a script in the user's shell; its output is text."""

    def __init__(self, style: ShellStyle, processes: ProcessManager, **rest: Any) -> None:
        super().__init__("shell_command", style, processes, **rest)

    @property
    def _struct(self) -> Struct:
        return self._style.script_struct

    def _argv(self, context: ToolContext, args: Mapping[str, Any]) -> list[str]:
        return context.shell.argv(args["command"], self._environment.is_login(args.get("login")))

    def _output(self, code: int, seconds: float, text: str) -> str:
        cut = truncate_middle(text, self._policy)
        lines = [f"Exit code: {code}", f"Wall time: {number(seconds)} seconds"]
        # The count stands there only where lines are gone (measured on the binary).
        if _count_lines(cut) != _count_lines(text):
            lines.append(f"Total output lines: {_count_lines(text)}")
        return "\n".join([*lines, "Output:", cut])


def _count_lines(text: str) -> int:
    """Lines ended by \\n; what follows the last one counts when it is not empty."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


def _debug(error: StartError) -> str:
    """The system's error as Rust shows it to a programmer."""
    cause = error.__cause__
    if not isinstance(cause, OSError) or cause.errno is None:
        return f'Error {{ kind: InvalidInput, message: "{error}" }}'
    kind = _KINDS.get(cause.errno, "Uncategorized")
    message = str(error).rpartition(" (os error")[0]
    return f'Os {{ code: {cause.errno}, kind: {kind}, message: "{message}" }}'
