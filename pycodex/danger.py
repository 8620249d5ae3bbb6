"""Commands that are refused before they start: removing files by force, which codex-cli never lets a model do
unasked.

Two rules, by how they read a script. Captures: shell/dangerous_commands, shell/dangerous_wrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Literal

from pycodex.scripts import literal_commands, plain_commands, script_of

__all__ = ["Danger", "DangerRule", "forced_rm_anywhere", "plain_forced_rm"]

Danger = Literal["forced rm", "too deep"]
DangerRule = Callable[[Sequence[str]], Danger | None]
"""Why an argv is refused, if it is."""

_DEEPEST = 8
"""So many wrappers are looked into; what is wrapped deeper is refused unseen."""


def plain_forced_rm(argv: Sequence[str]) -> Danger | None:
    """Only `rm -f` and `rm -rf`, spelled just so, also behind `sudo` and in a script of plain commands."""
    script = script_of(argv)
    commands = (plain_commands(script, literal=False) if script is not None else None) or []
    return "forced rm" if any(map(_plainly, [argv, *commands])) else None


def _plainly(argv: Sequence[str]) -> bool:
    match argv:
        case ["rm", "-f" | "-rf", *_]:
            return True
        case ["sudo", *rest]:
            return _plainly(rest)
    return False


def forced_rm_anywhere(argv: Sequence[str]) -> Danger | None:
    """Any `rm` with a force flag before `--`, also behind a path, `sudo` and `env`, in a `trap`, and in whatever
    construct of a script it stands, scripts in scripts included."""
    return _within(argv, 0)


def _within(argv: Sequence[str], depth: int) -> Danger | None:
    if depth > _DEEPEST:
        return "too deep"
    name = argv[0].rpartition("/")[2] if argv else ""
    if name == "rm" and _forces(argv[1:]):
        return "forced rm"
    script = script_of(argv)
    inner = literal_commands(script) if script is not None else [_wrapped(name, argv[1:])]
    return next((found for words in inner if words and (found := _within(words, depth + 1))), None)


def _forces(words: Sequence[str]) -> bool:
    flags = takewhile(lambda word: word != "--", words)
    return any(
        word == "--force" or (word.startswith("-") and not word.startswith("--") and "f" in word) for word in flags
    )


def _wrapped(name: str, words: Sequence[str]) -> Sequence[str]:
    """The command that a command runs, as far as its words say."""
    if name == "sudo":
        return words
    if name == "env":
        place = 0
        while place < len(words) and _is_setting(words[place]):
            place += 1
        return words[place + 1 :] if words[place : place + 1] == ["--"] else words[place:]
    if name == "trap":
        action = words[1:] if words[:1] == ["--"] else words
        return ["sh", "-c", action[0]] if action and not action[0].startswith("-") else []
    return []


def _is_setting(word: str) -> bool:
    return word in ("-i", "--ignore-environment") or ("=" in word and not word.startswith(("=", "-")))
