"""The tool exec_command: run a script in the user's shell, and come back at its end or after a while.

A script that is nothing but a patch for apply_patch is not run; its patch is applied.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pycodex.approvals import ApprovalStyle, Ask, Refuse, Run, decide, escalation
from pycodex.arguments import ArgumentsError, ArgumentStyle, Struct, Type, parse_value
from pycodex.command_env import CommandRules
from pycodex.ids import chunk_id
from pycodex.processes import ProcessManager, Session, Snapshot, StartError
from pycodex.protocol import CommandEnded, CommandStarted
from pycodex.records import dataclass, field, replace
from pycodex.sandbox import SandboxUnavailable
from pycodex.shell import resolve_shell, shlex_join
from pycodex.tools.base_tool import BaseTool, ToolContext, ToolError, ToolOutput
from pycodex.tools.command_environment import CommandEnvironment
from pycodex.tools.exec_errors import denial_error, denied, rejected
from pycodex.truncation import Output, TruncateStyle, TruncationPolicy, approx_tokens, format_output

if TYPE_CHECKING:
    from pycodex.tools.apply_patch import Patcher

__all__ = ["ExecCommand", "ExecStyle", "SessionTool", "clamp", "parsed", "report"]

_ENVIRONMENT = "local"
"""The id of the only place where commands run."""


@dataclass(frozen=True, kw_only=True)
class ExecStyle:
    """What differs between versions. Times are milliseconds."""

    argument_struct: Struct
    """Arguments of exec_command."""
    stdin_struct: Struct
    """Arguments of write_stdin."""
    argument_style: ArgumentStyle
    argument_prelude: Type | None = None
    """What the arguments of exec_command are read as before they are read as `argument_struct`; its errors
    come first. Where that is a struct with a field `environment_id`, it may name this machine only."""
    argument_second: Struct | None = None
    """What they are read as between the two, its errors likewise."""
    stdin_prelude: Struct | None = None
    """The same for write_stdin: a struct with `session_id`, which is looked up before the rest is read."""
    command_line: bool
    """Whether the output begins with `Command: <argv>`."""
    tokens_of_text: bool
    """Whether `Original token count` counts the text as decoded and buffered, or the bytes that were
    printed."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables every command gets; values may name {thread_id}, {session_id} and {call_id}."""
    core_variables: frozenset[str] = frozenset()
    """What a command inherits with `shell_environment_policy.inherit = "core"`."""
    policy_filters_login: bool
    """Whether what the login shell exports goes through `shell_environment_policy` too, or stands above it."""
    bad_workdir: str | None = None
    """Text for a `workdir` that can be no path; may use {workdir}. None: the system says what is wrong with it."""
    normal_workdir: bool
    """Whether `..`, `.` and line breaks are taken out of the working directory."""
    session_warning: str | None = None
    """What the model is told when so many sessions are open that old ones will be ended; may use {limit} {open}."""
    session_warning_from: int = 60
    keeps_shell_path: bool = False
    """Whether the `shell` argument may be a path of its own (else only its kind counts)."""
    failure: str = "exec_command failed: {error}"
    """Text for a command that did not run: {command} is the quoted argv, {error} the debug form of the
    error."""
    start_error_is_item: bool = False
    """Whether a command that the system could not start is reported as a failed command."""
    approval: ApprovalStyle
    """Which scripts are refused, and why."""
    asked_by_rule: str = "`{command}` requires approval: {reason}"
    """Why somebody is asked about a command that a rule asks about."""
    denial: Literal["is an error", "is output"]
    """What a sandbox denial is for the model: an error text in place of the output, or output as any
    other."""
    justification_needs_permissions: bool = False
    """Whether `justification` without `sandbox_permissions` is refused."""
    late_output_only: bool = False
    """Whether CommandEnded.output of a command that outlives its start lacks what it printed in the first 150
    ms."""
    interrupt_without_tty: bool = False
    """Whether write_stdin of exactly U+0003 to a session without tty is SIGINT (else: stdin is closed)."""
    default_yield_ms: int = 10_000
    default_write_yield_ms: int = 250
    min_yield_ms: int = 250
    max_yield_ms: int = 30_000
    min_empty_poll_ms: int = 5_000
    max_empty_poll_ms: int = 300_000


