"""What a shell command is about (reads a file, lists, searches), as rollouts say it beside a command.

A script is understood when it is made of plain words joined by `&&`, `||`, `;` and `|`, and every command of it
reads, lists or searches; filters behind a pipe do not count. Anything else is one `unknown` step with the whole
script. The rows of tests/pycodex/parsed_commands.json are captures.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from typing import Any

from pycodex.shell import shlex_join

__all__ = ["parse_command", "plain_commands"]

Step = dict[str, Any]
Argv = list[str]

_TOKEN = re.compile(
    r"""(?P<space>[ \t]+)|(?P<joint>&&|\|\||[;|\n])"""
    r"""|(?P<word>(?:[^\s;|&<>(){}$`"'\\*?\[\]~#!]|'[^']*'|"[^"$`\\]*")+)"""
)
_PIECE = re.compile(r"""'([^']*)'|"([^"]*)"|([^'"]+)""")
_KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "select")
)
_FILTERS = frozenset(["wc", "tr", "cut", "sort", "uniq", "tee", "column"])
_HIDDEN_FOLDERS = frozenset(("build", "dist", "node_modules", "src"))
_RANGE = re.compile(r"\d+(,\d+)?p")

_VALUED = {
    "rg": frozenset(
        [
            "-g",
            "--glob",
            "-t",
            "--type",
            "-T",
            "--type-not",
            "-A",
            "-B",
            "-C",
            "--context",
            "-m",
            "--max-count",
            "-e",
            "--iglob",
            "-d",
        ]
    ),
    "grep": frozenset(["-A", "-B", "-C", "-m", "-e", "--include", "--exclude", "--exclude-dir"]),
    "ls": frozenset(["-I", "-w", "--block-size", "--format", "--time-style", "--color", "--quoting-style"]),
    "tree": frozenset(["-L", "-P", "-I", "--charset", "--filelimit", "--sort"]),
    "fd": frozenset(["-t", "--type", "-e", "--extension", "-E", "--exclude", "-d", "--max-depth", "--search-path"]),
    "nl": frozenset(["-s", "-w", "-v", "-i", "-b"]),
    "find": frozenset(["-maxdepth", "-mindepth", "-type", "-mtime", "-size", "-path", "-not", "-exec", "-newer"]),
}


def parse_command(argv: Sequence[str]) -> list[Step]:
    """The steps of a command line."""
    wrapped = len(argv) == 3 and argv[1] in ("-lc", "-c")
    script = argv[2] if wrapped else shlex_join(argv)
    unknown = [{"type": "unknown", "cmd": script}]
    commands = plain_commands(script)
    if not commands:
        return unknown
    if _numbered_range(commands):
        return [{**step, "cmd": script} for step in _steps([commands[0]]) or ()] or unknown
    return _steps(_meaningful(commands)) or unknown


def plain_commands(script: str) -> list[Argv] | None:
    """The commands of a script of plain words, joined by `&&`, `||`, `;`, `|` or line breaks; None for any other script
    (with an expansion, a redirection, a group, a background job)."""
    commands: list[Argv] = [[]]
    place, joint = 0, ""
    while place < len(script):
        match = _TOKEN.match(script, place)
        if match is None:
            return None
        place = match.end()
        word, empty = match["word"], not commands[-1]
        if match["joint"] and (match["joint"] != "\n" or not empty):
            # A line break may stand anywhere between commands; the other joints need one before them.
            if empty:
                return None
            joint = match["joint"]
            commands.append([])
        elif word:
            if empty and ("'" in word or '"' in word):
                return None
            commands[-1].append("".join("".join(piece) for piece in _PIECE.findall(word)))
    if not commands[-1]:
        if joint not in (";", "\n", ""):
            return None
        commands.pop()
    bad = any(argv[0] in _KEYWORDS or "=" in argv[0] for argv in commands)
    return None if bad else commands


def _numbered_range(commands: Sequence[Argv]) -> bool:
    """`nl file | sed -n 1,5p`: one step, told with the whole script."""
    if len(commands) != 2 or commands[0][0] != "nl":
        return False
    second = commands[1]
    return second[:2] == ["sed", "-n"] and len(second) == 3 and bool(_RANGE.fullmatch(second[2]))


def _meaningful(commands: Sequence[Argv]) -> list[Argv]:
    kept = list(commands)
    while len(kept) > 1 and kept[0][0] == "echo":
        del kept[0]
    if len(kept) > 1:
        kept = [argv for argv in kept if argv != ["true"] and not _is_filter(argv)]
    return kept


