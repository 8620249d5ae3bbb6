"""The head of a skill file: the part of YAML that heads are written in, with the words that codex-cli has for the rest.

A block mapping of texts: plain, quoted, folded or literal, over one line or more; one level of mappings below it; a
flow mapping in one line. Lists and deeper mappings are known as such and not looked into (captured:
context/skills_heads, context/skills_broken).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pycodex.records import dataclass, field

__all__ = ["HeadError", "Node", "read_mapping", "text_of"]

_KEY = re.compile(r"""\s*(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#&*!|>'"%@`\[\]{},][^#]*?)\s*:(?=\s|$)""")
_NULLS = ("", "~", "null", "Null", "NULL")
_COMMENT = re.compile(r"(^|\s)#.*$")
_PROPERTY = re.compile(r"(&(?P<anchor>\S+)|!\S*)\s+")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}


class HeadError(ValueError):
    """What is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A value and where it begins (counted from 1). `kind`: text · null · sequence · map."""

    kind: str
    text: str = ""
    at: tuple[int, int] = (0, 0)
    """Line and column."""
    entries: Mapping[str, Node] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """As messages say it."""
        return f"at line {self.at[0]} column {self.at[1]}"


def read_mapping(text: str, known: Sequence[str], struct: str) -> Mapping[str, Node]:
    """The mapping that the text is, of which `known` keys may stand once; `struct` names it in messages.

    Raises HeadError.
    """
    reader = _Reader(text)
    first = reader.peek()
    if first is None:
        return {}
    line = reader.lines[first].strip()
    if line.startswith("{"):
        return _flow_mapping(line, first + 1)
    if line.startswith("- ") or line == "-" or line.startswith("["):
        raise HeadError(f"invalid type: sequence, expected struct {struct}")
    if _KEY.match(reader.lines[first]) is None:
        value = reader.value(first, 0, line, -1)
        raise HeadError(f'invalid type: string "{value.text}", expected struct {struct}')
    return reader.mapping(0, known)


