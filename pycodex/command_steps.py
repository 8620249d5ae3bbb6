"""What one command is about: reading a file, listing, searching, or something else. A table by the program's name.

Found with some 340 command lines, whose steps are tests/pycodex/parsed_commands.json (scenario shell/parsed_words).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from pycodex.shell import shlex_join

__all__ = ["Step", "is_filter", "step_of"]

Step = dict[str, Any]
Words = Sequence[str]
Summary = Callable[[Words], Step | None]

_HIDDEN_FOLDERS = frozenset(("build", "dist", "node_modules", "src"))
_JOINTS = frozenset(("&&", "||", "|", ";"))
_RANGE = re.compile(r"[0-9]+(,[0-9]+)?p")
_PYTHON = re.compile(r"python([23](\..*)?)?", re.DOTALL)
_WALKS = ("os.walk", "os.listdir", "os.scandir", "glob.glob", "glob.iglob", "pathlib.Path", ".rglob(")
_COUNTS = {"head": re.compile(r"[0-9]*"), "tail": re.compile(r"\+?[0-9]+")}
_FILTER_COUNTS = {"head": re.compile(r"[0-9]*"), "tail": re.compile(r"\+?[0-9]*")}


def step_of(argv: Words) -> Step:
    """The step of one command."""
    found = _summary(argv[0], argv[1:]) or {"type": "unknown"}
    return {"type": found["type"], "cmd": shlex_join(argv), **found}


def is_filter(argv: Words) -> bool:
    """Whether a command only forms what others print, so that nothing is told of it."""
    name, words = argv[0], argv[1:]
    if name in ("head", "tail"):
        if len(words) == 2:
            return words[0] in ("-n", "-c") and bool(_FILTER_COUNTS[name].fullmatch(words[1]))
        return not words or (len(words) == 1 and words[0].startswith("-"))
    if name == "xargs":
        return not _changes_files(_run_by_xargs(words))
    if name == "awk":
        return _awk_file(words) is None
    return name in _FILTERS or (name == "sed" and _sed_file(words) is None)


_FILTERS = frozenset(("wc", "tr", "cut", "sort", "uniq", "tee", "column", "yes", "printf"))


def _summary(name: str, words: Words) -> Step | None:
    if name == "git" and words:
        name, words = f"git {words[0]}", words[1:]
    if name in _SUMMARIES:
        return _SUMMARIES[name](words)
    if _PYTHON.fullmatch(name):
        return _listing(None) if _walks(words) else None
    return None


def _listing(path: str | None) -> Step:
    return {"type": "list_files", "path": None if path is None else _short(path)}


def _search(query: str | None, path: str | None) -> Step:
    return {"type": "search", "query": query, "path": None if path is None else _short(path)}


def _reading(path: str | None) -> Step | None:
    return None if path is None else {"type": "read", "name": _short(path), "path": path}


def _short(path: str) -> str:
    """The last part of a path that says something."""
    whole = path.replace("\\", "/").rstrip("/")
    parts = [part for part in whole.split("/") if part and part not in _HIDDEN_FOLDERS]
    return parts[-1] if parts else whole


# Two ways to find what is not an option: they differ in what stands behind `--`.


def _operands(words: Words, valued: Collection[str] = ()) -> list[str]:
    """The words that are neither options nor values of these; all words behind `--`."""
    before, behind = _split(words, valued)
    return [word for word in before if not word.startswith("-")] + behind


def _undashed(words: Words, valued: Collection[str] = ()) -> list[str]:
    """The words that are neither options nor values of these, wherever they stand, up to a word that looks like a
    joint."""
    before, behind = _split(_up_to_joint(words), valued)
    return [word for word in (*before, *behind) if not word.startswith("-")]


def _split(words: Words, valued: Collection[str]) -> tuple[list[str], list[str]]:
    """The words before `--` without values, and the words behind it."""
    before: list[str] = []
    place = 0
    while place < len(words):
        word = words[place]
        if word == "--":
            return before, list(words[place + 1 :])
        if word in valued:
            place += 1
        elif not (word.startswith("--") and "=" in word):
            before.append(word)
        place += 1
    return before, []


def _up_to_joint(words: Words) -> Words:
    return words[: next((place for place, word in enumerate(words) if word in _JOINTS), len(words))]


def _first(words: Words) -> str | None:
    return words[0] if words else None


def _second(words: Words) -> str | None:
    return words[1] if len(words) > 1 else None


def _lister(*valued: str) -> Summary:
    return lambda words: _listing(_first(_operands(words, valued)))


def _reader(*valued: str) -> Summary:
    def read(words: Words) -> Step | None:
        found = _operands(words, valued)
        return _reading(found[0]) if len(found) == 1 else None

    return read


def _searcher(*valued: str) -> Summary:
    def search(words: Words) -> Step:
        found = _undashed(words, valued)
        return _search(_first(found), _second(found))

    return search


def _ripgrep(words: Words) -> Step:
    found = _undashed(words, _RIPGREP_VALUED)
    listed = "--files" in _up_to_joint(words)
    return _listing(_first(found)) if listed else _search(_first(found), _second(found))


_RIPGREP_VALUED = frozenset(
    ("-g", "--glob", "--iglob", "-t", "--type", "--type-add", "--type-not", "-m", "--max-count", "-A", "-B", "-C")
) | {"--context", "--max-depth"}


def _grep(words: Words) -> Step:
    """The first pattern of an option is the query, else the first operand."""
    queries: list[str] = []
    rest: list[str] = []
    waiting = list(_up_to_joint(words))
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            rest += waiting
            break
        if word in _GREP_QUERIES or word in _GREP_VALUED:
            value = waiting.pop(0) if waiting else None
            if word in _GREP_QUERIES and value is not None:
                queries.append(value)
        elif not word.startswith("-"):
            rest.append(word)
    return _search(queries[0], _first(rest)) if queries else _search(_first(rest), _second(rest))


_GREP_QUERIES = frozenset(("-e", "--regexp", "-f", "--file"))
_GREP_VALUED = frozenset(("-m", "--max-count", "-C", "--context", "-A", "--after-context", "-B", "--before-context"))


def _fd(words: Words) -> Step:
    found = _undashed(words, ("-t", "--type", "-e", "--extension", "-E", "--exclude", "--search-path"))
    if not found:
        return _listing(None)
    if len(found) == 1 and (found[0] in (".", "..") or "/" in found[0] or "\\" in found[0]):
        return _listing(found[0])
    return _search(found[0], _second(found))


def _find(words: Words) -> Step:
    words = _up_to_joint(words)
    path = next((word for word in words if not word.startswith("-") and word not in ("!", "(", ")")), None)
    named = next((place for place, word in enumerate(words) if word in _FIND_QUERIES), len(words))
    return _search(words[named + 1], path) if named + 1 < len(words) else _listing(path)


_FIND_QUERIES = frozenset(("-name", "-iname", "-path", "-regex"))


def _part_reader(name: str) -> Summary:
    """head, tail: `FILE`, `-n 5 FILE`, `-n5 FILE`."""

    def read(words: Words) -> Step | None:
        count, rest = None, words[1:]
        if words and words[0] == "-n":
            count, rest = _second(words), words[2:]
        elif words and words[0].startswith("-n"):
            count = words[0][2:]
        if count is not None and _COUNTS[name].fullmatch(count):
            path = next((word for word in rest if not word.startswith("-")), None)
            if path is not None:
                return _reading(path)
        return _reading(words[0]) if len(words) == 1 and not words[0].startswith("-") else None

    return read


def _numbered(words: Words) -> Step | None:
    before, behind = _split(words, ("-s", "-w", "-v", "-i", "-b"))
    return _reading(next((word for word in (*before, *behind) if not word.startswith("-")), None))


def _awk_file(words: Words) -> str | None:
    found = _undashed(words, ("-F", "-v", "-f", "--field-separator", "--assign", "--file"))
    scripted = any(word in ("-f", "--file") for word in _up_to_joint(words))
    return _first(found) if scripted else _second(found)


def _sed_file(words: Words) -> str | None:
    """The file of a sed that prints some lines and nothing else."""
    words = _up_to_joint(words)
    ranged = any(not word.startswith("-") and _RANGE.fullmatch(word) for word in words)
    if "-n" not in words or not ranged:
        return None
    found = _undashed(words, ("-e", "-f", "--expression", "--file"))
    return _second(found) if found and _RANGE.fullmatch(found[0]) else _first(found)


def _walks(words: Words) -> bool:
    words = _up_to_joint(words)
    place = next((place for place, word in enumerate(words[:-1]) if word == "-c"), None)
    return place is not None and any(walk in words[place + 1] for walk in _WALKS)


def _run_by_xargs(words: Words) -> Words:
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] == "--":
            return words[place + 1 :]
        place += 2 if words[place] in ("-E", "-e", "-I", "-L", "-n", "-P", "-s") else 1
    return words[place:]


def _changes_files(argv: Words) -> bool:
    name, words = (argv[0], argv[1:]) if argv else ("", ())
    if name == "rg":
        return "--replace" in words
    in_place = any(word.startswith(("-i", "-pi")) or (name == "sed" and word == "--in-place") for word in words)
    return name in ("perl", "ruby", "sed") and in_place


_LISTERS = {
    "ls": _lister("-I", "-w", "--block-size", "--format", "--time-style", "--color", "--quoting-style"),
    "eza": _lister("-I", "--ignore-glob", "--color", "--sort", "--time-style", "--time"),
    "tree": _lister("-L", "-P", "-I", "--charset", "--filelimit", "--sort"),
    "du": _lister("-d", "--max-depth", "-B", "--block-size", "--exclude", "--time-style"),
    "git ls-files": _lister("--exclude", "--exclude-from", "--pathspec-from-file"),
}
_AG = _searcher("-G", "-g", "--file-search-regex", "--ignore-dir", "--ignore-file", "--path-to-ignore")
_BAT = _reader(
    "--theme", "--language", "--style", "--terminal-width", "--tabs", "--line-range", "--map-syntax"
)  # fmt: skip
_LESS = _reader(
    "-p", "-P", "-x", "-y", "-z", "-j", "--pattern", "--prompt", "--tabs", "--shift", "--jump-target"
)  # fmt: skip
_SUMMARIES: dict[str, Summary] = {
    **_LISTERS,
    "exa": _LISTERS["eza"],
    **dict.fromkeys(("rg", "rga", "ripgrep-all"), _ripgrep),
    **dict.fromkeys(("grep", "egrep", "fgrep", "git grep"), _grep),
    **dict.fromkeys(("ag", "ack", "pt"), _AG),
    "fd": _fd,
    "find": _find,
    "cat": _reader(),
    "more": _reader(),
    "bat": _BAT,
    "batcat": _BAT,
    "less": _LESS,
    "head": _part_reader("head"),
    "tail": _part_reader("tail"),
    "nl": _numbered,
    "awk": lambda words: _reading(_awk_file(words)),
    "sed": lambda words: _reading(_sed_file(words)),
}
