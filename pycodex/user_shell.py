"""`!command`: the user runs a command, without the model; the next turn tells of it (captures: interactive/shell_*)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from pycodex.ids import uuid4, uuid7
from pycodex.one_shot import Finished, run_once
from pycodex.processes import ProcessManager, StartError
from pycodex.protocol import CommandEnded, CommandStarted, TurnAborted, TurnCompleted, TurnStarted
from pycodex.records import replace
from pycodex.steering import Note, tell_note
from pycodex.truncation import Output, format_output

if TYPE_CHECKING:
    from pycodex.agent import AgentLoop

__all__ = ["run_user_shell"]

_SECONDS = 3600.0
_ABORTED = b"command aborted by user"
_TEXT = (
    "<user_shell_command>\n<command>\n{command}\n</command>\n<result>\nExit code: {code}\n"
    "Duration: {seconds:.4f} seconds\nOutput:\n{output}\n</result>\n</user_shell_command>"
)


async def run_user_shell(loop: AgentLoop, command: str, *, beside: bool = False) -> None:
    """Run it as the user would, outside of the sandbox, in a turn of its own that asks nothing of the model; or beside
    the running turn, which it joins (captured: interactive/shell_in_turn)."""
    turn_id, started = uuid7(), time.time()
    if not beside:
        loop.emit(TurnStarted(turn_id=turn_id, prompt=command, started_at=started, by="shell"))
    told, ended, aborted = await _told(loop, command, beside=beside)
    if not aborted:
        loop.emit(ended)
    if beside:
        loop.steering.put_note(Note(text=told))
        return
    tell_note(loop, turn_id, Note(text=told))
    if aborted:
        loop.emit(ended)
        item = loop.context.record_aborted()
        loop.emit(TurnAborted(turn_id=turn_id, item=item, started_at=started, completed_at=time.time()))
        return
    loop.emit(
        TurnCompleted(
            turn_id=turn_id,
            last_agent_message=None,
            usage=loop.context.usage,
            started_at=started,
            completed_at=time.time(),
            first_token_at=None,
        )
    )


async def _told(loop: AgentLoop, command: str, *, beside: bool) -> tuple[str, CommandEnded, bool]:
    """Run it; what the model and people are told of it, and whether it was aborted (captured:
    interactive/interrupt_shell)."""
    settings, call_id, started = loop.context.settings, uuid4(), time.time()
    argv = settings.shell.argv(command, True)
    cwd = str(settings.cwd)
    loop.emit(CommandStarted(call_id=call_id, argv=tuple(argv), cwd=cwd, process_id="", started_at=started))
    aborted = False
    try:
        done = await _run(loop, argv)
    except asyncio.CancelledError:
        if beside:
            raise
        done, aborted = Finished(status=None, stdout=_ABORTED, stderr=b"", seconds=0.0), True
    code = -1 if done.status is None else done.status
    text = done.output.decode(errors="replace")
    ended = CommandEnded(
        call_id=call_id,
        argv=tuple(argv),
        cwd=cwd,
        process_id="",
        exit_code=code,
        output=text,
        duration=done.seconds,
        status="completed" if code == 0 else "failed",
        source="user_shell",
    )
    output = Output(text=text, total=len(done.output), omitted=0)
    shown = format_output(
        output, max_output_tokens=None, policy=settings.truncation_policy, style=settings.dialect.truncate
    )
    return _TEXT.format(command=command, code=code, seconds=done.seconds, output=shown), ended, aborted


async def _run(loop: AgentLoop, argv: list[str]) -> Finished:
    settings, tools, processes = loop.context.settings, loop.tools, ProcessManager()
    tools.adopt(processes)
    try:
        return await run_once(
            argv,
            settings.cwd,
            settings.environment,
            seconds=_SECONDS,
            sandbox=replace(settings.sandbox, enforced=False),
            processes=processes,
        )
    except StartError as error:
        return Finished(status=-1, stdout=b"", stderr=str(error).encode(), seconds=0.0)
    finally:
        tools.part_from(processes)
