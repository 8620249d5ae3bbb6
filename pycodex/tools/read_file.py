"""The tool read_file: lines of a file by number, or the block of lines around one of them by indentation."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pycodex.arguments import BOOL, STRING, USIZE, Enum, Field, Struct
from pycodex.records import dataclass
from pycodex.rust import os_error
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool

__all__ = ["ReadFile"]

_LONGEST = 500
_TAB = 4
_COMMENTS = ("#", "//", "--")
_USUAL: dict[str, Any] = {
    "anchor_line": None,
    "max_levels": 0,
    "include_siblings": False,
    "include_header": True,
    "max_lines": None,
}

_INDENTATION = Struct(
    name="IndentationArgs",
    fields=(
        Field("anchor_line", USIZE, optional=True),
        Field("max_levels", USIZE, default=0),
        Field("include_siblings", BOOL, default=False),
        Field("include_header", BOOL, default=True),
        Field("max_lines", USIZE, optional=True),
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Line:
    number: int
    text: str
    shown: str
    indent: int
    """Of a blank line: that of the line before it."""


class ReadFile(FunctionTool):
    """`read_file`."""

    name = "read_file"
    struct = Struct(
        name="ReadFileArgs",
        fields=(
            Field("file_path", STRING, required=True),
            Field("offset", USIZE, default=1),
            Field("limit", USIZE, default=2000),
            Field("mode", Enum(name="ReadMode", variants=("slice", "indentation")), default="slice"),
            Field("indentation", _INDENTATION, optional=True),
        ),
    )

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        if args["offset"] == 0:
            raise ToolError("offset must be a 1-indexed line number")
        if args["limit"] == 0:
            raise ToolError("limit must be greater than zero")
        path = Path(args["file_path"])
        if not path.is_absolute():
            raise ToolError("file_path must be an absolute path")
        if args["mode"] == "slice":
            return _slice(_lines(path), args["offset"], args["limit"])
        return _block(path, args["offset"], args["limit"], args["indentation"] or _USUAL)


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ToolError(f"failed to read file: {os_error(error)}") from None
    lines = data.split(b"\n")
    ended = [line.removesuffix(b"\r") for line in lines[:-1]]
    return [line.decode(errors="replace") for line in (*ended, *([lines[-1]] if lines[-1] else ()))]


def _shown(text: str) -> str:
    return text.encode()[:_LONGEST].decode(errors="ignore")


def _slice(lines: list[str], offset: int, limit: int) -> str:
    if len(lines) < offset:
        raise ToolError("offset exceeds file length")
    chosen = enumerate(lines[offset - 1 : offset - 1 + limit], offset)
    return "\n".join(f"L{number}: {_shown(text)}" for number, text in chosen)


def _measured(lines: list[str]) -> list[_Line]:
    found, indent = [], 0
    for number, text in enumerate(lines, 1):
        if text.strip():
            blanks = text[: len(text) - len(text.lstrip(" \t"))]
            indent = sum(_TAB if blank == "\t" else 1 for blank in blanks)
        found.append(_Line(number=number, text=text, shown=_shown(text), indent=indent))
    return found


def _block(path: Path, offset: int, limit: int, options: Mapping[str, Any]) -> str:
    anchor = offset if options["anchor_line"] is None else options["anchor_line"]
    if anchor == 0:
        raise ToolError("anchor_line must be a 1-indexed line number")
    most = limit if options["max_lines"] is None else options["max_lines"]
    if most == 0:
        raise ToolError("max_lines must be greater than zero")
    lines = _measured(_lines(path))
    if anchor > len(lines):
        raise ToolError("anchor_line exceeds file length")
    levels = options["max_levels"]
    least = max(0, lines[anchor - 1].indent - levels * _TAB) if levels else 0
    chosen = _around(lines, anchor - 1, min(limit, most, len(lines)), least, options)
    return "\n".join(f"L{line.number}: {line.shown}" for line in chosen)


def _around(lines: list[_Line], at: int, most: int, least: int, options: Mapping[str, Any]) -> list[_Line]:
    """The lines around one, a step up and a step down in turn, as far as they are indented enough.

    Of the lines at the outermost level one is taken on each side, and above it comments, unless siblings are wanted.
    """
    if most == 1:
        return [lines[at]]
    taken = deque([lines[at]])
    up, down, outer_up, outer_down = at - 1, at + 1, 0, 0
    alone = not options["include_siblings"]
    moved = True
    while moved and len(taken) < most:
        moved = False
        if up >= 0:
            line = lines[up]
            header = options["include_header"] and line.text.strip().startswith(_COMMENTS)
            outer = line.indent == least and alone
            if line.indent < least or (outer and not header and outer_up > 0):
                up = -1
            else:
                taken.appendleft(line)
                outer_up += outer
                up, moved = up - 1, True
            if len(taken) >= most:
                break
        if down < len(lines):
            line = lines[down]
            outer = line.indent == least and alone
            if line.indent < least or (outer and outer_down > 0):
                down = len(lines)
            else:
                taken.append(line)
                outer_down += outer
                down, moved = down + 1, True
    while taken and not taken[0].text.strip():
        taken.popleft()
    while taken and not taken[-1].text.strip():
        taken.pop()
    return list(taken)
