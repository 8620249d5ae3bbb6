"""The command line as data, for the parser in `clap`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.cli.clap import Arg, Command
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.upstream.dialect import Dialect

__all__ = ["program"]

_MODES = ("read-only", "workspace-write", "danger-full-access")

_PROGRAMS = ("standard", "daybreak_blue", "daybreak_red")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PROMPT = Arg(id="prompt", value_name="PROMPT")
_IMAGE = Arg(id="images", long="image", short="i", value_name="FILE", action="append", delimiter=",")


def _flag(long: str, id_: str | None = None, *, conflicts: tuple[str, ...] = ()) -> Arg:
    return Arg(id=id_ or long.replace("-", "_"), long=long, action="flag", conflicts=conflicts)


_OPTIONS = {
    arg.id: arg
    for arg in (
        Arg(id="config", long="config", short="c", value_name="key=value", action="append", apart=True),
        Arg(id="enable", long="enable", value_name="FEATURE", action="append", apart=True),
        Arg(id="disable", long="disable", value_name="FEATURE", action="append", apart=True),
        replace(_IMAGE, many=True),
        Arg(id="model", long="model", short="m", value_name="MODEL"),
        _flag("oss"),
        Arg(id="local_provider", long="local-provider", value_name="OSS_PROVIDER"),
        Arg(id="profile", long="profile", short="p", value_name="CONFIG_PROFILE"),
        Arg(id="sandbox", long="sandbox", short="s", value_name="SANDBOX_MODE", choices=_MODES),
        _flag("full-auto"),
        _flag("strict-config"),
        _flag("approve-for-me", conflicts=("sandbox", "bypass")),
        Arg(
            id="bypass",
            long="dangerously-bypass-approvals-and-sandbox",
            aliases=("yolo",),
            action="flag",
            conflicts=("full_auto",),
        ),
        _flag("dangerously-bypass-hook-trust", "bypass_hook_trust"),
        Arg(id="cwd", long="cd", short="C", value_name="DIR"),
        _flag("worktree"),
        Arg(id="add_dirs", long="add-dir", value_name="DIR", action="append"),
        Arg(id="thread_source", long="thread-source", value_name="SOURCE"),
        Arg(id="cyber_access_program", long="cyber-access-program", value_name="PROGRAM", choices=_PROGRAMS),
        _flag("skip-git-repo-check"),
        _flag("trust"),
        _flag("ephemeral"),
        _flag("ignore-user-config"),
        _flag("ignore-rules"),
        Arg(id="output_schema", long="output-schema", value_name="FILE"),
        Arg(id="color", long="color", value_name="COLOR", choices=("always", "never", "auto")),
        _flag("progress-cursor"),
        Arg(id="json", long="json", aliases=("experimental-json",), action="flag"),
        Arg(id="last_message_file", long="output-last-message", short="o", value_name="FILE"),
    )
}
"""Every option of `exec` in any version, by id; `ExecCliStyle.options` says which ones a version has."""


def _options(dialect: Dialect) -> tuple[Arg, ...]:
    """The options of `exec` in the order of its help."""
    cli = dialect.cli
    profile = replace(_OPTIONS["profile"], value_name=cli.profile_value, problem=_profile_problem(cli.profile_problem))
    known = {**_OPTIONS, "profile": profile}
    return tuple(replace(known[id_], global_=id_ in cli.shared_options) for id_ in cli.options)


def _profile_problem(text: str | None) -> Callable[[str], str | None] | None:
    if text is None:
        return None
    return lambda value: None if _PLAIN_NAME.fullmatch(value) else text.format(value=value)


def _help(dialect: Dialect, name: str) -> Callable[[], str]:
    """A help text of the exported data, read when it is asked for."""

    def text() -> str:
        from pycodex.upstream.data import UpstreamData

        return UpstreamData(dialect.version).text(name)

    return text


def program(dialect: Dialect) -> Command:
    """The whole command line of a dialect."""
    options = _options(dialect)
    resume = Command(
        name="resume",
        usage=dialect.cli.resume_usage,
        path="codex exec resume",
        help=_help(dialect, "help.exec_resume.long.txt"),
        short_help=_help(dialect, "help.exec_resume.short.txt"),
        args=(
            Arg(id="session_id", value_name="SESSION_ID"),
            _flag("last"),
            _flag("all"),
            _IMAGE,
            _PROMPT,
        ),
    )
    fork = Command(
        name="fork",
        usage="codex exec fork [OPTIONS] <SESSION_ID> [PROMPT]",
        path="codex exec fork",
        help=_help(dialect, "help.exec_fork.long.txt"),
        short_help=_help(dialect, "help.exec_fork.short.txt"),
        args=(Arg(id="session_id", value_name="SESSION_ID", required=True), _IMAGE, _PROMPT),
    )
    commands = {"resume": resume, "fork": fork, "review": _review(dialect)}
    run = Command(
        name="exec",
        usage=dialect.cli.exec_usage,
        path=dialect.cli.exec_usage_path,
        help=_help(dialect, "help.exec.long.txt"),
        short_help=_help(dialect, "help.exec.short.txt"),
        version=f"codex-cli-exec {dialect.version}",
        args=(*options, _PROMPT),
        subcommands={name: commands[name] for name in dialect.cli.commands},
    )
    programs = {"exec": run, "e": replace(run), "resume": _resume_session(dialect), "features": _features()}
    programs["doctor"] = _doctor(dialect)
    if dialect.cli.debug_models:
        programs["debug"] = _debug()
    return Command(
        name="codex",
        version=f"codex-cli {dialect.version}",
        usage="codex [OPTIONS] [PROMPT]\n       codex [OPTIONS] <COMMAND> [ARGS]",
        args=(*_common(), *_prompt_args(dialect)),
        subcommands=programs,
    )


def _common() -> tuple[Arg, ...]:
    """Options of every command of the program."""
    return tuple(replace(_OPTIONS[id_], global_=True) for id_ in ("config", "enable", "disable"))


def _prompt_args(dialect: Dialect) -> tuple[Arg, ...]:
    """Options of a prompt that is given to the program itself."""
    return (
        *(_OPTIONS[id_] for id_ in ("model", "sandbox", "profile", "bypass", "cwd", "json")),
        *((Arg(id="no_daemon", long="no-daemon", action="flag"),) if dialect.cli.no_daemon else ()),
        _IMAGE,
        _PROMPT,
    )


def _resume_session(dialect: Dialect) -> Command:
    args = tuple(arg for arg in _prompt_args(dialect) if arg.id not in ("json", "prompt"))
    flags = ("last", "all", *(("include-non-interactive",) if dialect.cli.resumes_scripts else ()))
    return Command(
        name="resume",
        usage="codex resume [OPTIONS] [SESSION_ID] [PROMPT]",
        path="codex resume",
        args=(*_common(), *args, *map(_flag, flags), Arg(id="session_id", value_name="SESSION_ID"), _PROMPT),
    )


def _features() -> Command:
    common = _common()
    list_ = Command(name="list", usage="codex features list [OPTIONS]", args=common)
    return Command(
        name="features", usage="codex features [OPTIONS] <COMMAND>", args=common, subcommands={"list": list_}
    )


def _review(dialect: Dialect) -> Command:
    return Command(
        name="review",
        usage="codex exec review [OPTIONS] [PROMPT]",
        path="codex exec review",
        help=_help(dialect, "help.exec_review.long.txt"),
        short_help=_help(dialect, "help.exec_review.short.txt"),
        args=(
            _flag("uncommitted", conflicts=("base", "commit", "prompt")),
            Arg(id="base", long="base", value_name="BRANCH", conflicts=("uncommitted", "commit", "prompt")),
            Arg(id="commit", long="commit", value_name="SHA", conflicts=("uncommitted", "base", "prompt")),
            Arg(id="title", long="title", value_name="TITLE", needs=("commit",)),
            _PROMPT,
        ),
    )


def _doctor(dialect: Dialect) -> Command:
    def help_(length: str) -> Callable[[], str]:
        def text() -> str:
            from pycodex.cli.doctor import doctor_help

            return doctor_help(dialect, length)

        return text

    flags = ("json", "network-only", "summary", "all", "no-color", "ascii", "skip-live")
    return Command(
        name="doctor",
        usage="codex doctor [OPTIONS]",
        path="codex doctor",
        help=help_("long"),
        short_help=help_("short"),
        args=(*_common(), *map(_flag, flags)),
    )


def _debug() -> Command:
    common = _common()
    models = Command(
        name="models",
        usage="codex debug models [OPTIONS]",
        args=(*common, Arg(id="bundled", long="bundled", action="flag")),
    )
    return Command(name="debug", usage="codex debug [OPTIONS] <COMMAND>", args=common, subcommands={"models": models})
