"""`pycodex exec`: one turn without a person, with the contract of `codex exec`."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.cli.exec_options import ExecOptions, Refused
from pycodex.cli.features import check_flags
from pycodex.cli.prepare import offered, prepare
from pycodex.cli.stdin_text import read_stdin
from pycodex.cli.turn import open_only, refused_review, say, say_error, writer
from pycodex.config_layers import LateConfigError
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.cli.clap import Parsed
    from pycodex.events import JsonlPrinter
    from pycodex.plain_events import PlainPrinter
    from pycodex.protocol import McpServersStarted, TurnResult
    from pycodex.session import Session
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Dialect, PlainStyle

__all__ = ["guarded", "open_session", "read_command", "read_prompt", "run_command", "run_exec"]

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""What names a thread by its id; other words are names of threads, and an unknown name starts a new thread."""
_NO_REVIEW_PROMPT = "Error: Review prompt cannot be empty"
_NOT_TRUSTED = "Not inside a trusted directory and --skip-git-repo-check was not specified."


def run_exec(dialect: Dialect, parsed: Parsed) -> int:
    """Run `exec`. The exit code: 0, or 1 when the turn failed or could not begin."""
    return guarded(dialect, lambda: asyncio.run(run_command(*read_command(dialect, parsed))))


def read_command(dialect: Dialect, parsed: Parsed) -> tuple[Settings, ExecOptions, str]:
    """What `exec` is to do: settings, options and the words for the model. Raises Refused, ConfigError."""
    check_flags(dialect, parsed)
    options = ExecOptions.from_parsed(parsed)
    try:
        settings = prepare(dialect, options)
    except LateConfigError:
        read_prompt(dialect, options)
        raise
    if dialect.cli.trust_before_prompt:
        _check_trust(settings, options)
    if dialect.cli.untrusted_notice is not None and settings.config.ignores_project:
        say(settings.data.text(dialect.cli.untrusted_notice))
    prompt = read_prompt(dialect, options) if options.review is None else _asked_of_review(dialect, options)
    if options.output_schema is not None:
        from pycodex.cli.output_schema import read_schema

        settings = replace(settings, output_schema=read_schema(options.output_schema, dialect.arguments))
    _check_trust(settings, options)
    return offered(settings, options), options, prompt


def _asked_of_review(dialect: Dialect, options: ExecOptions) -> str:
    """The words of a review: given, or on stdin; none where something else says what is reviewed. Raises Refused."""
    if options.prompt is None:
        return ""
    # What is on stdin never joins the words (captured: review/targets).
    text = read_stdin() if options.prompt == "-" else options.prompt
    if not text.strip():
        raise Refused(_NO_REVIEW_PROMPT if options.prompt != "-" else "No prompt provided via stdin.")
    return text


