"""`pycodex exec`: one turn without a person, with the contract of `codex exec`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pycodex.cli.exec_options import ExecOptions, Refused

if TYPE_CHECKING:
    from pycodex.cli.clap import Parsed
    from pycodex.events import JsonlPrinter, PlainPrinter
    from pycodex.protocol import Event, TurnResult
    from pycodex.session import Session
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Dialect, PlainStyle

__all__ = ["run_exec"]

_NOT_TRUSTED = "Not inside a trusted directory and --skip-git-repo-check was not specified."


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run_exec(dialect: Dialect, parsed: Parsed) -> int:
    """Run `exec`. The exit code: 0, or 1 when the turn failed or could not begin."""
    from pycodex.config import ConfigError
    from pycodex.session import SessionError
    from pycodex.upstream.data import DataError

    _warn_of_temp_home(dialect)
    try:
        options = ExecOptions.from_parsed(parsed)
        settings = _settings(dialect, options)
        if dialect.cli.untrusted_notice is not None and settings.config.ignores_project:
            _say(settings.data.text(dialect.cli.untrusted_notice))
        prompt = _prompt(dialect, options)
        settings = replace(settings, output_schema=_schema(dialect, options))
        _check_trust(settings, options)
        return asyncio.run(_run(settings, options, prompt))
    except (Refused, ConfigError, SessionError, DataError) as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _warn_of_temp_home(dialect: Dialect) -> None:
    """codex-cli puts helper programs on PATH, but not below a folder for temporary files, and says so."""
    home, temp = os.environ.get("CODEX_HOME"), os.environ.get("TMPDIR") or "/tmp"
    if home and Path(home).resolve().is_relative_to(Path(temp).resolve()):
        _say(dialect.cli.temp_home_warning.format(temp=temp, home=home))


def _settings(dialect: Dialect, options: ExecOptions) -> Settings:
    from pycodex.settings import resolve

    return resolve(
        dialect,
        cwd=options.cwd,
        env=os.environ,
        overrides=options.overrides,
        profile=options.profile,
        model=options.model,
        sandbox_mode=options.sandbox,
        ephemeral=options.ephemeral,
        added_roots=options.added_roots,
    )


def _schema(dialect: Dialect, options: ExecOptions) -> Any:
    """The JSON schema of --output-schema, its keys in the file's order. Raises Refused."""
    if options.output_schema is None:
        return None
    from pycodex.arguments import VALUE, ArgumentsError, parse_value

    try:
        return parse_value(options.output_schema.read_bytes().decode(), VALUE, dialect.arguments)
    except OSError as error:
        reason = f"{error.strerror} (os error {error.errno})"
        raise Refused(f"Failed to read output schema file {options.output_schema}: {reason}") from None
    except ArgumentsError as error:
        raise Refused(f"Output schema file {options.output_schema} is not valid JSON: {error}") from None


def _prompt(dialect: Dialect, options: ExecOptions) -> str:
    """The prompt: the argument, or stdin (`-` forces it), or both where the dialect reads on. Raises Refused."""
    given, piped = options.prompt, not sys.stdin.isatty()
    if given is not None and given != "-":
        if not (dialect.cli.extra_stdin and piped) or options.resume:
            return given
        _say("Reading additional input from stdin...")
        extra = _read_stdin()
        if not extra.strip():
            return given
        end = "" if extra.endswith("\n") else "\n"
        return f"{given}\n\n<stdin>\n{extra}{end}</stdin>"
    if given is None:
        if not piped:
            raise Refused("No prompt provided. Either specify one as an argument or pipe the prompt into stdin.")
        _say("Reading prompt from stdin...")
    text = _read_stdin()
    if not text.strip():
        raise Refused("No prompt provided via stdin.")
    return text


def _read_stdin() -> str:
    return sys.stdin.buffer.read().decode(errors="replace")


def _check_trust(settings: Settings, options: ExecOptions) -> None:
    from pycodex.git_info import find_root

    if options.skip_git or options.bypass:
        return
    if find_root(settings.cwd) is None:
        raise Refused(_NOT_TRUSTED)


