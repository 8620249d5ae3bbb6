"""Shell scripts that do nothing but hand a patch to apply_patch: those are not run, their patch is applied.

Two forms, each the whole script: `apply_patch <<'EOF'` and `cd FOLDER && apply_patch <<'EOF'`, also under the name
`applypatch`. Anything else is left to the shell. codex-cli looks for these forms in the tree of a grammar that mends
mistakes, so a little more than bash would take counts as such a form: a here-document without an end, say (captured:
patch/heredoc_forms, fuzz/patch_open_heredoc).
"""

from __future__ import annotations

from pycodex.bash import captures, parse
from pycodex.records import dataclass

__all__ = ["ScriptedPatch", "find_patch"]

_NAMES = ("apply_patch", "applypatch")
_HERE = "redirect: (heredoc_redirect . (heredoc_start) . (heredoc_body) @patch . (heredoc_end) .)"
_ALONE = f"(program . (redirected_statement body: (command name: (command_name (word) @name) .) {_HERE}) .)"
_FOLDER = "[(word) @folder (string (string_content) @folder) (raw_string) @quoted]"
_CHANGE = f"(command name: (command_name (word) @change) . argument: {_FOLDER} .)"
_APPLY = "(command name: (command_name (word) @name))"
_IN_FOLDER = f'(program . (redirected_statement body: (list . {_CHANGE} "&&" . {_APPLY} .) {_HERE}) .)'


@dataclass(frozen=True, kw_only=True)
class ScriptedPatch:
    """The patch of a script, and the folder it goes to first."""

    text: str
    folder: str | None


def find_patch(script: str) -> ScriptedPatch | None:
    """The patch, if the script is of such a form."""
    if not any(name in script for name in _NAMES):
        return None
    root = parse(script)
    found = captures(_ALONE, root) or captures(_IN_FOLDER, root)
    if found is None or found["name"] not in _NAMES or found.get("change", "cd") != "cd":
        return None
    folder = found["quoted"][1:-1] if "quoted" in found else found.get("folder")
    return ScriptedPatch(text=found["patch"].rstrip("\n"), folder=folder)