def _is_filter(argv: Argv) -> bool:
    name, rest = argv[0], argv[1:]
    if name in _FILTERS:
        return True
    if name in ("head", "tail"):
        return not rest or (len(rest) == 1 and rest[0].startswith("-")) or (len(rest) == 2 and rest[0] in ("-n", "-c"))
    if name == "sed":
        return len([word for word in rest if not word.startswith("-")]) < 2
    return name == "awk" and len(rest) == 1


def _steps(commands: Sequence[Argv]) -> list[Step] | None:
    steps: list[Step] = []
    folder = ""
    for argv in commands:
        if argv[0] == "cd" and len(argv) == 2:
            folder = posixpath.join(folder, argv[1])
            continue
        step = _step(argv, folder)
        if step is None:
            return None
        steps.append(step)
    return steps


def _step(argv: Argv, folder: str) -> Step | None:
    name = argv[0]
    if argv[:2] == ["git", "grep"]:
        return _search(argv, _operands(argv[2:], "grep"))
    if argv[:2] == ["git", "ls-files"]:
        return _listing(argv, _operands(argv[2:], "ls"))
    if name == "rg" and "--files" in argv:
        return _listing(argv, _operands(argv[1:], "rg"))
    if name in ("rg", "rga"):
        return _search(argv, _operands(argv[1:], "rg"))
    if name in ("grep", "egrep", "fgrep", "ag", "ack", "pt"):
        return _search(argv, _operands(argv[1:], "grep"))
    if name in ("fd", "fdfind"):
        found = _operands(argv[1:], "fd")
        return _search(argv, found) if found else _listing(argv, found)
    if name == "find":
        return _find(argv)
    if name in ("ls", "eza", "exa"):
        return _listing(argv, _operands(argv[1:], "ls"))
    if name in ("tree", "du"):
        return _listing(argv, _operands(argv[1:], "tree"))
    file = _READERS[name](argv[1:]) if name in _READERS else None
    if file is None:
        return None
    path = posixpath.join(folder, file)
    return {"type": "read", "cmd": shlex_join(argv), "name": _short(file), "path": path}


def _operands(words: Sequence[str], kind: str) -> list[str]:
    """The words that are neither options nor their values."""
    found: list[str] = []
    valued = _VALUED.get(kind, frozenset())
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-") and len(word) > 1:
            skip = word in valued
        else:
            found.append(word)
    return found


def _short(path: str) -> str:
    """The last component that says something."""
    parts = [part for part in path.rstrip("/").split("/") if part]
    return next((part for part in reversed(parts) if part not in _HIDDEN_FOLDERS), path)


def _place(words: Sequence[str], index: int) -> str | None:
    return _short(words[index]) if len(words) > index else None


def _search(argv: Argv, words: Sequence[str]) -> Step:
    query = words[0] if words else None
    return {"type": "search", "cmd": shlex_join(argv), "query": query, "path": _place(words, 1)}


def _listing(argv: Argv, words: Sequence[str]) -> Step:
    return {"type": "list_files", "cmd": shlex_join(argv), "path": _place(words, 0)}


def _find(argv: Argv) -> Step:
    words = _operands(argv[1:], "find")
    for option in ("-name", "-iname", "-path", "-regex"):
        if option in argv[:-1]:
            query = argv[argv.index(option) + 1]
            path = _place([word for word in words if word != query], 0)
            return {"type": "search", "cmd": shlex_join(argv), "query": query, "path": path}
    return _listing(argv, words)


def _only(words: Sequence[str]) -> str | None:
    return words[0] if len(words) == 1 else None


def _read_plain(words: Sequence[str]) -> str | None:
    return _only([word for word in words if not word.startswith("-")])


def _read_part(words: Sequence[str]) -> str | None:
    """head, tail: `file`, `-n 5 file`, `-n5 file`."""
    if len(words) == 3 and words[0] == "-n" and words[1].lstrip("+").isdigit():
        return words[2]
    if len(words) == 2 and re.fullmatch(r"-n\+?\d+", words[0]):
        return words[1]
    return _only(words) if words and not words[0].startswith("-") else None


def _read_range(words: Sequence[str]) -> str | None:
    """sed: `-n 1,5p file`."""
    fits = len(words) == 3 and words[0] == "-n" and _RANGE.fullmatch(words[1])
    return words[2] if fits else None


def _read_awk(words: Sequence[str]) -> str | None:
    return words[1] if len(words) == 2 else None


def _read_numbered(words: Sequence[str]) -> str | None:
    return _only(_operands(words, "nl"))


_READERS: dict[str, Callable[[Sequence[str]], str | None]] = {
    "cat": _read_plain,
    "less": _read_plain,
    "more": _read_plain,
    "bat": _read_plain,
    "batcat": _read_plain,
    "head": _read_part,
    "tail": _read_part,
    "sed": _read_range,
    "awk": _read_awk,
    "nl": _read_numbered,
}