def text_of(node: Node | None, name: str) -> str | None:
    """A text where one belongs. Raises HeadError for a list or a mapping."""
    if node is None or node.kind == "null":
        return None
    if node.kind != "text":
        raise HeadError(f"{name}: invalid type: {node.kind}, expected a string {node.where}")
    return node.text


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self._next = 0
        self._anchors: dict[str, Node] = {}

    def peek(self) -> int | None:
        """The number of the next line that says something."""
        while self._next < len(self.lines):
            if _COMMENT.sub("", self.lines[self._next]).strip():
                return self._next
            self._next += 1
        return None

    def mapping(self, indent: int, known: Sequence[str] = ()) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while (number := self.peek()) is not None and _indent(self.lines[number]) == indent:
            line = self.lines[number]
            match = _KEY.match(line)
            if match is None:
                raise HeadError(f"could not find expected ':' at line {number + 1} column {indent + 1}")
            key = _unquoted(match["key"])
            if key in entries and key in known:
                raise HeadError(f"duplicate field `{key}`")
            self._next = number + 1
            entries[key] = self.value(number, match.end(), line[match.end() :], indent)
        return entries

    def value(self, number: int, start: int, rest: str, indent: int) -> Node:
        """The value that begins on this line after `start` characters."""
        column = start + len(rest) - len(rest.lstrip()) + 1
        rest = rest.strip()
        self._next = max(self._next, number + 1)
        anchor = None
        while (match := _PROPERTY.match(rest + " ")) is not None and rest:
            anchor = match["anchor"] or anchor
            rest = rest[match.end() :] if match.end() < len(rest) else ""
        node = self._value(number, column, rest, indent)
        if anchor:
            self._anchors[anchor] = node
        return node

    def _value(self, number: int, column: int, rest: str, indent: int) -> Node:
        at = (number + 1, column)
        if rest[:1] in ('"', "'"):
            return Node(kind="text", text=self._quoted(rest, number, column), at=at)
        if rest[:1] in ("|", ">"):
            return Node(kind="text", text=self._block(rest[0] == ">", indent), at=at)
        if rest[:1] in ("[", "{"):
            return Node(kind="sequence" if rest[0] == "[" else "map", at=at)
        if rest.startswith("*"):
            return self._anchors.get(rest[1:], Node(kind="null", at=at))
        plain = _COMMENT.sub("", rest).strip()
        if not plain:
            return self._below(number, indent)
        text = self._plain(plain, rest, number, column, indent)
        return Node(kind="null" if text in _NULLS else "text", text=text, at=at)

    def _below(self, number: int, indent: int) -> Node:
        """The value of a key that has nothing on its own line."""
        following = self.peek()
        if following is None:
            return Node(kind="null")
        line = self.lines[following]
        inner = _indent(line)
        at = (following + 1, inner + 1)
        if inner >= indent and line.strip().startswith("- "):
            while (here := self.peek()) is not None and (
                _indent(self.lines[here]) > inner or self.lines[here].strip().startswith("- ")
            ):
                self._next = here + 1
            return Node(kind="sequence", at=at)
        if inner <= indent:
            return Node(kind="null")
        if _KEY.match(line):
            return Node(kind="map", entries=self.mapping(inner), at=at)
        return self.value(following, 0, line, indent)

    def _plain(self, plain: str, rest: str, number: int, column: int, indent: int) -> str:
        parts = [plain]
        _refuse_key(rest, number, column)
        while rest == plain and self._next < len(self.lines):
            line = self.lines[self._next]
            if line.startswith("\t"):
                raise HeadError(
                    f"found a tab character that violates indentation at line {self._next + 1} column 1, "
                    f"while scanning a plain scalar at line {number + 1} column {column}"
                )
            if not line.strip() or _indent(line) <= indent or line.lstrip().startswith("#"):
                break
            _refuse_key(line.strip(), self._next, _indent(line) + 1)
            parts.append(_COMMENT.sub("", line).strip())
            self._next += 1
        return " ".join(parts)

    def _quoted(self, rest: str, number: int, column: int) -> str:
        mark = rest[0]
        end = re.compile(r'"(?:[^"\\]|\\.)*"' if mark == '"' else r"'(?:[^']|'')*'", re.DOTALL)
        text, last = rest, number
        while (match := end.match(text)) is None:
            last += 1
            if last >= len(self.lines):
                ends = f"line {len(self.lines)} column {len(self.lines[-1]) + 1}"
                raise HeadError(
                    f"found unexpected end of stream at {ends}, "
                    f"while scanning a quoted scalar at line {number + 1} column {column}"
                )
            text += "\n" + self.lines[last]
        self._next = max(self._next, last + 1)
        whole = _unquoted(match[0])
        return " ".join(part.strip() for part in whole.split("\n")) if last > number else whole

    def _block(self, folded: bool, indent: int) -> str:
        parts: list[str] = []
        while self._next < len(self.lines):
            line = self.lines[self._next]
            if line.strip() and _indent(line) <= indent:
                break
            parts.append(line.strip())
            self._next += 1
        return (" " if folded else "\n").join(parts)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _refuse_key(text: str, number: int, column: int) -> None:
    """A plain text cannot have a key inside."""
    text = _COMMENT.sub("", text)
    match = re.search(r":(?=\s|$)", text)
    if match is not None:
        where = f"line {number + 1} column {column + match.start()}"
        raise HeadError(f"mapping values are not allowed in this context at {where}")


def _flow_mapping(line: str, number: int) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for part in line.strip().strip("{}").split(","):
        key, colon, value = part.partition(":")
        if colon:
            text = _unquoted(value.strip())
            entries[_unquoted(key.strip())] = Node(kind="null" if text in _NULLS else "text", text=text, at=(number, 1))
    return entries


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(_unescaped, text[1:-1])
    return text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)
