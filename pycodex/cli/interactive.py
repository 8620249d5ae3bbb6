"""`pycodex` with a terminal: an interactive session, which begins with the prompt if there is one."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import TYPE_CHECKING

from pycodex.cli.exec import guarded
from pycodex.cli.exec_options import ExecOptions, Refused
from pycodex.cli.features import check_flags
from pycodex.cli.prepare import offered, prepare, settings_for
from pycodex.records import replace

if TYPE_CHECKING:
    from pathlib import Path

    from pycodex.cli.clap import Parsed
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Dialect

__all__ = ["run_interactive"]

_MISSING = "the interactive session needs prompt_toolkit: pip install 'python-codex[repl]'"
_SETTLED = ".personality_migration"
"""That file says that the personality was looked after; codex-cli and pycodex share it."""
_UNKNOWN = (
    "ERROR: No saved session found with ID {words}. Run `pycodex resume` without an ID to choose from those there are."
)


def run_interactive(dialect: Dialect, parsed: Parsed) -> int:
    """Run the session. The exit code: 0, or 1 when it could not begin."""

    def run() -> int:
        check_flags(dialect, parsed)
        options = ExecOptions.from_parsed(parsed)
        settings = prepare(dialect, options, "prompt")
        if _settles_personality(settings):
            settings = settings_for(dialect, options, "prompt")
        if options.vllm_endpoint is not None and settings.config.model is None:
            # Its list of models is asked once: what follows has a loop of its own.
            options = replace(options, model=settings.model.slug)
        settings = offered(settings, options)
        try:
            from pycodex.repl.screen import run_screen
        except ImportError:
            raise Refused(_MISSING) from None
        from pycodex.repl.taking_up import Start

        path = _to_resume(settings, options) if options.resume else None
        start = Start(
            path=path,
            choose=options.resume and not options.last and options.session_id is None,
            everywhere=options.all,
            everyone=options.include_scripts,
            folder_given=options.folder_given,
            settle=lambda folder: offered(
                settings_for(dialect, replace(options, cwd=folder), "prompt"), options, ask=False
            ),
            prompt=options.prompt or "",
            images=options.images,
        )
        gc.enable()
        asyncio.run(run_screen(settings, start))
        return 0

    return guarded(dialect, run)


def _settles_personality(settings: Settings) -> bool:
    """Whether the configuration has another personality now: one is written where there are threads and none was
    chosen, once in the life of a home (captured: interactive/resume_exec_thread)."""
    from pycodex.config_edit import set_keys

    word, home = settings.dialect.session.settles_personality, settings.config.codex_home
    mark = home / _SETTLED
    if word is None or mark.exists():
        return False
    wanted = settings.config.personality is None and any((home / "sessions").glob("*/*/*/rollout-*.jsonl"))
    with contextlib.suppress(OSError):
        if wanted:
            set_keys(home / "config.toml", {"personality": word})
        mark.write_text("v1\n", encoding="utf-8")
        return wanted
    return False


def _to_resume(settings: Settings, options: ExecOptions) -> Path | None:
    """The rollout of the thread to go on with: by its id or name, or the newest of this folder; None: one is chosen, or
    there is none (captured: interactive/resume_sources). Raises Refused."""
    from pycodex.saved_threads import find_thread, saved_threads

    home = settings.config.codex_home
    if options.session_id is not None:
        path = find_thread(home, options.session_id)
        if path is None:
            raise Refused(_UNKNOWN.format(words=options.session_id))
        return path
    if not options.last:
        return None
    found = saved_threads(home, None if options.all else settings.cwd, everyone=options.include_scripts)
    thread = next(found, None)
    return None if thread is None else thread.path
