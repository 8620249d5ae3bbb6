"""What a turn changed, over all its patches, as one git-like diff."""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from pycodex.patch.apply import Applied, Done
from pycodex.patch.line_diff import unified_diff
from pycodex.protocol import FileChange
from pycodex.records import dataclass
from pycodex.rust import same_path

__all__ = ["DiffOfDisk", "DiffOfTexts", "TurnDiff"]

_NO_FILE = "0" * 40
_REGULAR = "100644"
_EXECUTABLE = "100755"
_LINK = "120000"
_CONTEXT = 3


class TurnDiff(ABC):
    """A turn's changes so far."""

    @abstractmethod
    def begin(self, changes: Mapping[str, FileChange]) -> None:
        """A patch is about to be applied."""

    @abstractmethod
    def end(self, applied: Applied) -> None:
        """It was, as far as it went."""

    @abstractmethod
    def text(self) -> str | None:
        """The diff; None when there is nothing to tell."""


def _blob_id(data: bytes) -> str:
    import hashlib

    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Side:
    """A file as one side of the diff has it; `data` None: there is none."""

    name: str
    data: bytes | None
    mode: str = _REGULAR

    @property
    def blob(self) -> str:
        return _NO_FILE if self.data is None else _blob_id(self.data)

    @property
    def text(self) -> str | None:
        try:
            return "" if self.data is None else self.data.decode()
        except UnicodeDecodeError:
            return None


def _file_diff(old: _Side, new: _Side) -> str:
    if old.data == new.data:
        return ""
    head = [f"diff --git a/{old.name} b/{new.name}"]
    if old.data is None:
        head.append(f"new file mode {new.mode}")
    elif new.data is None:
        head.append(f"deleted file mode {old.mode}")
    elif old.mode != new.mode:
        head += [f"old mode {old.mode}", f"new mode {new.mode}"]
    head.append(f"index {old.blob}..{new.blob}")
    names = (
        "/dev/null" if old.data is None else f"a/{old.name}",
        "/dev/null" if new.data is None else f"b/{new.name}",
    )
    if old.text is None or new.text is None:
        body = f"--- {names[0]}\n+++ {names[1]}\nBinary files differ\n"
    else:
        body = unified_diff(old.text, new.text, context=_CONTEXT, header=names)
    return "\n".join(head) + "\n" + body


class DiffOfDisk(TurnDiff):
    """Files as they were before the first patch that touched them, against the disk as it is when asked.

    Whatever else changed such a file in between counts, too. Names are as the patches wrote them, from the top of their
    repository, else absolute.
    """

    def __init__(self, cwd: Path) -> None:
        self._before: dict[str, _Side] = {}
        self._now: dict[str, str] = {}
        """Path where the file of a side of `_before` (by its key) is by now."""
        self._key: dict[str, str] = {}
        """Key by the path where the file is now."""
        self._roots: list[str] = []
        """Repositories found so far. A path below one of them is of that one, whatever `..` makes of it."""

    def begin(self, changes: Mapping[str, FileChange]) -> None:
        for path, change in changes.items():
            if same_path(path) not in self._key:
                key = self._key[same_path(path)] = f"{len(self._before)} {path}"
                self._now[key] = path
                self._before[key] = self._on_disk(path, unread=b"")
            if change.move_to is not None:
                key = self._key.pop(same_path(path))
                self._now[key] = change.move_to
                self._key[same_path(change.move_to)] = key

    def end(self, applied: Applied) -> None:
        """The disk says it."""

    def text(self) -> str | None:
        keys = sorted(self._before, key=lambda key: self._name(self._now[key]))
        text = ""
        for key in keys:
            old = self._before[key]
            text += _file_diff(old, self._on_disk(self._now[key]))
            # Also after a file without differences, be it the first (as upstream).
            if not text.endswith("\n"):
                text += "\n"
        return text if text.strip() else None

    def _on_disk(self, path: str, unread: bytes | None = None) -> _Side:
        """What is there now; `unread` stands for what cannot be read, a folder for one."""
        name = self._name(path)
        if not os.path.exists(path):
            return _Side(name=name, data=None)
        mode = os.lstat(path).st_mode
        kind = _EXECUTABLE if mode & 0o111 else _REGULAR
        try:
            if stat.S_ISLNK(mode):
                return _Side(name=name, data=os.fsencode(os.readlink(path)), mode=_LINK)
            with open(path, "rb") as file:
                return _Side(name=name, data=file.read(), mode=kind)
        except OSError:
            return _Side(name=name, data=unread, mode=kind)

    def _name(self, path: str) -> str:
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        root = next((root for root in self._roots if _is_below(folder, root)), None)
        if root is None:
            root = _repository(folder)
            if root is None:
                return _shown(path)
            self._roots.append(root)
        return _shown(path[len(root) :].lstrip("/"))


def _shown(name: str) -> str:
    return name.replace("\\", "/")


def _is_below(folder: str, root: str) -> bool:
    return Path(folder).is_relative_to(root)


def _repository(folder: str) -> str | None:
    """The nearest folder above, or this one, that has a `.git`."""
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


class DiffOfTexts(TurnDiff):
    """Texts before the first patch that touched a file, against texts after the last one; the disk is not asked.

    What no text can tell (a link, a file that is none) ends it for the turn. Names are from the top of the
    working directory's repository, else from the working directory.
    """

    def __init__(self, cwd: Path) -> None:
        self._top = _repository(str(cwd)) or str(cwd)
        self._before: dict[str, str] = {}
        self._now: dict[str, str] = {}
        self._origin: dict[str, str] = {}
        """Where a file that was moved came from, by where it is now."""
        self._valid = True

    def begin(self, changes: Mapping[str, FileChange]) -> None:
        """What was done will say it."""

    def end(self, applied: Applied) -> None:
        self._valid = self._valid and applied.exact and all(done.exact for done in applied.done)
        for done in applied.done:
            self._take(done)

    def _take(self, done: Done) -> None:
        self._known(done.path, done.before)
        if done.after is None:
            self._now.pop(done.path, None)
        elif done.move_to is None:
            self._now[done.path] = done.after
        if done.kind != "update":
            self._origin.pop(done.path, None)
        elif done.move_to is not None and done.after is not None:
            self._known(done.move_to, done.over)
            origin = self._origin.pop(done.path, done.path)
            self._now.pop(done.path, None)
            self._now[done.move_to] = done.after
            self._origin.pop(done.move_to, None)
            if origin != done.move_to:
                self._origin[done.move_to] = origin

    def _known(self, path: str, text: str | None) -> None:
        if path not in self._now and path not in self._before and text is not None:
            self._before[path] = text

    def text(self) -> str | None:
        if not self._valid:
            return None
        moved = {
            origin: path
            for path, origin in self._origin.items()
            if origin not in self._now and path in self._now and origin in self._before and path not in self._before
        }
        text = ""
        for path in sorted({*self._before, *self._now}, key=self._name):
            if path not in moved.values():
                text += _file_diff(self._side(path, self._before), self._side(moved.get(path, path), self._now))
        return text or None

    def _side(self, path: str, texts: Mapping[str, str]) -> _Side:
        text = texts.get(path)
        return _Side(name=self._name(path), data=None if text is None else text.encode(errors="surrogatepass"))

    def _name(self, path: str) -> str:
        return _shown(os.path.relpath(path, self._top) if _is_below(path, self._top) else path)
