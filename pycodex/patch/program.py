"""apply_patch as a program of its own, for scripts that are more than a patch (captured: shell/patch_program).

Commands find it on PATH, as `apply_patch` and `applypatch`, in a folder of $CODEX_HOME that is there as long as
pycodex runs. Nothing is checked beforehand: what was done before an operation fails stays done.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pycodex.patch.style import PatchStyle

__all__ = ["Programs", "main", "run"]

_NAMES = ("apply_patch", "applypatch")
_USAGE = "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch\n"


def run(style: PatchStyle, arguments: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the program."""
    if len(arguments) > 1:
        return 2, "", "Error: apply_patch accepts exactly one argument.\n"
    if arguments:
        text = os.fsencode(arguments[0])
    elif not (text := sys.stdin.buffer.read()):
        return 2, "", _USAGE
    try:
        patch_text = text.decode()
    except UnicodeDecodeError:
        if arguments:
            return 1, "", "Error: apply_patch requires a UTF-8 PATCH argument.\n"
        return 1, "", "Error: Failed to read PATCH from stdin.\nstream did not contain valid UTF-8\n"
    from pycodex.patch.apply import apply
    from pycodex.patch.hunks import InvalidHunk, PatchError

    try:
        patch = style.parse(patch_text)
    except InvalidHunk as error:
        return 1, "", f"Invalid patch hunk on line {error.line}: {error.message}\n"
    except PatchError as error:
        return 1, "", f"Invalid patch: {str(error).removeprefix('invalid patch: ')}\n"
    if not patch.hunks:
        return 1, "", "No files were modified.\n"
    applied = apply(patch, os.getcwd(), style)
    return (0, applied.summary, "") if applied.error is None else (1, "", applied.error)


_STYLE = ("parse", "update", "normal_paths", "absolute_errors", "parents_first", "not_a_file", "not_text")


def _described(style: PatchStyle) -> str:
    """What the program needs of a style, functions by their names: a whole dialect takes too long to import."""
    values = {name: getattr(style, name) for name in _STYLE}
    return json.dumps(
        {
            name: {"module": value.__module__, "function": value.__qualname__} if callable(value) else value
            for name, value in values.items()
        }
    )


def _style(described: str) -> PatchStyle:
    from importlib import import_module
    from types import SimpleNamespace

    found = {
        name: getattr(import_module(value["module"]), value["function"]) if isinstance(value, dict) else value
        for name, value in json.loads(described).items()
    }
    return cast("PatchStyle", SimpleNamespace(**found))


def main(arguments: Sequence[str]) -> int:
    """`arguments`: the style, then those of the program."""
    code, out, err = run(_style(arguments[0]), arguments[1:])
    sys.stdout.write(out)
    sys.stderr.write(err)
    return code


class Programs:
    """The folder with the program, for the commands of one run of pycodex."""

    def __init__(self, home: Path, style: PatchStyle) -> None:
        self._parent = home / "tmp" / "pycodex"
        self._style = style
        self._folder: Path | None = None

    def folder(self) -> Path | None:
        """Made when it is first asked for; None: it cannot be made."""
        if self._folder is None:
            folder = self._parent / str(os.getpid())
            try:
                self._remove_abandoned()
                folder.mkdir(parents=True, exist_ok=True)
                for name in _NAMES:
                    (folder / name).write_text(_script(self._style))
                    (folder / name).chmod(0o755)
            except OSError:
                return None
            self._folder = folder
        return self._folder

    def _remove_abandoned(self) -> None:
        """What runs left behind that were killed."""
        for old in self._parent.glob("[0-9]*"):
            try:
                os.kill(int(old.name), 0)
            except ProcessLookupError:
                _remove(old)
            except (OSError, ValueError):
                continue

    def remove(self) -> None:
        """No command runs any more."""
        if self._folder is not None:
            _remove(self._folder)
            self._folder = None
            with contextlib.suppress(OSError):
                self._parent.rmdir()


def _remove(folder: Path) -> None:
    for name in _NAMES:
        with contextlib.suppress(OSError):
            (folder / name).unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _script(style: PatchStyle) -> str:
    import shlex

    package = str(Path(__file__).resolve().parents[2])
    code = (
        f"import sys; sys.path.insert(0, {package!r}); from pycodex.patch.program import main; "
        "sys.exit(main(sys.argv[1:]))"
    )
    # -I: neither the folder it runs in nor the environment may say what is imported. -S: it starts sooner.
    words = shlex.join([sys.executable, "-I", "-S", "-c", code, _described(style)])
    return f'#!/bin/sh\nexec {words} "$@"\n'
