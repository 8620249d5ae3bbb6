"""From the options of `exec` to its settings: the local provider, the project's trust, the worktree."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.cli.exec_options import ExecOptions, Refused
from pycodex.records import replace

if TYPE_CHECKING:
    from pycodex.settings import Mode, Settings
    from pycodex.upstream.dialect import Dialect

__all__ = ["offered", "prepare", "settings_for"]

_UNTRUSTED = "{root} is marked as untrusted. Update its trust setting first."
_EXEC_ONLY = "Error: --worktree is for `pycodex exec`: start this one with -C in a worktree of your own"
_POLICIES = ("on-request", "never")
_NO_POLICY = (
    "Error: approval_policy: pycodex does not have `{policy}` of 0.115.0, which asks about more than on-request does; "
    "use on-request or never"
)
_UNTRUSTED_SOURCE = "--worktree requires a source that is not explicitly untrusted"


def settings_for(dialect: Dialect, options: ExecOptions, mode: Mode = "exec") -> Settings:
    """The settings that a command line comes to. Raises ConfigError, DataError."""
    from pycodex.config import Launch
    from pycodex.settings import resolve

    warning = dialect.cli.hook_trust_warning
    refusal = _UNTRUSTED_SOURCE if options.worktree else _UNTRUSTED if options.trust else None
    settings = resolve(
        dialect,
        cwd=options.cwd,
        env=os.environ,
        overrides=options.overrides,
        profile=options.profile,
        model=options.model,
        sandbox_mode=options.sandbox,
        ephemeral=options.ephemeral,
        added_roots=options.added_roots,
        ignore_rules=options.ignore_rules,
        mode=mode,
        launch=Launch(
            ignore_user=options.ignore_user_config,
            strict=options.strict_config,
            oss=options.oss,
            local_provider=options.local_provider,
            chat_endpoint=options.vllm_endpoint,
            warnings=(warning,) if options.bypass_hook_trust and warning is not None else (),
            untrusted_refusal=refusal,
        ),
        auto_review=options.approve_for_me,
        thread_source=options.thread_source,
        access_program=options.cyber_access_program,
    )
    if dialect.auth.broken_file_stops:
        _ = settings.auth
    if mode != "exec" and options.approval is not None:
        settings = _asking(settings, options)
    if options.vllm_endpoint is not None and options.model is None and settings.config.model is None:
        import asyncio

        from pycodex.responses_server.endpoint import first_model

        return settings_for(dialect, replace(options, model=asyncio.run(first_model(settings))), mode)
    return settings


def _asking(settings: Settings, options: ExecOptions) -> Settings:
    """With the policy of the command line, which counts for the session and not for the request of a title (captured:
    interactive/options)."""
    config = settings.config
    return replace(
        settings,
        config=replace(config, approval_policy=options.approval, given=config.given | {"approval"}),
        auto_review=options.approve_for_me or (settings.auto_review and options.approval == "on-request"),
    )


def prepare(dialect: Dialect, options: ExecOptions, mode: Mode = "exec") -> Settings:
    """The settings of a run; what the options ask to be written or made beforehand is done.

    Raises Refused, ConfigError, DataError, OssError, WorktreeError.
    """
    if options.worktree and mode != "exec":
        raise Refused(_EXEC_ONLY)
    if options.worktree and options.oss:
        from pycodex.worktrees import source_root

        # The repository is looked for before a local provider is (captured: cli/refused_together).
        settings_for(dialect, replace(options, oss=False))
        source_root(options.cwd)
    settings = settings_for(dialect, options, mode)
    policy = settings.config.approval_policy
    if mode != "exec" and policy in dialect.cli.approval_policies and policy not in _POLICIES:
        raise Refused(_NO_POLICY.format(policy=policy))
    if options.trust and settings.config.project_trusted is None:
        settings = _trust(dialect, options, settings)
    if options.worktree:
        from pycodex.worktrees import create

        source = _forked_folder(settings, options) if options.fork else options.cwd
        options = replace(options, cwd=create(source, settings.config.codex_home))
        settings = settings_for(dialect, options)
    if options.oss:
        import asyncio

        from pycodex.oss import ensure_ready

        asyncio.run(ensure_ready(settings))
    return settings


def offered(settings: Settings, options: ExecOptions, *, ask: bool = True) -> Settings:
    """The settings with the models that the provider offers, where it is asked for them (see offered_models.py).

    Without `ask` those that were kept. What is wrong with them is said on stderr, unless a person's screen is there.
    """
    provider = settings.config.provider
    if settings.dialect.models.offer is None or not (provider.tokens is not None or settings.follows_login):
        return settings
    from pycodex.offered_models import with_offered

    named = options.model is not None or settings.config.model is not None
    return with_offered(settings, _log if settings.mode == "exec" else _silent, named=named, ask=ask)


def _silent(target: str, message: str) -> None:
    pass


def _log(target: str, message: str) -> None:
    from pycodex.cli.turn import say_error

    say_error(target, message)


def _forked_folder(settings: Settings, options: ExecOptions) -> Path:
    """Where the thread to be forked was at work (captured: context/worktree run 3)."""
    from pycodex import rollout

    path = rollout.find_rollout(settings.config.codex_home, options.session_id or "")
    records = rollout.read_rollout(path)[0] if path is not None else []
    folder = next((record["payload"].get("cwd") for record in records if record.get("type") == "session_meta"), None)
    return Path(folder) if isinstance(folder, str) and Path(folder).is_dir() else options.cwd


def _trust(dialect: Dialect, options: ExecOptions, settings: Settings) -> Settings:
    """Outside of a repository there is no project to trust (captured: config/trust_no_repository)."""
    from pycodex.git_info import find_main_root
    from pycodex.trust import write_trust

    root = find_main_root(options.cwd)
    if root is None:
        return settings
    write_trust(settings.config.codex_home / "config.toml", root)
    return settings_for(dialect, options)
