"""What differs between versions of apply_patch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.records import dataclass

if TYPE_CHECKING:
    from pycodex.arguments import Struct
    from pycodex.patch.hunks import Chunk, Patch
    from pycodex.patch.turn_diff import TurnDiff
    from pycodex.sandbox import SandboxPolicy

__all__ = ["PatchStyle"]


@dataclass(frozen=True, kw_only=True)
class PatchStyle:
    """What differs between versions. Functions raise PatchError."""

    parse: Callable[[str], Patch]
    update: Callable[[str, Sequence[Chunk], str], str]
    """From the text of a file, the chunks and the path to name: the new text."""
    function_arguments: Struct | None
    """Arguments of a function call of the tool; None: it is a custom tool only."""
    normal_paths: bool
    """Whether `.` and `..` are taken out of paths, or they stay as written."""
    once_per_path: bool
    """Whether two operations on one path are refused."""
    absolute_errors: bool
    """Whether a failed write names the absolute path, or the one in the patch."""
    parents_first: bool
    """Whether the folders above a new file are made before it is written, or when that failed for want of them."""
    not_a_file: str | None
    """The reason that reading a folder gives; may use {path}. None: the system's own."""
    not_text: Callable[[UnicodeDecodeError], str]
    """The reason that reading something other than UTF-8 gives."""
    environment_refused: str
    """The answer to a patch for a named environment."""
    protected: tuple[str, ...]
    """Names in a writable root under which a patch may not write."""
    own_folders: bool
    """Whether the folders of the files in a patch are writable roots to it, wherever links lead and whatever is
    protected there."""
    refusal: Callable[[SandboxPolicy], str]
    """Why a patch outside of the writable roots is rejected."""
    runs_in_folder: bool
    """Whether a patch is applied by a program that runs in the folder of the patch, which then has to be there."""
    output_is_json: bool
    """Whether the history has the outcome as a JSON object, or as text."""
    shell_warning: str | None
    """What the user is made to say when a patch comes as a shell command; may use {tool}."""
    turn_diff: Callable[[Path], TurnDiff]
    """A new record of what a turn changes, given the working directory."""
    diff_after_answers: bool
    """Whether the diff of a turn is told after each patch and each answer, or after patches that change it."""