def guarded(dialect: Dialect, run: Callable[[], int]) -> int:
    """The exit code of `run`; what cannot begin is told in a line, with exit code 1."""
    from pycodex.config import ConfigError
    from pycodex.session import SessionError
    from pycodex.upstream.data import DataError

    _warn_of_path(dialect)
    try:
        return run()
    except (Refused, ConfigError, SessionError, DataError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _warn_of_path(dialect: Dialect) -> None:
    """codex-cli puts helper programs on PATH, but not without a home, nor below a folder for temporary files."""
    from pycodex.config import home_problem

    home, temp = os.environ.get("CODEX_HOME"), os.environ.get("TMPDIR") or "/tmp"
    if not home:
        return
    reason = home_problem(home)
    if reason is None and Path(home).resolve().is_relative_to(Path(temp).resolve()):
        reason = dialect.cli.temp_home_reason.format(temp=temp, home=home)
    if reason is not None:
        say(dialect.cli.path_warning.format(reason=reason))


def read_prompt(dialect: Dialect, options: ExecOptions) -> str:
    """The prompt: the argument, or stdin (`-` forces it), or both where the dialect reads on. Raises Refused.

    A thread may be forked without a prompt: then it is empty, and there is no turn.
    """
    given, piped = options.prompt, not sys.stdin.isatty()
    if given is None and options.fork:
        return ""
    if given is not None and given != "-":
        if not (dialect.cli.extra_stdin and piped) or options.resume or options.fork:
            return given
        say("Reading additional input from stdin...")
        extra = read_stdin()
        if not extra.strip():
            return given
        end = "" if extra.endswith("\n") else "\n"
        return f"{given}\n\n<stdin>\n{extra}{end}</stdin>"
    if given is None:
        if not piped:
            raise Refused("No prompt provided. Either specify one as an argument or pipe the prompt into stdin.")
        say("Reading prompt from stdin...")
    text = read_stdin()
    if not text.strip():
        raise Refused("No prompt provided via stdin.")
    return text


def _check_trust(settings: Settings, options: ExecOptions) -> None:
    from pycodex.git_info import find_root

    if options.skip_git or options.bypass:
        return
    if find_root(settings.cwd) is None:
        raise Refused(_NOT_TRUSTED)


def open_session(settings: Settings, options: ExecOptions, git: Any) -> Session:
    """The thread that the command line asks for: new, or taken up again. Raises Refused, SessionError."""
    from pycodex import rollout, session
    from pycodex.saved_threads import find_thread

    home = settings.config.codex_home
    if options.fork:
        session.installation_id(home, keep=settings.dialect.client.installation_file)
        return session.fork(settings, git, _to_fork(home, options.session_id or ""))
    if not options.resume:
        return session.begin(settings, git)
    if options.session_id is not None:
        path = find_thread(home, options.session_id)
        session.installation_id(home, keep=settings.dialect.client.installation_file)
        named = _UUID.fullmatch(options.session_id) is None
        if path is None and not named and not settings.dialect.cli.unknown_thread_starts_new:
            raise Refused(
                "Error: thread/resume: thread/resume failed: "
                f"no rollout found for thread id {options.session_id} (code -32600)"
            )
    elif options.last:
        or_began = settings.dialect.cli.last_or_began
        path = rollout.latest_rollout(home, None if options.all else settings.cwd, or_began=or_began)
    else:
        path = None
    if path is None:
        return session.begin(settings, git)
    return session.resume(settings, git, path)


def _to_fork(home: Path, session_id: str) -> Path:
    from pycodex import rollout

    path = rollout.find_rollout(home, session_id)
    if path is not None:
        return path
    if _UUID.fullmatch(session_id) is None:
        raise Refused(f"Error: Session not found: {session_id}")
    raise Refused(f"Error: thread/fork: thread/fork failed: no rollout found for thread id {session_id} (code -32600)")


async def run_command(settings: Settings, options: ExecOptions, prompt: str) -> int:
    """Do what `read_command` has read. The exit code. Raises Refused, SessionError."""
    from pycodex.cli.last_message import LastMessage
    from pycodex.cli.turn import run_turn
    from pycodex.git_info import collect
    from pycodex.paint import wants_colors
    from pycodex.protocol import ReviewTurn, UserTurn

    if not settings.model.slug and settings.dialect.cli.no_model is not None:
        raise Refused(settings.dialect.cli.no_model)
    _check_patterns(settings)
    last_message = LastMessage(options.last_message_file, opened_first=settings.dialect.cli.last_message_opened_first)
    states: list[McpServersStarted] = []
    if settings.config.mcp_servers:
        from pycodex.cli.servers import with_servers

        settings = await with_servers(settings, states.append)
    session = open_session(settings, options, await collect(settings.cwd))
    settings = session.context.settings  # with what a thread that is taken up again brings along
    if options.worktree:
        from pycodex.worktrees import own

        own(settings.cwd, session.context.thread.id)
    colors = wants_colors(options.color, terminal=sys.stderr.isatty(), environment=settings.environment)
    printer = _printer(settings, options, session, colors)
    for event in states:
        printer(event)
        for line in event.log if options.json else ():
            say(line)
    if options.fork and options.prompt is None:
        open_only(session, printer)
        return 0
    asked: UserTurn | ReviewTurn = UserTurn(text=prompt, images=options.images)
    if options.review is not None:
        from pycodex.review import Custom

        asked = ReviewTurn(target=Custom(instructions=prompt) if prompt else options.review)
        if (refusal := refused_review(session, asked.target, printer)) is not None:
            raise Refused(refusal)
    result = await run_turn(settings, session, asked, printer, colors=colors)
    if result is None:
        printer.close()
        return settings.dialect.cli.interrupted_exit
    if (told := last_message.keep(result)) is not None:
        say(told)
    printer.close()
    _print_last_message(settings.dialect.plain, options, result)
    return 0 if result.failure is None else 1


def _check_patterns(settings: Settings) -> None:
    """Refuse a permission profile that no sandbox can be made of (captured: config/permission_globs_wrong)."""
    said, rules = settings.dialect.cli.bad_pattern, settings.sandbox.rules
    wrong = rules.bad_range() if rules is not None else None
    if wrong is None or said is None:
        return
    target, text = said
    text = text.format(folder=wrong.folder, rest=wrong.rest, low=wrong.low, high=wrong.high)
    say_error(target, f"Failed to create session: {text}")
    raise Refused(f"Error: thread/start: thread/start failed: error creating thread: {text} (code -32603)")


def _printer(settings: Settings, options: ExecOptions, session: Session, colors: bool) -> JsonlPrinter | PlainPrinter:
    from pycodex.events import JsonlPrinter
    from pycodex.plain_events import PlainPrinter

    if options.json:
        return JsonlPrinter(settings, session.context.thread, writer(sys.stdout))
    return PlainPrinter(settings, session.context.thread, writer(sys.stderr), colors=colors)


def _print_last_message(style: PlainStyle, options: ExecOptions, result: TurnResult) -> None:
    """The last message on stdout, for people."""
    message = result.last_agent_message
    if not options.json and result.failure is None and message is not None:
        end = "" if style.bare_final_newline and message.endswith("\n") else "\n"
        writer(sys.stdout)(message + end)
