"""Patches as plain mode shows them: whole, or by the names of their files.

`paint` colours a text in a role (see PlainStyle.colors).
"""

from __future__ import annotations

from collections.abc import Callable

from pycodex.protocol import FileChange, PatchEnded, PatchStarted, TurnDiffed
from pycodex.records import dataclass
from pycodex.rust import lines

__all__ = ["BY_NAME", "WHOLE", "PatchPrinter"]

Paint = Callable[[str, str], str]


@dataclass(frozen=True, kw_only=True)
class PatchPrinter:
    """What is printed of a patch at its start and its end, and of what the turn changed."""

    started: Callable[[PatchStarted, Paint], str]
    ended: Callable[[PatchEnded, Paint], str]
    diff: Callable[[TurnDiffed, Paint], str]


def _whole_patch(event: PatchStarted, paint: Paint) -> str:
    """A heading; then each file, and what becomes of it."""
    told = [paint("patch", "file update")]
    for path, change in event.changes.items():
        told += _file(path, change, paint)
    return "\n".join(told) + "\n"


def _file(path: str, change: FileChange, paint: Paint) -> list[str]:
    if change.kind == "add":
        return [paint("file", f"A {path}"), *(paint("added", line) for line in lines(change.content))]
    if change.kind == "delete":
        return [paint("file", f"D {path}"), *(paint("removed", line) for line in lines(change.content))]
    moved = f"M {path}" if change.move_to is None else f"R {path} -> {change.move_to}"
    return [paint("file", moved), *(_diff_line(line, paint) for line in lines(change.content))]


def _diff_line(line: str, paint: Paint) -> str:
    if line.startswith("+") and not line.startswith("+++"):
        return paint("added", line)
    if line.startswith("-") and not line.startswith("---"):
        return paint("removed", line)
    return line


def _outcome_with_output(event: PatchEnded, paint: Paint) -> str:
    """Exit code and time; then what was said of it."""
    role = "success" if event.status == "completed" else "failure"
    title = f"apply_patch(auto_approved=true) exited {event.exit_code} in {int(event.duration * 1000)}ms:"
    said = event.stdout if event.status == "completed" else event.stderr
    return "\n".join([paint(role, title), *(paint("output", line) for line in lines(said))]) + "\n"


def _diff_with_heading(event: TurnDiffed, paint: Paint) -> str:
    """A heading, the diff, and an empty line."""
    return f"{paint('patch', 'file update:')}\n{event.diff}\n"


def _patch_by_heading(event: PatchStarted, paint: Paint) -> str:
    """A heading alone."""
    return paint("patch", "apply patch") + "\n"


def _outcome_with_names(event: PatchEnded, paint: Paint) -> str:
    """How it went; then the files by their paths."""
    head = f"{paint('patch', 'patch:')} {event.status}"
    return "\n".join([head, *(paint("file", path) for path in sorted(event.changes))]) + "\n"


def _diff_alone(event: TurnDiffed, paint: Paint) -> str:
    """The diff, and an empty line."""
    return f"{event.diff}\n"


WHOLE = PatchPrinter(started=_whole_patch, ended=_outcome_with_output, diff=_diff_with_heading)
BY_NAME = PatchPrinter(started=_patch_by_heading, ended=_outcome_with_names, diff=_diff_alone)
