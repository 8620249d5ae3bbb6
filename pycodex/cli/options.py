"""The command line as data, for the parser in `clap`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pycodex.cli.clap import Arg, Command
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.upstream.dialect import Dialect

__all__ = ["program"]

_MODES = ("read-only", "workspace-write", "danger-full-access")

_CONFIG = Arg(id="config", long="config", short="c", value_name="key=value", action="append", global_=True)
_ENABLE = Arg(id="enable", long="enable", value_name="FEATURE", action="append", global_=True)
_DISABLE = Arg(id="disable", long="disable", value_name="FEATURE", action="append", global_=True)
_PROMPT = Arg(id="prompt", value_name="PROMPT")
_IMAGES = Arg(id="images", long="image", short="i", value_name="FILE", action="append", many=True, delimiter=",")
_MODEL = Arg(id="model", long="model", short="m", value_name="MODEL", global_=True)
_SKIP_GIT = Arg(id="skip_git_repo_check", long="skip-git-repo-check", action="flag", global_=True)
_EPHEMERAL = Arg(id="ephemeral", long="ephemeral", action="flag", global_=True)
_JSON = Arg(id="json", long="json", aliases=("experimental-json",), action="flag", global_=True)
_LAST_MESSAGE = Arg(id="last_message_file", long="output-last-message", short="o", value_name="FILE", global_=True)
_BYPASS = Arg(
    id="bypass",
    long="dangerously-bypass-approvals-and-sandbox",
    aliases=("yolo",),
    action="flag",
    conflicts=("full_auto",),
    global_=True,
)
_MORE = {
    "ignore_rules": Arg(id="ignore_rules", long="ignore-rules", action="flag", global_=True),
    "progress_cursor": Arg(id="progress_cursor", long="progress-cursor", action="flag"),
}
_FULL_AUTO = Arg(id="full_auto", long="full-auto", action="flag", global_=True)


def _help(dialect: Dialect, name: str) -> Callable[[], str]:
    """A help text of the exported data, read when it is asked for."""

    def text() -> str:
        from pycodex.upstream.data import UpstreamData

        return UpstreamData(dialect.version).text(name)

    return text


def program(dialect: Dialect) -> Command:
    """The whole command line of a dialect."""
    full_auto = (_FULL_AUTO,) if dialect.cli.full_auto else ()
    resume = Command(
        name="resume",
        usage=dialect.cli.resume_usage,
        path="codex exec resume",
        help=_help(dialect, "help.exec_resume.long.txt"),
        short_help=_help(dialect, "help.exec_resume.short.txt"),
        args=(
            _CONFIG,
            Arg(id="session_id", value_name="SESSION_ID"),
            _PROMPT,
            Arg(id="last", long="last", action="flag"),
            Arg(id="all", long="all", action="flag"),
            _IMAGES,
        ),
    )
    run = Command(
        name="exec",
        usage=dialect.cli.exec_usage,
        path=dialect.cli.exec_usage_path,
        help=_help(dialect, "help.exec.long.txt"),
        short_help=_help(dialect, "help.exec.short.txt"),
        version=f"codex-cli-exec {dialect.version}",
        args=(
            _CONFIG,
            _ENABLE,
            _DISABLE,
            _IMAGES,
            _MODEL,
            Arg(id="sandbox", long="sandbox", short="s", value_name="SANDBOX_MODE", choices=_MODES),
            Arg(id="profile", long="profile", short="p", value_name="CONFIG_PROFILE"),
            *full_auto,
            _BYPASS,
            *(_MORE[name] for name in dialect.cli.more_options),
            Arg(id="cwd", long="cd", short="C", value_name="DIR"),
            _SKIP_GIT,
            Arg(id="add_dirs", long="add-dir", value_name="DIR", action="append"),
            _EPHEMERAL,
            Arg(id="output_schema", long="output-schema", value_name="FILE"),
            Arg(id="color", long="color", value_name="COLOR", choices=("always", "never", "auto")),
            _JSON,
            _LAST_MESSAGE,
            _PROMPT,
        ),
        subcommands={"resume": resume, "review": _review()},
    )
    commands = {"exec": run, "e": replace(run)}
    commands["features"] = _features()
    if dialect.cli.debug_models:
        commands["debug"] = _debug()
    return Command(
        name="codex",
        version=f"codex-cli {dialect.version}",
        usage="codex [OPTIONS] [PROMPT]\n       codex [OPTIONS] <COMMAND> [ARGS]",
        args=(_CONFIG, _ENABLE, _DISABLE, *_prompt_args(dialect)),
        subcommands=commands,
    )


def _prompt_args(dialect: Dialect) -> tuple[Arg, ...]:
    """Options of a prompt that is given to the program itself."""
    return (
        replace(_MODEL, global_=False),
        Arg(id="sandbox", long="sandbox", short="s", value_name="SANDBOX_MODE", choices=_MODES),
        Arg(id="profile", long="profile", short="p", value_name="CONFIG_PROFILE"),
        replace(_BYPASS, global_=False),
        Arg(id="cwd", long="cd", short="C", value_name="DIR"),
        replace(_JSON, global_=False),
        *((Arg(id="no_daemon", long="no-daemon", action="flag"),) if dialect.cli.no_daemon else ()),
        _PROMPT,
    )


def _features() -> Command:
    common = (_CONFIG, _ENABLE, _DISABLE)
    list_ = Command(name="list", usage="codex features list [OPTIONS]", args=common)
    return Command(
        name="features", usage="codex features [OPTIONS] <COMMAND>", args=common, subcommands={"list": list_}
    )


def _review() -> Command:
    """It is known, so that it is not taken for a prompt, and refused (`pycodex.cli.main`)."""
    return Command(
        name="review",
        usage="codex exec review [OPTIONS] [PROMPT]",
        path="codex exec review",
        args=(
            _CONFIG,
            Arg(id="uncommitted", long="uncommitted", action="flag"),
            Arg(id="base", long="base", value_name="BRANCH"),
            Arg(id="commit", long="commit", value_name="SHA"),
            Arg(id="title", long="title", value_name="TITLE"),
            _PROMPT,
        ),
    )


def _debug() -> Command:
    common = (_CONFIG, _ENABLE, _DISABLE)
    models = Command(
        name="models",
        usage="codex debug models [OPTIONS]",
        args=(*common, Arg(id="bundled", long="bundled", action="flag")),
    )
    return Command(name="debug", usage="codex debug [OPTIONS] <COMMAND>", args=common, subcommands={"models": models})
