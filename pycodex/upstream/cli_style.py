"""What the commands of a version are like, around the agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["ExecCliStyle"]


@dataclass(frozen=True, kw_only=True)
class ExecCliStyle:
    """The exec command around the agent."""

    doctor_help: bool
    """Whether there is a command `doctor`, whose help is data (pycodex has one in any case)."""
    debug_models: bool
    """Whether there is a command `debug models`."""
    trust_before_prompt: bool
    """Whether a folder that is no repository is refused before the prompt is read."""
    probes_local_server_again: bool
    """Whether a local server is looked for twice, over new connections (--oss)."""
    hook_trust_warning: str | None
    """Told twice with --dangerously-bypass-hook-trust."""
    extra_stdin: bool
    """Whether piped stdin is added to a prompt argument."""
    unknown_thread_starts_new: bool
    no_model: str | None
    """What is said of an empty model; None: it is a model as any other."""
    bad_pattern: tuple[str, str] | None
    """The target of the log line, and what is said where a permission profile has a pattern with a range that cannot
    be; may use {folder}, {rest}, {low}, {high}. None: nothing is said of it."""
    resumes_scripts: bool
    """Whether there is a flag with which a session looks among the threads of scripts, too."""
    options: tuple[str, ...]
    """The options of `exec` by the ids of `pycodex.cli.options`, in the order of the help."""
    shared_options: frozenset[str]
    """Those of them that its commands take too."""
    heard_before: frozenset[str]
    """Options of the program that count for `exec` where they stand before it (captured: cli/before_exec)."""
    session_options: tuple[str, ...]
    """The options of the program itself, and of `resume`, by their ids."""
    approval_policies: tuple[str, ...]
    """What --ask-for-approval takes."""
    commands: tuple[str, ...]
    """The commands of `exec`."""
    profile_value: str
    """The placeholder of --profile."""
    profile_problem: str | None
    """What is said of a profile that is no plain name; may use {value}. None: any text may name one."""
    exec_usage: str
    exec_usage_path: str | None
    """As Command.path in `pycodex.cli.clap`."""
    resume_usage: str
    last_or_began: bool
    """Whether --last also finds a thread that began in this folder and went on in another."""
    writable_roots: Callable[[Path, Path, Mapping[str, str], Mapping[str, Any]], tuple[Path, ...]]
    """From working directory, home, environment and the table sandbox_workspace_write."""
    added_roots: Callable[[Path, Sequence[str], Sequence[Path]], tuple[Path, ...]]
    """The roots beside the workspace, of it, the configuration and the command line."""
    sandbox_summary: Callable[[Settings], str]
    path_warning: str
    """That helper programs cannot be put on PATH; may use {reason}."""
    temp_home_reason: str
    """For a home folder below the folder for temporary files; may use {temp} {home}."""
    skill_log_target: str
    """Of the log line for a skill that cannot be used."""
    untrusted_notice: str | None
    """Name of the text for stderr in a project whose configuration does not count (`Config.ignores_project`)."""
    interrupted_exit: int
    """Exit code of a run that SIGINT ended."""
    last_message_opened_first: bool
    """Whether the file of the last message is opened before the turn (and left alone when it fails), or written after
    every turn."""
    startup_warnings: Callable[[Settings], list[str]]
    """Printed in plain mode only."""
