"""A patch applied under a sandbox: in a child process that obeys it, as commands do."""

from __future__ import annotations

import json
import os
from pathlib import Path

from pycodex.patch.action import Action
from pycodex.patch.apply import Applied, Done, apply
from pycodex.patch.hunks import Patch
from pycodex.patch.style import PatchStyle
from pycodex.records import replace
from pycodex.sandbox import SandboxPolicy, SandboxUnavailable, enforce

__all__ = ["apply_confined"]


def apply_confined(patch: Patch, action: Action, style: PatchStyle, sandbox: SandboxPolicy) -> Applied:
    """The patch of an action, as `apply`; what the sandbox forbids fails. Raises SandboxUnavailable."""
    cwd = action.cwd
    confinement = enforce(_with_own_folders(action, sandbox) if style.own_folders else sandbox)
    if confinement is None:
        return apply(patch, cwd, style)
    if confinement.prefix:
        raise SandboxUnavailable("a patch cannot be confined by bwrap; this kernel must allow user namespaces for it")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            confinement.hook()
            with os.fdopen(writer, "w") as answer:
                answer.write(_written(apply(patch, cwd, style)))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return _read(text)


def _with_own_folders(action: Action, sandbox: SandboxPolicy) -> SandboxPolicy:
    targets = [change.move_to for change in action.changes.values() if change.move_to is not None]
    folders = dict.fromkeys(Path(path).parent for path in (*action.changes, *targets))
    roots = (*sandbox.writable_roots, *(folder for folder in folders if folder.exists()))
    return replace(sandbox, writable_roots=roots, style=replace(sandbox.style, protected=()))


def _written(applied: Applied) -> str:
    done = [
        [each.kind, each.path, each.before, each.after, each.move_to, each.over, each.exact] for each in applied.done
    ]
    return json.dumps([done, applied.summary, applied.error, applied.exact])


def _read(text: str) -> Applied:
    if not text:
        return Applied(error="the sandbox ended the program that applies the patch\n", exact=False)
    entries, summary, error, exact = json.loads(text)
    keys = ("kind", "path", "before", "after", "move_to", "over", "exact")
    done = [Done(**dict(zip(keys, entry, strict=True))) for entry in entries]
    return Applied(done=done, summary=summary, error=error, exact=exact)
