"""The command line as data, for the parser in `clap`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.cli.clap import Arg, Command, Parsed
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.upstream.dialect import Dialect

__all__ = ["heard", "program"]

_MODES = ("read-only", "workspace-write", "danger-full-access")

_PROGRAMS = ("standard", "daybreak_blue", "daybreak_red")
_EXEC = ("exec", "e")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PROMPT = Arg(id="prompt", value_name="PROMPT")
_IMAGE = Arg(
    id="images", long="image", short="i", value_name="FILE", action="append", delimiter=",",
    about="Images that go with the first words",
)  # fmt: skip
_SESSION_ID = Arg(id="session_id", value_name="SESSION_ID", about="Its id, or the name that it was given")
_BEGIN = replace(_PROMPT, about="What to begin with")


_ABOUT = "A coding agent that speaks as codex-cli speaks: a session in a terminal, one turn with its stdout elsewhere."
_NOTES = """Of pycodex itself, anywhere on the line:
      --upstream <VERSION>      The codex-cli version that is spoken (or PYCODEX_UPSTREAM); the newest without it
      --vllm-endpoint <URL>     A backend that speaks chat/completions answers, through a layer of pycodex's own

It reads ~/.codex/config.toml (or $CODEX_HOME/config.toml) and .env beside it. Without a command and with no terminal
PROMPT (or stdin) is one turn: its answer goes to stdout, all else to stderr.
Exit codes: 0 done, 1 the turn failed or could not begin, 2 usage."""


def _flag(long: str, id_: str | None = None, *, conflicts: tuple[str, ...] = (), about: str = "") -> Arg:
    return Arg(id=id_ or long.replace("-", "_"), long=long, action="flag", conflicts=conflicts, about=about)


_OPTIONS = {
    arg.id: arg
    for arg in (
        Arg(
            id="config",
            long="config",
            short="c",
            value_name="key=value",
            action="append",
            apart=True,
            about="A value of config.toml for this run; the value is TOML, or a text as it stands",
        ),
        Arg(
            id="enable",
            long="enable",
            value_name="FEATURE",
            action="append",
            apart=True,
            about="A feature is on (`pycodex features list` has them)",
        ),
        Arg(
            id="disable",
            long="disable",
            value_name="FEATURE",
            action="append",
            apart=True,
            about="A feature is off",
        ),
        replace(_IMAGE, many=True),
        Arg(id="model", long="model", short="m", value_name="MODEL", about="The model that answers"),
        _flag("oss", about="A local provider: LM Studio or Ollama"),
        Arg(
            id="local_provider",
            long="local-provider",
            value_name="OSS_PROVIDER",
            about="Which one: lmstudio or ollama",
        ),
        Arg(
            id="profile",
            long="profile",
            short="p",
            value_name="CONFIG_PROFILE",
            about="A profile of the configuration",
        ),
        Arg(
            id="sandbox",
            long="sandbox",
            short="s",
            value_name="SANDBOX_MODE",
            choices=_MODES,
            about="What the model's commands may write to",
        ),
        Arg(
            id="approval",
            long="ask-for-approval",
            short="a",
            value_name="APPROVAL_POLICY",
            about="When you are asked before a command runs",
        ),
        _flag("full-auto", about="The same as -a on-request -s workspace-write"),
        _flag("strict-config", about="A key of config.toml that is not known is an error"),
        _flag(
            "approve-for-me",
            conflicts=("sandbox", "approval", "bypass"),
            about="A model answers what you would be asked; -s workspace-write",
        ),
        Arg(
            id="bypass",
            long="dangerously-bypass-approvals-and-sandbox",
            aliases=("yolo",),
            action="flag",
            conflicts=("approval", "full_auto"),
            about="No question and no sandbox: only where something else confines the run",
        ),
        _flag(
            "dangerously-bypass-hook-trust",
            "bypass_hook_trust",
            about="Taken as codex-cli takes it; there are no hooks",
        ),
        Arg(id="cwd", long="cd", short="C", value_name="DIR", about="The folder to work in"),
        _flag("worktree", about="Work in a new worktree of the repository (`exec` only)"),
        _flag("search", about="The model may search the web live"),
        Arg(
            id="add_dirs",
            long="add-dir",
            value_name="DIR",
            action="append",
            about="Another folder that commands may write to",
        ),
        _flag("no-alt-screen", about="A session never takes the whole screen in any case"),
        _flag("no-daemon", about="There is none in any case"),
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
        Arg(
            id="json",
            long="json",
            aliases=("experimental-json",),
            action="flag",
            about="One turn, told as one JSON object",
        ),
        Arg(id="last_message_file", long="output-last-message", short="o", value_name="FILE"),
    )
}
"""Every option of `exec` in any version, by id; `ExecCliStyle.options` says which ones a version has."""


def heard(dialect: Dialect, parsed: Parsed) -> Parsed:
    """The command line without what stands before `exec` and does not count for it (captured: cli/before_exec)."""
    if parsed.sub is None or parsed.sub[0] not in _EXEC:
        return parsed
    values = {id_: value for id_, value in parsed.values.items() if id_ in dialect.cli.heard_before}
    return replace(parsed, values=values)


def _options(dialect: Dialect, ids: tuple[str, ...]) -> tuple[Arg, ...]:
    cli = dialect.cli
    profile = replace(_OPTIONS["profile"], value_name=cli.profile_value, problem=_profile_problem(cli.profile_problem))
    approval = replace(_OPTIONS["approval"], choices=cli.approval_policies)
    known = {**_OPTIONS, "profile": profile, "approval": approval}
    return tuple(known[id_] for id_ in ids)


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
    cli = dialect.cli
    options = (replace(arg, global_=arg.id in cli.shared_options) for arg in _options(dialect, cli.options))
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
        about="One task, from the command line or stdin, without a person; --json tells events",
        args=(*options, _PROMPT),
        subcommands={name: commands[name] for name in dialect.cli.commands},
    )
    programs = {**dict.fromkeys(_EXEC, run), "resume": _resume_session(dialect), "features": _features()}
    programs["doctor"] = _doctor(dialect)
    if cli.debug_models:
        programs["debug"] = _debug()
    return Command(
        name="codex",
        version=f"codex-cli {dialect.version}",
        usage="codex [OPTIONS] [PROMPT]\n       codex [OPTIONS] <COMMAND> [ARGS]",
        about=_ABOUT,
        notes=_NOTES,
        args=(*_common(), *_options(dialect, cli.session_options), replace(_OPTIONS["json"], aliases=()), _BEGIN),
        subcommands=programs,
    )


def _common() -> tuple[Arg, ...]:
    """Options of every command of the program."""
    return tuple(replace(_OPTIONS[id_], global_=True) for id_ in ("config", "enable", "disable"))


def _resume_session(dialect: Dialect) -> Command:
    flags = [
        _flag("last", about="The newest of this folder, unasked"),
        _flag("all", about="Those of every folder"),
    ]
    if dialect.cli.resumes_scripts:
        flags.append(_flag("include-non-interactive", about="Those of `exec`, too"))
    return Command(
        name="resume",
        usage="codex resume [OPTIONS] [SESSION_ID] [PROMPT]",
        path="codex resume",
        about="Go on with a session: one that you choose, or the newest (--last)",
        args=(*_common(), *_options(dialect, dialect.cli.session_options), *flags, _SESSION_ID, _BEGIN),
    )


def _features() -> Command:
    common = _common()
    list_ = Command(
        name="list",
        usage="codex features list [OPTIONS]",
        about="A line for each: its name, its stage, and whether it is on",
        args=common,
    )
    return Command(
        name="features",
        usage="codex features [OPTIONS] <COMMAND>",
        about="The features of the version that is spoken",
        args=common,
        subcommands={"list": list_},
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
        about="What a run needs, looked at one thing after the other, and what to do about what is wrong",
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
        about="The catalog of models as JSON",
        args=(*common, _flag("bundled", about="The one that comes with the version, whatever the provider offers")),
    )
    return Command(
        name="debug",
        usage="codex debug [OPTIONS] <COMMAND>",
        about="What to look at when something is odd",
        args=common,
        subcommands={"models": models},
    )
