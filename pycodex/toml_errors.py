"""What is wrong with a TOML file, in the words and the layout of Rust's toml crate.

Python's tomllib finds the errors; its messages are few, so the common ones are translated by looking at the
place. An error that is not known here keeps tomllib's words, at tomllib's place.
"""

from __future__ import annotations

import re
import tomllib

__all__ = ["locate_value", "render", "syntax_error"]

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_ESCAPES = 'missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `"`, `x`, `u`, `U`'
_BARE = re.compile(r"[^\s,\]}#]*")


def render(path: str, text: str, line: int, column: int, message: str, width: int = 1) -> str:
    """`path:line:column: message` and the line with carets below it. Lines and columns (characters) count
    from 1."""
    source = (text.splitlines() or [""])[line - 1 :][:1]
    shown = source[0] if source else ""
    pad = " " * len(str(line))
    return (
        f"{path}:{line}:{column}: {message}\n{pad} |\n{line} | {shown}\n"
        f"{pad} | {' ' * (column - 1)}{'^' * max(1, width)}"
    )


def syntax_error(path: str, text: str, error: tomllib.TOMLDecodeError, *, end_counts_newline: bool) -> str:
    """The rendered error. `end_counts_newline`: an array or table that the file's end leaves open is reported
    behind the last newline's place (else at the end of the line)."""
    match = _PLACE.search(str(error))
    message = str(error)[: match.start()] if match else str(error)
    lines = text.split("\n")
    if match and match[1]:
        line, column = int(match[1]), int(match[2])
    else:
        line = max(1, len(lines) - 1 if text.endswith("\n") else len(lines))
        column = len(lines[line - 1]) + 1
    line, column, message, width = _translated(
        message, [*lines, ""], line, column, end_counts_newline=end_counts_newline
    )
    return render(path, text, line, column, message, width)


def _translated(
    message: str, lines: list[str], line: int, column: int, *, end_counts_newline: bool
) -> tuple[int, int, str, int]:
    current = lines[line - 1].rstrip("\r")
    rest = current[column - 1 :]
    behind = int(end_counts_newline and not rest)
    if message.startswith(("Invalid value", "Unexpected character")) or (message == "Invalid initial character"):
        return _bad_value(current, line, column, rest)
    if message.startswith("Expected '=' after a key"):
        return line, column, "key with no value, expected `=`", 1
    if message.startswith(("Illegal character", "Unterminated string", 'Expected "')):
        quote = _open_quote(current)
        kind = "literal" if quote == "'" else "basic"
        return line, len(current) + 1, f"invalid {kind} string, expected `{quote}`", 1
    if message.startswith("Unescaped '\\'"):
        return line, column - 1, _ESCAPES, 1
    if message.startswith("Expected newline or end of document"):
        # tomllib reads a leading zero as a number that ended.
        if re.search(r"[=\[,{]\s*[+-]?0$", current[: column - 1]) and rest[:1].isdigit():
            return line, column - 1, "unexpected leading zero, expected nothing", 1
        return line, column, "unexpected key or value, expected newline, `#`", 1
    if message.startswith("Unclosed array"):
        return line, column + behind, "unclosed array, expected `]`", 1
    if message.startswith("Unclosed inline table"):
        return line, column + behind, "unclosed inline table, expected `}`", 1
    if message.startswith("Expected ']'"):
        return line, column, "unclosed table, expected `]`", 1
    if message.startswith("Cannot overwrite a value"):
        key = re.match(r"\s*([^\s=.]+)", current)
        start, end = key.span(1) if key else (0, 1)
        return line, start + 1, "duplicate key", end - start
    if message.startswith("Cannot declare"):
        header = re.match(r"\s*\[+\s*([^\]]*?)\s*\]", current)
        start, end = header.span(1) if header else (0, 1)
        return line, start + 1, "duplicate key", end - start
    if message.startswith("Invalid statement"):
        if rest.startswith("="):
            return line, column, "unquoted keys cannot be empty, expected letters, numbers, `-`, `_`", 1
        return line, column, "invalid unquoted key, expected letters, numbers, `-`, `_`", 1
    return line, column, message[:1].lower() + message[1:], 1


def _bad_value(current: str, line: int, column: int, rest: str) -> tuple[int, int, str, int]:
    word = _BARE.match(rest)
    width = len(word[0]) if word else 0
    for literal in ("true", "false"):
        if rest[:1] == literal[0]:
            return line, column, f"invalid boolean, expected `{literal}`", width
    return line, column, "string values must be quoted, expected literal string", width


def _open_quote(line: str) -> str:
    """The quote that is open at the end of a line."""
    quote, escaped = "", False
    for character in line:
        if escaped:
            escaped = False
        elif quote == '"' and character == "\\":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return quote or '"'


def locate_value(text: str, keys: tuple[str, ...]) -> tuple[int, int, int] | None:
    """Line, column and width of the value at `keys`, where it stands plainly: `key = value` in its table, or the
    header of a table."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?$", line)
        if header:
            table = _keys(header[1])
            if table == keys:
                return number, line.index("[") + 1, len(header[1]) + 2
            continue
        entry = re.match(r"(\s*([^=#]+?)\s*=\s*)(.*?)\s*(?:#.*)?$", line)
        if entry and (*table, *_keys(entry[2])) == keys:
            return number, len(entry[1]) + 1, len(entry[3])
    return None


def _keys(dotted: str) -> tuple[str, ...]:
    parts = re.findall(r'"([^"]*)"|\'([^\']*)\'|([A-Za-z0-9_-]+)', dotted)
    return tuple(next(part for part in group if part or group == ("", "", "")) for group in parts)
