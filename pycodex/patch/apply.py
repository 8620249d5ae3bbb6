"""The changes of a patch on the disk, one operation after the other; the first that fails ends it."""

from __future__ import annotations

import os
from typing import Literal

from pycodex.patch.action import read, resolve
from pycodex.patch.hunks import Hunk, Patch, PatchError
from pycodex.patch.style import PatchStyle
from pycodex.records import dataclass, field

__all__ = ["Applied", "Done", "apply"]


@dataclass(frozen=True, kw_only=True)
class Done:
    """An operation that was carried out: texts of the file before and after, None where there is no file.

    `over`: what stood where a file was moved to. `exact`: whether these say all of it (a link was not followed, nothing
    but text was overwritten).
    """

    kind: Literal["add", "delete", "update"]
    path: str
    before: str | None
    after: str | None
    move_to: str | None = None
    over: str | None = None
    exact: bool = True


@dataclass(kw_only=True)
class Applied:
    """How it went. `error`: why it stopped, if it did."""

    done: list[Done] = field(default_factory=list)
    summary: str = ""
    error: str | None = None
    exact: bool = True
    """Whether `done` says all that was changed."""


def apply(patch: Patch, cwd: str, style: PatchStyle) -> Applied:
    """Carry out the patch."""
    applied = Applied()
    for hunk in patch.hunks:
        try:
            applied.done.append(_operation(hunk, cwd, style))
        except _WriteError as error:
            applied.exact = False
            applied.error = f"{error}\n"
            return applied
        except PatchError as error:
            applied.error = f"{error}\n"
            return applied
    lines = ["Success. Updated the following files:"]
    for mark, kind in (("A", "add"), ("M", "update"), ("D", "delete")):
        lines += [f"{mark} {hunk.told_path}" for hunk in patch.hunks if hunk.kind == kind]
    applied.summary = "\n".join(lines) + "\n"
    return applied


class _WriteError(PatchError):
    """A write failed; it may have changed something all the same."""


def _operation(hunk: Hunk, cwd: str, style: PatchStyle) -> Done:
    path = resolve(hunk.path, cwd, style)
    told = path if style.absolute_errors else hunk.path
    exact = _plain(path)
    if hunk.kind == "add":
        before, readable = _text(path)
        _write(path, hunk.content, told, style, parents=True)
        return Done(kind="add", path=path, before=before, after=hunk.content, exact=exact and readable)
    if hunk.kind == "delete":
        before, readable = _text(path)
        _remove(path, f"Failed to delete file {told}")
        return Done(kind="delete", path=path, before=before, after=None, exact=exact and readable)
    before = read(path, f"Failed to read file to update {told}", style)
    after = style.update(before, hunk.chunks, told)
    if hunk.move_to is None:
        _write(path, after, told, style, parents=False)
        return Done(kind="update", path=path, before=before, after=after, exact=exact)
    target = resolve(hunk.move_to, cwd, style)
    over, readable = _text(target)
    exact = exact and readable and _plain(target)
    _write(target, after, target if style.absolute_errors else hunk.move_to, style, parents=True)
    _remove(path, f"Failed to remove original {told}")
    return Done(kind="update", path=path, before=before, after=after, move_to=target, over=over, exact=exact)


def _plain(path: str) -> bool:
    """Whether it is a file and no link, or not there."""
    return not os.path.islink(path) and (os.path.isfile(path) or not os.path.exists(path))


def _text(path: str) -> tuple[str | None, bool]:
    """The text of a file that may not be there; and whether that is all there was."""
    try:
        with open(path, "rb") as file:
            return file.read().decode(), True
    except FileNotFoundError:
        return None, True
    except (OSError, UnicodeDecodeError):
        return None, False


def _write(path: str, text: str, told: str, style: PatchStyle, *, parents: bool) -> None:
    failed = f"Failed to write file {told}"
    if parents and style.parents_first:
        _make_parents(path, told)
    try:
        _put(path, text)
    except FileNotFoundError:
        if not parents or style.parents_first:
            raise _WriteError(failed) from None
        _make_parents(path, told)
        try:
            _put(path, text)
        except OSError:
            raise _WriteError(failed) from None
    except OSError:
        raise _WriteError(failed) from None


def _put(path: str, text: str) -> None:
    with open(path, "wb") as file:
        file.write(text.encode(errors="surrogatepass"))


def _make_parents(path: str, told: str) -> None:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    except OSError:
        raise _WriteError(f"Failed to create parent directories for {told}") from None


def _remove(path: str, failed: str) -> None:
    try:
        os.remove(path)
    except OSError:
        raise PatchError(failed) from None