class SessionTool(BaseTool):
    """What exec_command and write_stdin share. `policy` is the truncation policy of the model in use."""

    def __init__(
        self,
        style: ExecStyle,
        truncate: TruncateStyle,
        processes: ProcessManager,
        *,
        policy: TruncationPolicy,
        environment: CommandEnvironment | None = None,
        patcher: Patcher | None = None,
        description: str = "",
        input_schema: dict[str, Any] | None = None,
    ) -> None:
        self.description = description
        self.input_schema = input_schema or {}
        self._style = style
        self._truncate = truncate
        self._processes = processes
        self._policy = policy
        self._patcher = patcher
        self._environment = environment or CommandEnvironment(
            CommandRules(), core=style.core_variables, filters_login=style.policy_filters_login
        )


class ExecCommand(SessionTool):
    """`exec_command`."""

    name = "exec_command"

    def parse(self, arguments: str) -> Mapping[str, Any]:
        style = self._style
        if style.argument_prelude is not None:
            first = parsed(arguments, style.argument_prelude, style.argument_style)
            if isinstance(style.argument_prelude, Struct) and first.get("environment_id") not in (None, _ENVIRONMENT):
                raise ToolError(f"unknown turn environment id `{first['environment_id']}`")
        if style.argument_second is not None:
            parsed(arguments, style.argument_second, style.argument_style)
        return parsed(arguments, style.argument_struct, style.argument_style)

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> ToolOutput:
        style = self._style
        login = self._environment.is_login(args.get("login"))
        escalated = self._escalates(context, args)
        script = args["cmd"]
        shell = context.shell
        if args.get("shell") is not None:
            shell = resolve_shell(args["shell"], shell, context.env, keeps_path=style.keeps_shell_path)
        argv = shell.argv(script, login)
        cwd = self._workdir(context, args.get("workdir") or "")
        patched = (
            None if self._patcher is None else await self._patcher.shell_command(context, script, cwd, tool=self.name)
        )
        if patched is not None:
            text = f"Wall time: 0.0000 seconds\nOutput:\n{patched}"
            return ToolOutput(content=text, value={"wall_time_seconds": 0, "output": patched})
        verdict = decide(context.approval_policy, context.rules, style.approval, argv)
        if isinstance(verdict, Refuse):
            raise self._failure(argv, rejected(verdict.refusal))
        # What a rule lets out of the sandbox is not asked about (captured: interactive/approved_prefix).
        if isinstance(verdict, Ask) or (escalated and verdict.confined):
            await self._approve(context, args, argv, cwd, verdict)
            verdict = Run(confined=not escalated)
        # A snapshot of the login shell's environment stands for the login, where there is one.
        snapshot = login and self._environment.stands_for_login(context, Path(cwd))
        run = shell.argv(script, login and not snapshot)
        if not verdict.confined:
            # Outside the sandbox the shell itself is a login shell (captures: its PATH and TERM).
            context = replace(context, sandbox=replace(context.sandbox, enforced=False))
            run, snapshot = argv, False
        session = await self._start(context, argv, run, Path(cwd), snapshot, bool(args.get("tty")))
        self._warn_of_sessions(context, session)
        return await self._finish(context, session, args)

    async def _approve(
        self, context: ToolContext, args: Mapping[str, Any], argv: list[str], cwd: str, verdict: Run | Ask
    ) -> None:
        """Ask about the command; raises ToolError when it may not run."""
        if context.approve is None:
            assert isinstance(verdict, Ask), "an escalation that nobody can be asked about is refused before"
            raise self._failure(argv, rejected(verdict.refusal))
        action = {
            "command": argv,
            "cwd": cwd,
            "environment_id": "local",
            **({"justification": args["justification"]} if args.get("justification") is not None else {}),
            "sandbox_permissions": args.get("sandbox_permissions") or "use_default",
            "tool": self.name,
            "tty": bool(args.get("tty")),
        }
        asked = verdict.reason if isinstance(verdict, Ask) else None
        reason = None if asked is None else self._style.asked_by_rule.format(command=shlex_join(argv), reason=asked)
        decision = await context.approve(context.call_id, action, reason)
        if decision.refusal is None:
            return
        started = CommandStarted(
            call_id=context.call_id, argv=tuple(argv), cwd=cwd, process_id="", started_at=time.time()
        )
        context.emit(started)
        told = _ended(context, argv, Path(cwd), process_id="", exit_code=None, output="", duration=0.0)
        # That it was declined is told after the log line (captured: approvals/denied).
        raise ToolError(str(self._failure(argv, rejected(decision.refusal))), then=(replace(told, status="declined"),))

    def _escalates(self, context: ToolContext, args: Mapping[str, Any]) -> bool:
        """Whether the arguments ask for more than the sandbox gives, and somebody can be asked. Raises ToolError."""
        permissions = args.get("sandbox_permissions")
        justified = args.get("justification") is not None
        if self._style.justification_needs_permissions and justified and permissions is None:
            raise ToolError(
                "`justification` requires an explicit `sandbox_permissions`; use `sandbox_permissions:"
                ' "require_escalated"` for unsandboxed execution, or omit `justification`.'
            )
        verdict = escalation(context.approval_policy, args)
        if isinstance(verdict, Run):
            return False
        alone = args.get("sandbox_permissions") == "require_escalated"
        if isinstance(verdict, Refuse) or context.approve is None or not alone:
            raise ToolError(verdict.refusal)
        return True

    def _workdir(self, context: ToolContext, workdir: str) -> str:
        """As a text: `./` in it is seen in the paths of a patch (captured: fuzz/patch_workdir)."""
        if self._style.bad_workdir is not None and "\0" in workdir:
            raise ToolError(self._style.bad_workdir.format(workdir=workdir))
        if self._style.normal_workdir:
            # As in a URL (captured: shell/workdirs).
            workdir = "".join(c for c in workdir if c not in "\n\r\t")
        cwd = os.path.join(context.cwd, workdir) if workdir else str(context.cwd)
        return "/" + os.path.normpath(cwd).lstrip("/") if self._style.normal_workdir else cwd

    def _warn_of_sessions(self, context: ToolContext, session: Session) -> None:
        if session.ended_early or self._style.session_warning is None:
            return
        limit, count = self._style.session_warning_from, self._processes.kept
        if count >= limit:
            context.remind(self._style.session_warning.format(limit=limit, open=count))

    async def _start(
        self, context: ToolContext, argv: list[str], run: list[str], cwd: Path, snapshot: bool, tty: bool
    ) -> Session:
        own = {
            name: value.format(
                thread_id=context.thread_id, session_id=context.session_id or context.thread_id, call_id=context.call_id
            )
            for name, value in self._style.env.items()
        }
        env = await self._environment.of(context, own, snapshot=snapshot)
        try:
            session = await self._processes.start(run, cwd, env, tty=tty, sandbox=context.sandbox)
        except StartError as error:
            text = f"Failed to create unified exec process: {error}"
            if self._style.start_error_is_item:
                context.emit(_ended(context, argv, cwd, process_id="", exit_code=-1, output=text, duration=0.0))
            raise self._failure(argv, rejected(text)) from error
        except SandboxUnavailable as error:
            raise ToolError(f"exec_command failed: {error}") from error
        session.argv = tuple(argv)
        return session

    async def _finish(self, context: ToolContext, session: Session, args: Mapping[str, Any]) -> ToolOutput:
        started, clock = time.time(), time.monotonic()
        sandboxed = context.sandbox.confines
        if session.ended_early:
            snapshot = await session.collect(self._style.max_yield_ms)
            # codex-cli throws the session away when it sees a denial before the command counts as started, so
            # no event tells of it, not even where the model gets the output.
            silent = sandboxed and denied(snapshot)
        else:
            silent = False
            snapshot = None
        if not silent:
            context.emit(
                CommandStarted(
                    call_id=context.call_id,
                    argv=session.argv,
                    cwd=str(session.cwd),
                    process_id=str(session.id),
                    started_at=started,
                    turn_id=context.turn_id,
                )
            )
            session.on_exit(lambda ended: self._report_end(context, ended, time.monotonic() - clock))
        if snapshot is None:
            yield_ms = clamp(args.get("yield_time_ms"), self._style.default_yield_ms, self._style)
            snapshot = await session.collect(yield_ms)
        if snapshot.exit_code is not None:
            self._processes.release(session)
            if sandboxed and denied(snapshot):
                if self._style.denial == "is an error":
                    raise self._failure(session.argv, denial_error(snapshot, early=session.ended_early))
                # The output is taken from that error, whose duration is nought.
                snapshot = replace(snapshot, wall_seconds=0.0)
        return report(session, snapshot, args.get("max_output_tokens"), self._style, self._truncate, self._policy)

    def _report_end(self, context: ToolContext, session: Session, duration: float) -> None:
        output = session.late_output() if self._style.late_output_only else session.all_output()
        context.emit(
            _ended(
                context,
                session.argv,
                session.cwd,
                process_id=str(session.id),
                exit_code=session.exit_code,
                output=output.decode(errors="replace"),
                duration=0.0 if session.ended_early else duration,
            )
        )

    def _failure(self, argv: list[str] | tuple[str, ...], error: str) -> ToolError:
        return ToolError(self._style.failure.format(command=shlex_join(argv), error=error))

    async def aclose(self) -> None:
        """Kill what still runs."""
        await self._environment.aclose()
        await self._processes.shutdown()


