"""The command line of `exec`, parsed, as one object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.cli.clap import Parsed
    from pycodex.review import Target

__all__ = ["ExecOptions", "Refused"]


class Refused(Exception):
    """The run ends before it began; the message goes to stderr, the exit code is 1."""


@dataclass(frozen=True, kw_only=True)
class ExecOptions:
    """The command line of one run."""

    prompt: str | None
    overrides: tuple[str, ...]
    model: str | None
    profile: str | None
    sandbox: Literal["read-only", "workspace-write", "danger-full-access"] | None
    cwd: Path
    skip_git: bool
    ephemeral: bool
    json: bool
    last_message_file: Path | None
    added_roots: tuple[Path, ...] = ()
    output_schema: Path | None = None
    images: tuple[str, ...] = ()
    color: str | None = None
    bypass: bool = False
    oss: bool = False
    local_provider: str | None = None
    vllm_endpoint: str | None = None
    strict_config: bool = False
    approval: str | None = None
    """The policy that a session is given, whatever the configuration says."""
    approve_for_me: bool = False
    bypass_hook_trust: bool = False
    worktree: bool = False
    thread_source: str | None = None
    cyber_access_program: str | None = None
    trust: bool = False
    ignore_user_config: bool = False
    ignore_rules: bool = False
    resume: bool = False
    fork: bool = False
    review: Target | None = None
    """What is to be reviewed; one that waits for stdin has the prompt `-`."""
    session_id: str | None = None
    last: bool = False
    all: bool = False
    include_scripts: bool = False
    folder_given: bool = False
    """Whether `cwd` was asked for."""

    @classmethod
    def from_parsed(cls, parsed: Parsed) -> ExecOptions:
        """From the parsed command line (program, exec, perhaps resume). Raises Refused."""
        levels: list[Mapping[str, Any]] = [parsed.values]
        commands: list[str] = []
        while parsed.sub is not None:
            name, parsed = parsed.sub
            levels.append(parsed.values)
            commands.append(name)
        resume, fork, review = "resume" in commands, "fork" in commands, "review" in commands
        values: dict[str, Any] = {}
        for level in levels:
            for id_, value in level.items():
                values[id_] = [*values.get(id_, ()), *value] if isinstance(value, list) else value
        _refuse_together(values, resume=resume, fork=fork)
        overrides: list[str] = []
        for level in levels:
            overrides += level.get("config", ())
            overrides += [f"features.{name}=true" for name in level.get("enable", ())]
            overrides += [f"features.{name}=false" for name in level.get("disable", ())]
        if values.get("search"):
            overrides.append('web_search="live"')
        for override in overrides:
            if "=" not in override:
                text = f"Error parsing -c overrides: Invalid override (missing '='): {override}"
                raise Refused(text)
        prompt, session = values.get("prompt"), values.get("session_id")
        if resume and values.get("last") and prompt is None:
            # With --last the only positional is the prompt.
            prompt, session = session, None
        sandbox = values.get("sandbox")
        if values.get("full_auto") or values.get("approve_for_me"):
            sandbox = "workspace-write"
        if values.get("bypass"):
            sandbox = "danger-full-access"
        try:
            # A link stays one (captured: context/working_directory_link).
            cwd = Path(os.path.abspath(values.get("cwd") or "."))
            cwd.resolve(strict=True)
            str(cwd).encode()
        except UnicodeEncodeError as error:
            from pycodex.cli.clap import lossy

            raise Refused(f"Error: the path {lossy(error.object)} contains invalid UTF-8 characters") from None
        except OSError as error:
            raise Refused(f"Error: {error.strerror} (os error {error.errno})") from None
        file, schema = values.get("last_message_file"), values.get("output_schema")
        return cls(
            prompt=prompt,
            overrides=tuple(overrides),
            model=values.get("model"),
            profile=values.get("profile"),
            sandbox=sandbox,
            cwd=cwd,
            skip_git=bool(values.get("skip_git_repo_check")),
            ephemeral=bool(values.get("ephemeral")),
            json=bool(values.get("json")),
            last_message_file=Path(file) if file else None,
            added_roots=tuple(Path(os.path.abspath(cwd / folder)) for folder in values.get("add_dirs", ())),
            output_schema=Path(schema) if schema else None,
            images=tuple(values.get("images", ())),
            color=values.get("color"),
            bypass=bool(values.get("bypass")),
            oss=bool(values.get("oss")),
            local_provider=values.get("local_provider"),
            vllm_endpoint=values.get("vllm_endpoint"),
            strict_config=bool(values.get("strict_config")),
            approval=_approval(values),
            approve_for_me=bool(values.get("approve_for_me")),
            bypass_hook_trust=bool(values.get("bypass_hook_trust")),
            worktree=bool(values.get("worktree")),
            thread_source=values.get("thread_source"),
            cyber_access_program=values.get("cyber_access_program"),
            trust=bool(values.get("trust")),
            ignore_user_config=bool(values.get("ignore_user_config")),
            ignore_rules=bool(values.get("ignore_rules")),
            resume=resume,
            fork=fork,
            review=_target(parsed.values) if review else None,
            session_id=session,
            last=bool(values.get("last")),
            all=bool(values.get("all")),
            include_scripts=bool(values.get("include_non_interactive")),
            folder_given=values.get("cwd") is not None,
        )


def _approval(values: Mapping[str, Any]) -> str | None:
    asks = values.get("full_auto") or values.get("approve_for_me")
    policy = "never" if values.get("bypass") else "on-request" if asks else None
    chosen: str | None = values.get("approval", policy)
    return chosen


def _target(values: Mapping[str, Any]) -> Target:
    """What `exec review` is asked to review. Raises Refused."""
    from pycodex.review import BaseBranch, Commit, Custom, Uncommitted

    if values.get("uncommitted"):
        return Uncommitted()
    if (branch := values.get("base")) is not None:
        return BaseBranch(branch=branch)
    if (sha := values.get("commit")) is not None:
        return Commit(sha=sha, title=values.get("title"))
    if (prompt := values.get("prompt")) is not None:
        return Custom(instructions=prompt)
    raise Refused("Error: Specify --uncommitted, --base, --commit, or provide custom review instructions")


def _refuse_together(values: Mapping[str, Any], *, resume: bool, fork: bool) -> None:
    """Options that the parser takes and that do not go together (captured: cli/refused_together)."""
    problems = (
        (
            resume and values.get("worktree"),
            "`--worktree` cannot resume an existing session; use `codex exec fork --worktree`",
        ),
        (
            fork and values.get("cyber_access_program") and values.get("prompt") is None,
            "Forking with --cyber-access-program requires a prompt",
        ),
        (
            values.get("trust") and values.get("ignore_user_config"),
            "--trust cannot be combined with --ignore-user-config: saved project trust decisions must be checked",
        ),
        (values.get("worktree") and values.get("ephemeral"), "--worktree cannot be combined with --ephemeral"),
    )
    for wrong, text in problems:
        if wrong:
            raise Refused(f"Error: {text}")
