"""A patch read line by line: what a line means depends on the operation that is open, and every line must fit."""

from __future__ import annotations

from pycodex.patch.hunks import (
    ADD,
    BEGIN,
    CONTEXT,
    DELETE,
    END,
    END_OF_FILE,
    MOVE,
    UPDATE,
    Chunk,
    Hunk,
    InvalidHunk,
    InvalidPatch,
    Patch,
    bad_header,
    bad_line,
    inside,
)
from pycodex.records import dataclass, field
from pycodex.rust import trim, trim_end

__all__ = ["parse_by_line"]

_ENVIRONMENT = "*** Environment ID:"
_NO_LINES = "Update hunk does not contain any lines"


def parse_by_line(text: str) -> Patch:
    """The patch that `text` is. Raises PatchError."""
    reader = _Reader()
    *found, last = inside(text)
    for number, line in enumerate(found, 1):
        # `inside` took one carriage return off each line's end; the reader takes another one (measured).
        reader.read(line.removesuffix("\r"), number)
    # Around the marker that ends the patch there may be white space, also where a line that begins with a blank is
    # one of a file's. It may stand there once more (captured: fuzz/patch_two_ends).
    if not reader.ended:
        reader.read(trim(last), len(found) + 1)
    hunks = tuple(each.made() for each in reader.open)
    return Patch(hunks=hunks, text="\n".join([*found, last]), environment=reader.environment)


@dataclass(kw_only=True)
class _OpenChunk:
    context: str | None = None
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    kept: list[tuple[int, int]] = field(default_factory=list)
    at_end: bool = False

    @property
    def empty(self) -> bool:
        return not self.old and not self.new

    def made(self) -> Chunk:
        return Chunk(
            context=self.context,
            old=tuple(self.old),
            new=tuple(self.new),
            kept=tuple(self.kept),
            at_end=self.at_end,
        )


@dataclass(kw_only=True)
class _OpenHunk:
    kind: str
    path: str
    line: int
    content: list[str] = field(default_factory=list)
    move_to: str | None = None
    chunks: list[_OpenChunk] = field(default_factory=list)

    def made(self) -> Hunk:
        return Hunk(
            kind=self.kind,  # type: ignore[arg-type]
            path=self.path,
            content="".join(self.content),
            move_to=self.move_to,
            chunks=tuple(chunk.made() for chunk in self.chunks),
        )


class _Reader:
    """Takes the lines in order. `open`: the operations so far, of which the last one is being read."""

    def __init__(self) -> None:
        self.open: list[_OpenHunk] = []
        self.environment: str | None = None
        self.begun = False
        self.ended = False

    def read(self, line: str, number: int) -> None:
        """One line. Raises PatchError."""
        if self.ended:
            if trim(line):
                raise InvalidPatch(f"The last line of the patch must be '{END}'")
        elif not self.begun:
            self.begun = True
            if trim(line) != BEGIN:
                raise InvalidPatch(f"The first line of the patch must be '{BEGIN}'")
        elif not self.open:
            self._between(line, number)
        elif self.open[-1].kind == "update":
            # Inside an update a line that begins with a blank is one of the file's, whatever stands in it.
            if not self._header(trim_end(line), number):
                self._changed(line, number)
        elif not self._header(trim(line), number):
            if self.open[-1].kind == "delete" or not line.startswith("+"):
                raise InvalidHunk(number, bad_header(trim(line)))
            self.open[-1].content.append(f"{line[1:]}\n")

    def _between(self, line: str, number: int) -> None:
        header = trim(line)
        if header.startswith(_ENVIRONMENT):
            if self.environment is not None:
                raise InvalidPatch("apply_patch environment_id cannot be specified more than once")
            self.environment = trim(header.removeprefix(_ENVIRONMENT))
            if not self.environment:
                raise InvalidPatch("apply_patch environment_id cannot be empty")
        elif not self._header(header, number):
            raise InvalidHunk(number, bad_header(header))

    def _header(self, line: str, number: int) -> bool:
        """Whether the line begins an operation or ends the patch; if so, it does."""
        if line == END:
            self._check_filled(line, number)
            self.ended = True
            return True
        for kind, marker in (("add", ADD), ("delete", DELETE), ("update", UPDATE)):
            if line.startswith(marker):
                self._check_filled(line, number)
                self.open.append(_OpenHunk(kind=kind, path=line.removeprefix(marker), line=number))
                return True
        return False

    def _check_filled(self, line: str, number: int) -> None:
        """An update that ends here has chunks, and its last one has lines."""
        if not self.open or self.open[-1].kind != "update":
            return
        last = self.open[-1]
        if not last.chunks:
            raise InvalidHunk(last.line, f"Update file hunk for path '{last.path}' is empty")
        if last.chunks[-1].empty:
            raise InvalidHunk(number, _NO_LINES if line == END else bad_line(line))

    def _changed(self, line: str, number: int) -> None:
        """A line inside an update."""
        hunk, word = self.open[-1], trim_end(line)
        last = hunk.chunks[-1] if hunk.chunks else None
        marks = word == CONTEXT or word.startswith(f"{CONTEXT} ")
        if last is not None and last.at_end:
            if not word:
                return
            if not marks:
                raise InvalidHunk(number, f"Expected update hunk to start with a @@ context marker, got: '{line}'")
        if last is None and hunk.move_to is None and word.startswith(MOVE):
            hunk.move_to = word.removeprefix(MOVE)
        elif marks:
            if last is not None and last.empty:
                raise InvalidHunk(number, bad_line(line))
            context = None if word == CONTEXT else word.removeprefix(f"{CONTEXT} ")
            hunk.chunks.append(_OpenChunk(context=context))
        elif word == END_OF_FILE:
            if last is not None and last.empty:
                raise InvalidHunk(number, _NO_LINES)
            if last is not None:
                last.at_end = True
        else:
            self._line(line, number)

    def _line(self, line: str, number: int) -> None:
        hunk = self.open[-1]
        if line and line[0] not in " +-":
            if hunk.chunks and not hunk.chunks[-1].empty:
                raise InvalidHunk(number, f"Expected update hunk to start with a @@ context marker, got: '{line}'")
            raise InvalidHunk(number, bad_line(line))
        if not hunk.chunks:
            hunk.chunks.append(_OpenChunk())
        chunk = hunk.chunks[-1]
        if not line or line[0] == " ":
            chunk.kept.append((len(chunk.old), len(chunk.new)))
        if not line.startswith("+"):
            chunk.old.append(line[1:])
        if not line.startswith("-"):
            chunk.new.append(line[1:])
