"""A patch checked against the files: what each operation will change. Nothing is written yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.patch.hunks import Hunk, InvalidPatch, Patch, PatchError
from pycodex.patch.style import PatchStyle
from pycodex.protocol import FileChange
from pycodex.records import dataclass
from pycodex.rust import same_path

if TYPE_CHECKING:
    from pycodex.path_rules import PathRules
    from pycodex.sandbox import SandboxPolicy

__all__ = ["Action", "check", "outside", "read", "reason", "resolve"]


@dataclass(frozen=True, kw_only=True)
class Action:
    """A patch that fits the files. `changes` by absolute path, in the order of the patch."""

    patch: Patch
    cwd: str
    changes: dict[str, FileChange]


def resolve(path: str, cwd: str, style: PatchStyle) -> str:
    """The absolute path."""
    joined = os.path.join(cwd, path)
    return _normal(joined) if style.normal_paths else joined


def _normal(path: str) -> str:
    # normpath leaves two slashes at the start alone, which POSIX allows to mean something.
    return "/" + os.path.normpath(path).lstrip("/")


def reason(error: OSError) -> str:
    """An error of the system as codex-cli prints it."""
    return f"{error.strerror} (os error {error.errno})"


def read(path: str, told: str, style: PatchStyle, rules: PathRules | None = None) -> str:
    """The text of a file. `told` says what failed. Raises PatchError."""
    try:
        if rules is not None and (refused := rules.refusal(Path(_normal(path)))) is not None:
            raise OSError(refused, os.strerror(refused))
        if style.not_a_file is not None and os.path.exists(path) and not os.path.isfile(path):
            raise PatchError(f"{told}: {style.not_a_file.format(path=path)}")
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise PatchError(f"{told}: {reason(error)}") from None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise PatchError(f"{told}: {style.not_text(error)}") from None


def check(patch: Patch, cwd: str, style: PatchStyle, rules: PathRules | None = None) -> Action:
    """What the patch will change; each operation sees the files as they are before all of them. Raises PatchError.
    `rules`: what may be read."""
    changes: dict[str, FileChange] = {}
    spelled: dict[str, str] = {}
    for hunk in patch.hunks:
        path = resolve(hunk.path, cwd, style)
        path = spelled.setdefault(same_path(path), path)
        if style.once_per_path and path in changes:
            raise InvalidPatch(f"multiple operations target {path}")
        changes[path] = _change(hunk, path, cwd, style, rules)
    return Action(patch=patch, cwd=cwd, changes=changes)


def _change(hunk: Hunk, path: str, cwd: str, style: PatchStyle, rules: PathRules | None) -> FileChange:
    if hunk.kind == "add":
        return FileChange(kind="add", content=hunk.content)
    if hunk.kind == "delete":
        return FileChange(kind="delete", content=read(path, f"Failed to read {path}", style, rules))
    from pycodex.patch.line_diff import unified_diff

    old = read(path, f"Failed to read file to update {path}", style, rules)
    new = style.update(old, hunk.chunks, path)
    return FileChange(
        kind="update",
        content=unified_diff(old, new, context=1),
        move_to=None if hunk.move_to is None else resolve(hunk.move_to, cwd, style),
    )


def outside(action: Action, sandbox: SandboxPolicy, style: PatchStyle) -> bool:
    """Whether the patch writes where the sandbox forbids it, by the names of its paths."""
    if sandbox.mode == "danger-full-access":
        return False
    rules = sandbox.rules
    targets = [change.move_to for change in action.changes.values() if change.move_to is not None]
    paths = [Path(_normal(path)) for path in (*action.changes, *targets)]
    roots = sandbox.writable_roots if sandbox.mode == "workspace-write" else ()
    protected = [root / name for root in roots for name in style.protected]
    if rules is not None:
        return not all(rules.access(path) == "write" and not _below(path, protected) for path in paths)
    return not all(_below(path, roots) and not _below(path, protected) for path in paths)


def _below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
