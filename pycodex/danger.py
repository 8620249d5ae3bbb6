"""Commands that are refused before they start: removing files by force, which codex-cli never lets a model do
unasked.

Two rules, by how they read a script. Both were measured with about thirty spellings of `rm -f` on each
binary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pycodex.parsed_command import plain_commands

__all__ = ["DangerRule", "any_forced_rm", "plain_forced_rm", "plainly_forced"]

DangerRule = Callable[[str], bool]
"""Whether a shell script is refused."""

_SHELLS = ("bash", "zsh", "sh")


def plain_forced_rm(script: str) -> bool:
    """Only scripts of plain commands count (words and quoted strings, joined by `&&`, `||`, `;`, `|`), and in
    these only `rm -f` and `rm -rf`, spelled just so; `sudo` and `bash -lc '...'` are looked into."""
    commands = plain_commands(script)
    return commands is not None and any(plainly_forced(words) for words in commands)


def plainly_forced(words: Sequence[str]) -> bool:
    """The same rule for an argv."""
    match words:
        case ["rm", "-f" | "-rf", *_]:
            return True
        case ["sudo", *rest]:
            return plainly_forced(rest)
        case [shell, "-c" | "-lc", script] if shell.rpartition("/")[2] in _SHELLS:
            return plain_forced_rm(script)
    return False


def any_forced_rm(script: str) -> bool:
    """Any `rm` in command position with a force flag before `--`, in whatever construct it stands; also
    behind assignments, `env`, `sudo` and a path, and in `bash -c '...'`."""
    return any(_forced(words) for words in _simple_commands(script))


def _forced(words: Sequence[str]) -> bool:
    while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0], re.DOTALL):
        words = words[1:]
    if not words:
        return False
    name, rest = words[0].rpartition("/")[2], words[1:]
    if name in ("sudo", "env"):
        return _forced(rest)
    if name in _SHELLS and len(rest) >= 2 and re.fullmatch(r"-l?c", rest[0]):
        return any_forced_rm(rest[1])
    if name != "rm":
        return False
    for word in rest:
        if word == "--":
            return False
        if word == "--force" or re.fullmatch(r"-[A-Za-z]*f[A-Za-z]*", word):
            return True
    return False


_KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "fi", "do", "done", "while", "until", "for", "in", "case", "esac")
) | {"!", "{", "}"}
_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+)|(?P<comment>(?<!\S)\#[^\n]*)|(?P<end>&&|\|\||[;&|()\n`]|\$\()|(?P<redirect>\d*[<>]+[&|]?)
    |(?P<single>'[^']*')|(?P<double>"(?:\\.|[^"\\])*")|(?P<escaped>\\.)|(?P<plain>[^\s;&|()<>`'"\\$]+|\$)""",
    re.VERBOSE | re.DOTALL,
)


def _simple_commands(script: str) -> list[list[str]]:
    """The words of each simple command, by a reading that knows quotes and separators and nothing of
    grammar."""
    commands: list[list[str]] = [[]]
    word: str | None = None
    skip_next = False

    def finish() -> None:
        nonlocal word, skip_next
        if word is not None and skip_next:
            skip_next = False
        elif word is not None and (commands[-1] or word not in _KEYWORDS):
            commands[-1].append(word)
        word = None

    for match in _TOKEN.finditer(script):
        kind, text = match.lastgroup, match.group()
        if kind in ("blank", "comment"):
            finish()
        elif kind == "end":
            finish()
            commands.append([])
        elif kind == "redirect":
            finish()
            skip_next = True
        elif kind == "double":
            word = (word or "") + re.sub(r'\\([$`"\\])', r"\1", text[1:-1])
            for inner in re.findall(r"\$\(([^()]*)\)", text):
                commands[:0] = _simple_commands(inner)
        else:
            word = (word or "") + {"single": text[1:-1]}.get(kind or "", text)
    finish()
    return [words for words in commands if words]
