"""`pycodex` with a terminal: an interactive session, which begins with the prompt if there is one."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from pycodex.cli.exec import guarded
from pycodex.cli.exec_options import ExecOptions, Refused
from pycodex.cli.features import check_flags
from pycodex.cli.prepare import settings_for

if TYPE_CHECKING:
    from pathlib import Path

    from pycodex.cli.clap import Parsed
    from pycodex.settings import Settings
    from pycodex.upstream.dialect import Dialect

__all__ = ["run_interactive"]

_MISSING = "the interactive session needs prompt_toolkit: pip install 'python-codex[repl]'"


def run_interactive(dialect: Dialect, parsed: Parsed) -> int:
    """Run the session. The exit code: 0, or 1 when it could not begin."""

    def run() -> int:
        check_flags(dialect, parsed)
        options = ExecOptions.from_parsed(parsed)
        settings = settings_for(dialect, options, "prompt")
        try:
            from pycodex.repl.screen import run_screen
        except ImportError:
            raise Refused(_MISSING) from None
        path = _to_resume(settings, options) if options.resume else None
        gc.enable()
        asyncio.run(run_screen(settings, path, prompt=options.prompt or "", images=options.images))
        return 0

    return guarded(dialect, run)


def _to_resume(settings: Settings, options: ExecOptions) -> Path:
    """The rollout of the thread to go on with: by its id, else the newest one of this folder. Raises Refused."""
    from pycodex import rollout

    home = settings.config.codex_home
    if options.session_id is not None:
        path = rollout.find_rollout(home, options.session_id)
    else:
        path = rollout.latest_rollout(home, None if options.all else settings.cwd)
    if path is None:
        raise Refused(f"No saved session found{f' with ID {options.session_id}' if options.session_id else ''}.")
    return path
