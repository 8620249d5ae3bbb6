"""Feature flags on the command line: --enable, --disable, and `pycodex features list`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pycodex.cli.exec_options import ExecOptions, Refused

if TYPE_CHECKING:
    from pycodex.cli.clap import Parsed
    from pycodex.upstream.dialect import Dialect

__all__ = ["check_flags", "list_features"]


def check_flags(dialect: Dialect, parsed: Parsed) -> None:
    """Raises Refused for the first flag that names no feature; --enable is looked at before --disable."""
    levels = [parsed]
    while (sub := levels[-1].sub) is not None:
        levels.append(sub[1])
    names = [name for flag in ("enable", "disable") for level in levels for name in level.values.get(flag, ())]
    if not names:
        return
    from pycodex.upstream.data import UpstreamData

    style, known = dialect.config.features, UpstreamData(dialect.version).features
    for name in names:
        if style.feature(name) not in known:
            raise Refused(f"Error: {style.unknown.format(name=name)}")


def list_features(dialect: Dialect, parsed: Parsed) -> int:
    """A line for each feature: name, stage, whether it is on. The exit code."""
    from pycodex.cli.exec import guarded

    return guarded(dialect, lambda: _list(dialect, parsed))


def _list(dialect: Dialect, parsed: Parsed) -> int:
    from pycodex.settings import resolve

    check_flags(dialect, parsed)
    options = ExecOptions.from_parsed(parsed)
    settings = resolve(dialect, cwd=options.cwd, env=os.environ, overrides=options.overrides, profile=options.profile)
    rows = settings.data.features
    width, stages = (max(map(len, texts), default=0) for texts in (rows, (row["stage"] for row in rows.values())))
    for name, row in rows.items():
        on = str(name in settings.flags).lower()
        sys.stdout.write(f"{name:{width}}  {row['stage']:{stages}}  {on}\n")
    return 0
