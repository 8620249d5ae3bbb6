"""Variables from a `.env` file, by the rules of the Rust crate that codex-cli reads it with (dotenvy)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

__all__ = ["parse_dotenv", "unreadable_lines"]

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=[ \t]*(.*)", re.DOTALL)
_ESCAPED = {"\\": "\\", "'": "'", '"': '"', "$": "$", " ": " ", "n": "\n"}


_Lookup = Callable[[str], str]


class _BadLine(Exception):
    pass


def parse_dotenv(text: str, env: Mapping[str, str]) -> dict[str, str]:
    """The variables in order; a line that cannot be read is left out. `$NAME` stands for the variable of
    `env`, else for one further up in the file, else for nothing."""
    return _parse(text, env)[0]


def unreadable_lines(text: str) -> list[int]:
    """The numbers of the lines that are left out although they hold something; a value that goes over several lines
    counts as its first one, and so does one whose quote is never closed."""
    return _parse(text, {})[1]


def _parse(text: str, env: Mapping[str, str]) -> tuple[dict[str, str], list[int]]:
    found: dict[str, str] = {}
    left_out: list[int] = []
    for number, line in _logical_lines(text):
        match = _LINE.match(line)
        try:
            if match is None:
                raise _BadLine
            found[match[1]] = _value(match[2].strip(), lambda name: env.get(name, found.get(name, "")))
        except _BadLine:
            if line.strip():
                left_out.append(number)
    return found, left_out


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, where a quoted value may go over several."""
    pending, first = "", 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not pending:
            if line.lstrip().startswith("#"):
                continue
            first = number
        pending += line
        if not _is_open(pending):
            yield first, pending.rstrip("\n")
            pending = ""
    if pending:
        yield first, pending.rstrip("\n")


def _is_open(text: str) -> bool:
    """Whether a quote is still open at the end."""
    quote, escaped, before = "", False, ""
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and before in " \t":
            return False
        before = character
    return bool(quote)


def _value(text: str, lookup: _Lookup) -> str:
    out: list[str] = []
    at = 0
    quote = ""
    while at < len(text):
        character = text[at]
        at += 1
        if quote == "'":
            quote = "" if character == "'" else quote
            out += "" if character == "'" else character
        elif character == "\\":
            if at >= len(text) or text[at] not in _ESCAPED:
                raise _BadLine
            out.append(_ESCAPED[text[at]])
            at += 1
        elif character == "$":
            name, at = _name(text, at)
            out.append(lookup(name))
            # The reader takes the character that ends a name as it is, a quote too.
            if at < len(text) and text[at - 1] != "}" and text[at] != "$":
                out.append(text[at])
                at += 1
        elif quote:
            quote = "" if character == '"' else quote
            out += "" if character == '"' else character
        elif character in "'\"":
            quote = character
        elif character in " \t":
            rest = text[at:].lstrip(" \t")
            if rest and not rest.startswith("#"):
                raise _BadLine
            break
        else:
            out.append(character)
    if quote:
        raise _BadLine
    return "".join(out)


def _name(text: str, at: int) -> tuple[str, int]:
    """The name after a `$`, and where it ends."""
    if text[at : at + 1] == "{":
        end = text.find("}", at)
        if end < 0:
            raise _BadLine
        return text[at + 1 : end], end + 1
    end = at
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[at:end], end