def parsed(arguments: str, type_: Type, style: ArgumentStyle) -> Mapping[str, Any]:
    """The arguments by that type. Raises ToolError."""
    try:
        return cast(Mapping[str, Any], parse_value(arguments, type_, style))
    except ArgumentsError as error:
        raise ToolError(f"failed to parse function arguments: {error}") from error


def clamp(asked: int | None, default: int, style: ExecStyle) -> int:
    """A yield time inside the limits."""
    return max(style.min_yield_ms, min(default if asked is None else asked, style.max_yield_ms))


def report(
    session: Session,
    snapshot: Snapshot,
    max_output_tokens: int | None,
    style: ExecStyle,
    truncate: TruncateStyle,
    policy: TruncationPolicy,
) -> ToolOutput:
    """The tool output for what one wait brought."""
    text = snapshot.output.decode(errors="replace")
    output = Output(text=text, total=snapshot.total, omitted=snapshot.omitted)
    tokens = approx_tokens(len(text.encode()) if style.tokens_of_text else snapshot.total)
    lines = [
        f"Chunk ID: {(chunk := chunk_id())}",
        f"Wall time: {snapshot.wall_seconds:.4f} seconds",
        f"Process running with session ID {session.id}"
        if snapshot.exit_code is None
        else f"Process exited with code {snapshot.exit_code}",
        f"Original token count: {tokens}",
        "Output:\n",
    ]
    if style.command_line:
        lines.insert(0, f"Command: {shlex_join(session.argv)}")
    head = "\n".join(lines)
    before = len(head.encode())
    told = format_output(output, max_output_tokens=max_output_tokens, policy=policy, style=truncate, before=before)
    # Code gets all of it unless it asks for less, and as much as it asks for (captured: code_mode/command_output).
    asked = replace(truncate, fits_history=False, policy_caps_output=False)
    value = {
        "chunk_id": chunk,
        "wall_time_seconds": round(snapshot.wall_seconds, 9),
        **({"session_id": session.id} if snapshot.exit_code is None else {"exit_code": snapshot.exit_code}),
        "original_token_count": tokens,
        "output": text
        if max_output_tokens is None
        else format_output(output, max_output_tokens=max_output_tokens, policy=policy, style=asked),
    }
    return ToolOutput(content=head + told, value=value)


def _ended(
    context: ToolContext,
    argv: list[str] | tuple[str, ...],
    cwd: Path,
    *,
    process_id: str,
    exit_code: int | None,
    output: str,
    duration: float,
) -> CommandEnded:
    return CommandEnded(
        call_id=context.call_id,
        argv=tuple(argv),
        cwd=str(cwd),
        process_id=process_id,
        exit_code=exit_code,
        output=output,
        duration=duration,
        status="completed" if exit_code == 0 else "failed",
    )
