"""The tool list_dir: the entries of a folder and of those in it, by their paths."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from pycodex.arguments import STRING, USIZE, Field, Struct
from pycodex.rust import os_error
from pycodex.tools.base_tool import ToolContext, ToolError
from pycodex.tools.function_tool import FunctionTool

__all__ = ["ListDir"]

_LONGEST = 500


class ListDir(FunctionTool):
    """`list_dir`."""

    name = "list_dir"
    struct = Struct(
        name="ListDirArgs",
        fields=(
            Field("dir_path", STRING, required=True),
            Field("offset", USIZE, default=1),
            Field("limit", USIZE, default=25),
            Field("depth", USIZE, default=2),
        ),
    )

    async def run(self, context: ToolContext, args: Mapping[str, Any]) -> str:
        offset, limit, depth, folder = args["offset"], args["limit"], args["depth"], args["dir_path"]
        if offset == 0:
            raise ToolError("offset must be a 1-indexed entry number")
        if limit == 0:
            raise ToolError("limit must be greater than zero")
        if depth == 0:
            raise ToolError("depth must be greater than zero")
        if not os.path.isabs(folder):
            raise ToolError("dir_path must be an absolute path")
        try:
            entries = sorted(_entries(folder, "", depth))
        except (OSError, ValueError) as error:
            raise ToolError(f"failed to read directory: {os_error(error)}") from None
        if entries and offset > len(entries):
            raise ToolError("offset exceeds directory entry count")
        shown = [line for _, line in entries[offset - 1 : offset - 1 + limit]]
        if offset - 1 + len(shown) < len(entries):
            shown.append(f"More than {len(shown)} entries found")
        return "\n".join((f"Absolute path: {folder}", *shown))


def _entries(folder: str, below: str, depth: int) -> Iterator[tuple[bytes, str]]:
    """(what it is sorted by, its line) of each entry."""
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        path = f"{below}{entry.name}"
        yield _cut(path).encode(errors="replace"), f"{'  ' * path.count('/')}{_cut(entry.name)}{_mark(entry)}"
        if depth > 1 and entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path, f"{path}/", depth - 1)


def _cut(name: str) -> str:
    shown = os.fsencode(name).decode(errors="replace")
    return shown.encode()[:_LONGEST].decode(errors="ignore")


def _mark(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "@"
    if entry.is_dir():
        return "/"
    return "" if entry.is_file() else "?"
