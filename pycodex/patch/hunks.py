"""What a patch says, as data; and the words of its format."""

from __future__ import annotations

from typing import Literal

from pycodex.records import dataclass
from pycodex.rust import lines, trim

__all__ = [
    "ADD",
    "BEGIN",
    "CONTEXT",
    "DELETE",
    "END",
    "END_OF_FILE",
    "MOVE",
    "UPDATE",
    "Chunk",
    "Hunk",
    "InvalidHunk",
    "InvalidPatch",
    "Patch",
    "PatchError",
    "bad_header",
    "bad_line",
    "inside",
]

BEGIN = "*** Begin Patch"
END = "*** End Patch"
ADD = "*** Add File: "
DELETE = "*** Delete File: "
UPDATE = "*** Update File: "
MOVE = "*** Move to: "
END_OF_FILE = "*** End of File"
CONTEXT = "@@"

_HEREDOC_STARTS = ("<<EOF", "<<'EOF'", '<<"EOF"')
_SHORTEST_HEREDOC = 4  # its two lines, and the two of an empty patch


class PatchError(Exception):
    """The patch cannot be applied; the message is for the model."""


class InvalidPatch(PatchError):
    """The text is no patch."""

    def __init__(self, message: str) -> None:
        super().__init__(f"invalid patch: {message}")


class InvalidHunk(PatchError):
    """A line of the patch is wrong. Lines count from 1, the marker of the beginning."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"invalid hunk at line {line}, {message}")
        self.line, self.message = line, message


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Lines of a file to be replaced by others.

    `context`: a line that stands before them. `kept`: pairs of indices into `old` and `new` of the lines that were
    written as unchanged. `at_end`: the lines are the last of the file.
    """

    context: str | None
    old: tuple[str, ...]
    new: tuple[str, ...]
    kept: tuple[tuple[int, int], ...]
    at_end: bool


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """One file operation. Paths are as written. `content` belongs to add, `move_to` and `chunks` to update."""

    kind: Literal["add", "delete", "update"]
    path: str
    content: str = ""
    move_to: str | None = None
    chunks: tuple[Chunk, ...] = ()

    @property
    def told_path(self) -> str:
        """The path under which people are told of it: of a move, where the file went."""
        return self.path if self.move_to is None else self.move_to


@dataclass(frozen=True, kw_only=True)
class Patch:
    """`text`: its lines from marker to marker, with line feeds between them. `environment`: the id of the place it is
    for, where it names one."""

    hunks: tuple[Hunk, ...]
    text: str
    environment: str | None = None


def inside(text: str) -> list[str]:
    """The lines of a patch, its markers too; white space around it and a heredoc's own lines are left out.

    Raises InvalidPatch when the markers are missing.
    """
    found = lines(trim(text))
    wrong = _markers_missing(found)
    if wrong is None:
        return found
    wrapped = len(found) >= _SHORTEST_HEREDOC and found[0] in _HEREDOC_STARTS and found[-1].endswith("EOF")
    if wrapped:
        found = found[1:-1]
        wrong = _markers_missing(found)
    if wrong is not None:
        raise InvalidPatch(wrong)
    return found


def _markers_missing(found: list[str]) -> str | None:
    if found and trim(found[0]) != BEGIN:
        return f"The first line of the patch must be '{BEGIN}'"
    if not found or trim(found[-1]) != END:
        return f"The last line of the patch must be '{END}'"
    return None


def bad_header(line: str) -> str:
    """The text for a line that should have begun a file operation."""
    known = ", ".join(f"'{header}{{path}}'" for header in (ADD, DELETE, UPDATE))
    return f"'{line}' is not a valid hunk header. Valid hunk headers: {known}"


def bad_line(line: str) -> str:
    """The text for a line that a chunk cannot hold."""
    return (
        f"Unexpected line found in update hunk: '{line}'. Every line should start with ' ' (context line), "
        "'+' (added line), or '-' (removed line)"
    )