def _open_session(settings: Settings, options: ExecOptions, git: Any) -> Session:
    from pycodex import rollout, session

    if not options.resume:
        return session.begin(settings, git)
    home = settings.config.codex_home
    if options.session_id is not None:
        path = rollout.find_rollout(home, options.session_id)
        if path is None and not settings.dialect.cli.unknown_thread_starts_new:
            raise Refused(
                "Error: thread/resume: thread/resume failed: "
                f"no rollout found for thread id {options.session_id} (code -32600)"
            )
    else:
        path = rollout.latest_rollout(home, None if options.all else settings.cwd)
    if path is None:
        return session.begin(settings, git)
    return session.resume(settings, git, path)


async def _run(settings: Settings, options: ExecOptions, prompt: str) -> int:
    from pycodex.agent import AgentLoop
    from pycodex.api import builtin_tools
    from pycodex.git_info import collect
    from pycodex.model import ResponsesModelClient
    from pycodex.protocol import (
        CommandAbandoned,
        LogLine,
        Shutdown,
        ThreadStarted,
        UserTurn,
        WarningRaised,
    )
    from pycodex.runtime import AgentRuntime

    session = _open_session(settings, options, await collect(settings.cwd))
    printer = _printer(settings, options, session)

    def emit(event: Event) -> None:
        if session.writer is not None:
            session.writer(event)
        if isinstance(event, LogLine):
            from pycodex.events import log_line

            _say(log_line(event, time.time()))
        printer(event)
        abandoned = settings.dialect.toolset.abandoned_log
        if isinstance(event, CommandAbandoned) and abandoned is not None:
            target, text = abandoned
            text = text.format(thread_id=session.context.thread.id)
            emit(LogLine(level="ERROR", target=target, message=text))

    for path, problem in settings.skills.problems:
        text = f"failed to load skill {path}: {problem}"
        emit(LogLine(level="ERROR", target=settings.dialect.cli.skill_log_target, message=text))
    emit(ThreadStarted(thread_id=session.context.thread.id, resumed=session.context.thread.resumed))
    for message in _warnings(settings, session):
        emit(WarningRaised(message=message))
    model = ResponsesModelClient(settings)
    loop = AgentLoop(model, builtin_tools(settings, emit), session.context, emit=emit)
    runtime = AgentRuntime(loop)
    running = asyncio.create_task(runtime.run())
    try:
        result = await runtime.submit(UserTurn(text=prompt, images=options.images))
    finally:
        runtime.submit(Shutdown())
        with contextlib.suppress(asyncio.CancelledError):
            await running
        if session.writer is not None:
            session.writer.close()
    assert result is not None
    _keep_last_message(options, result)
    printer.close()
    _print_last_message(settings.dialect.plain, options, result)
    return 0 if result.failure is None else 1


def _warnings(settings: Settings, session: Session) -> list[str]:
    unlisted = settings.dialect.models.fallback_warning.format(model=settings.model.slug)
    return [
        *settings.config.warnings,
        *settings.docs.warnings,
        *session.warnings,
        *([] if settings.model_listed else [unlisted]),
    ]


def _printer(settings: Settings, options: ExecOptions, session: Session) -> JsonlPrinter | PlainPrinter:
    from pycodex.events import JsonlPrinter, PlainPrinter

    if options.json:
        return JsonlPrinter(settings, session.context.thread, _write(sys.stdout))
    return PlainPrinter(settings, session.context.thread, _write(sys.stderr))


def _write(stream: TextIO) -> Callable[[str], None]:
    def out(text: str) -> None:
        stream.buffer.write(text.encode(errors="surrogateescape"))
        stream.buffer.flush()

    return out


def _keep_last_message(options: ExecOptions, result: TurnResult) -> None:
    """Write the last message into the file that was asked for; an empty file, and a warning, when there is none."""
    if options.last_message_file is None:
        return
    message = result.last_agent_message
    options.last_message_file.write_text(message or "", encoding="utf-8")
    if message is None:
        _say(f"Warning: no last agent message; wrote empty content to {options.last_message_file}")


def _print_last_message(style: PlainStyle, options: ExecOptions, result: TurnResult) -> None:
    """The last message on stdout, for people."""
    message = result.last_agent_message
    if not options.json and result.failure is None and message is not None:
        end = "" if style.bare_final_newline and message.endswith("\n") else "\n"
        _write(sys.stdout)(message + end)
