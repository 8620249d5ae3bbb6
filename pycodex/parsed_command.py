"""What a command line is about (reads a file, lists, searches), as rollouts say it beside a command.

A script is understood when it is made of plain words and every command of it reads, lists or searches; commands that
only form the output of others do not count. Anything else is one `unknown` step with the whole script. The rows of
tests/pycodex/parsed_commands.json are captures.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from itertools import groupby

from pycodex.command_steps import Step, is_filter, step_of
from pycodex.scripts import Argv, plain_commands
from pycodex.shell import shlex_join, shlex_split

__all__ = ["parse_command"]

_OWN_ROOT = re.compile(r"/|[A-Za-z]:\\|\\\\")


def parse_command(argv: Sequence[str]) -> list[Step]:
    """The steps of a command line."""
    wrapped = len(argv) == 3 and argv[1] in ("-lc", "-c")
    script = argv[2] if wrapped else shlex_join(argv)
    steps = _steps(script)
    if steps is None or any(step["type"] == "unknown" for step in steps):
        return [{"type": "unknown", "cmd": script}]
    return [step for step, _ in groupby(steps)]


def _steps(script: str) -> list[Step] | None:
    every = plain_commands(script, literal=True) or []
    commands = [argv for argv in every if not is_filter(argv)]
    if not commands:
        return None
    told = _told(commands)
    if len(told) == 1:
        return [_alone(told[0], script, joined=len(every) > 1)]
    return told


def _told(commands: Sequence[Argv]) -> list[Step]:
    """A step for each command. `cd` is none, but the files of later ones are in its folder; what only says or does
    nothing is left out where something else is left."""
    folder: str | None = None
    steps: list[tuple[Argv, Step]] = []
    for argv in commands:
        if argv[0] == "cd":
            target = _target(argv[1:])
            folder = folder if target is None else _joined(folder, target)
            continue
        step = step_of(argv)
        if step["type"] == "read":
            step["path"] = _joined(folder, step["path"])
        steps.append((argv, step))
    if len(steps) > 1:
        steps = [(argv, step) for argv, step in steps if argv != ["true"]]
    while len(steps) > 1 and steps[0][0][0] == "echo":
        del steps[0]
    while len(steps) > 1 and (idle := [row for row in steps if _numbers_others(row[0])]):
        steps.remove(idle[0])
    return [step for _, step in steps]


def _numbers_others(argv: Argv) -> bool:
    return argv[0] == "nl" and all(word.startswith("-") for word in argv[1:])


def _alone(step: Step, script: str, *, joined: bool) -> Step:
    """The only step of a script: it shows the script's own words where nothing was joined to it, and all of the
    script where sed took a part of a file through a pipe."""
    words = shlex_split(script) or [script]
    if not joined and not {"|", "&&", "||", ";"} & set(words):
        return {**step, "cmd": shlex_join(words)}
    if step["type"] == "read" and "|" in words and ["sed", "-n"] in (words[i : i + 2] for i in range(len(words))):
        return {**step, "cmd": script}
    return step


def _target(words: Sequence[str]) -> str | None:
    """Where `cd` goes: the word behind `--`, else the last one that is no option."""
    if "--" in words:
        return next(iter(words[words.index("--") + 1 :]), None)
    return next((word for word in reversed(words) if not word.startswith("-")), None)


def _joined(folder: str | None, path: str) -> str:
    return path if not folder or _OWN_ROOT.match(path) else posixpath.join(folder, path)
