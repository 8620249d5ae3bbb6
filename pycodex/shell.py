"""The user's shell, and how an argv is printed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from pycodex.records import dataclass

__all__ = ["Shell", "resolve_shell", "shlex_join", "shlex_split", "user_shell"]

_KINDS = ("zsh", "bash", "sh", "pwsh", "powershell", "cmd")
_WITHOUT_SHELL = "/bin/sh"
"""What is left when nothing else can be found."""


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A shell: `name` is its kind (`bash`, `zsh`, `sh`), as in environment_context; `path` is the program."""

    name: str
    path: str

    def argv(self, script: str, login: bool = True) -> list[str]:
        """The command line that is reported for `script`: `[path, "-lc" or "-c", script]`."""
        return [self.path, "-lc" if login else "-c", script]


def user_shell() -> Shell:
    """The shell of the current user, by the passwd database; the variable SHELL has no say (captures:
    SHELL=/bin/zsh).

    A kind that is not known, or a program that is not there, becomes /bin/sh.
    """
    import os
    import pwd

    try:
        path = pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        path = ""
    kind = _kind(path)
    if kind is None or not Path(path).is_file():
        return Shell(name="sh", path=_WITHOUT_SHELL)
    return Shell(name=kind, path=path)


def resolve_shell(requested: str, user: Shell, env: Mapping[str, str], *, keeps_path: bool) -> Shell:
    """The shell that a model's `shell` argument names.

    The kind is the file name without its last suffix. `keeps_path`: a path that exists is run as it is; else
    only its kind counts: the user's shell if that is of this kind, else the first one on the PATH, else the
    one in /bin. An unknown or missing kind is /bin/sh.
    """
    kind = _kind(requested)
    if kind is None:
        return Shell(name="sh", path=_WITHOUT_SHELL)
    if keeps_path and Path(requested).is_file():
        return Shell(name=kind, path=requested)
    if kind == user.name:
        return user
    import shutil

    found = shutil.which(kind, path=env.get("PATH", "")) or f"/bin/{kind}"
    return Shell(name=kind, path=found) if Path(found).is_file() else Shell(name="sh", path=_WITHOUT_SHELL)


def _kind(path: str) -> str | None:
    name = PurePosixPath(path).name
    for candidate in (name, PurePosixPath(name).stem):
        if candidate in _KINDS:
            return candidate
    return None


def shlex_join(argv: Sequence[str]) -> str:
    """`argv` quoted for display, in the chunks that codex-cli prints (`/bin/bash -lc 'echo one'`)."""
    if any("\0" in word for word in argv):
        return "<command included NUL byte>"
    return " ".join(_quoted(word) for word in argv)


_PIECE = re.compile(
    r"""\\\n|\\(?P<escaped>.)|'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|(?P<plain>[^ \t\n'"\\]+)""", re.DOTALL
)
_BETWEEN = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEPT_ESCAPE = re.compile(r"\\([$`\"\\])|\\\n")


def shlex_split(line: str) -> list[str] | None:
    """The words of a line as codex-cli splits it, which knows quotes and comments and no grammar; None where a quote
    or a backslash has no end."""
    words: list[str] = []
    place = _after(line, 0)
    while place < len(line):
        word = ""
        while place < len(line) and line[place] not in " \t\n":
            match = _PIECE.match(line, place)
            if match is None:
                return None
            place = match.end()
            word += match["escaped"] or match["single"] or match["plain"] or ""
            word += _KEPT_ESCAPE.sub(r"\1", match["double"] or "")
        words.append(word)
        place = _after(line, place)
    return words


def _after(line: str, place: int) -> int:
    """Where the next word begins."""
    match = _BETWEEN.match(line, place)
    return match.end() if match else place


# The ways to write a piece of a word. A piece goes on as long as one way fits all its characters, and the
# first of these that does is taken. `^` fits none but the single quotes, and only at the start of a piece:
# some shells expand it elsewhere. `\` never stands in single quotes because fish reads it there.
_PLAIN, _SINGLE, _DOUBLE = 1, 2, 4
_PLAIN_CHARACTERS = frozenset("+-./:@]_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def _ways(character: str) -> int:
    ways = _PLAIN if character in _PLAIN_CHARACTERS else 0
    if character not in "'\\^":
        ways |= _SINGLE
    if character not in "`$!^":
        ways |= _DOUBLE
    return ways


def _quoted(word: str) -> str:
    if not word:
        return "''"
    pieces = []
    start = 0
    while start < len(word):
        end, ways = start, _PLAIN | _SINGLE | _DOUBLE
        if word[start] == "^":
            end, ways = start + 1, _SINGLE
        while end < len(word) and ways & _ways(word[end]):
            ways &= _ways(word[end])
            end += 1
        pieces.append(_written(word[start:end], ways))
        start = end
    return "".join(pieces)


def _written(piece: str, ways: int) -> str:
    if ways & _PLAIN:
        return piece
    if ways & _SINGLE:
        return f"'{piece}'"
    return '"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"'
