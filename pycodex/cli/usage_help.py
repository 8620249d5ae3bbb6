"""The help of a command that has none of codex-cli's: made of its arguments."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycodex.cli.clap import Arg, Command

__all__ = ["usage_help"]

_WIDTH = 120
_COLUMN = 32
"""Where what is said of an argument begins."""


def usage_help(spec: Command) -> str:
    """About, usage, commands, arguments, options and notes, without the last newline.

    The program is called pycodex here; messages on a wrong command line call it codex, as codex-cli does.
    """
    usage = "\n".join(line.replace("codex", "pycodex", 1) for line in f"Usage: {spec.usage}".splitlines())
    # An alias is the same command under a second name.
    commands = [
        _row(f"  {name}", command.about)
        for place, (name, command) in enumerate(spec.subcommands.items())
        if command not in [*spec.subcommands.values()][:place]
    ]
    places = [_row(f"  {arg.shown}", arg.about) for arg in spec.args if arg.positional]
    options = [_row(_names(arg), _about(arg)) for arg in spec.args if not arg.positional and not arg.hidden]
    options.append(_row("  -h, --help", "This help"))
    if spec.version:
        options.append(_row("  -V, --version", "The version that is spoken"))
    parts = [spec.about, usage, *_part("Commands", commands), *_part("Arguments", places), *_part("Options", options)]
    return "\n\n".join(part for part in (*parts, spec.notes) if part)


def _part(title: str, rows: Iterable[str]) -> Iterable[str]:
    text = "\n".join(rows)
    return (f"{title}:\n{text}",) if text else ()


def _names(arg: Arg) -> str:
    short = f"-{arg.short}, " if arg.short else "    "
    return f"  {short}{arg.shown}"


def _about(arg: Arg) -> str:
    return f"{arg.about}: {', '.join(arg.choices)}" if arg.choices else arg.about


def _row(name: str, about: str) -> str:
    lines = wrap(about, _WIDTH - _COLUMN)
    if len(name) + 2 > _COLUMN:
        lines = [name, *(" " * _COLUMN + line for line in lines)]
    else:
        lines = [f"{name:{_COLUMN}}{lines[0] if lines else ''}".rstrip(), *(" " * _COLUMN + line for line in lines[1:])]
    return "\n".join(lines)
