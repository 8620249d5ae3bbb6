"""Shell scripts that do nothing but hand a patch to apply_patch: those are not run, their patch is applied.

Two forms, each the whole script: `apply_patch <<'EOF'` and `cd FOLDER && apply_patch <<'EOF'`, also under the name
`applypatch`. Anything less exact is left to the shell. codex-cli reads scripts with a grammar of its own, so what
counts as such a form is a little more than bash would take (captured: patch/heredoc_forms).
"""

from __future__ import annotations

import re

from pycodex.records import dataclass

__all__ = ["ScriptedPatch", "find_patch"]

_BLANK = r"(?:[ \t](?:[ \t]|\\\n)*)"
_VARIABLES = rf"""(?:[A-Za-z_]\w*=(?:[^\s"'$`\\;&|<>()]|"[^"$`\\]*"|'[^']*')*{_BLANK})*"""
_WORD = r"""(?:[^\s"'$`\\;&|<>(){}#]|\\.)(?:[^\s"'$`\\;&|<>(){}]|\\.)*"""
_STRING = r'"(?:[^"\\]|\\.)*"'
_FOLDER = rf"(?:(?P<word>{_WORD})|(?P<string>{_STRING})|'(?P<raw>[^']*)')"
_OPTIONS = rf"""(?:{_BLANK}(?:{_WORD}|{_STRING}|'[^']*'))*"""
_START = re.compile(
    rf"\s*(?:{_VARIABLES}cd{_BLANK}{_FOLDER}{_BLANK}?&&\s*(?:\\\n\s*)*{_VARIABLES}apply_?patch{_OPTIONS}"
    rf"|{_VARIABLES}apply_?patch)"
    rf"{_BLANK}?<<(?P<tabs>-?){_BLANK}?"
    r"""(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"'`;&|<>()][^\s"`;&|<>()]*))[ \t]*\n"""
)
_EXPANSION = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+|`[^`]*`")
_AFTER = re.compile(
    r"""\s*                                          # nothing
    |[ \t]*(?:;|&(?!&)).*                            # the end of the command; what is behind it is not looked at
    |(?:\\|(?:[ \t]+(?=[\w"$`(.])|(?=[^\W\d_]|["$`(.\]}]))  # a piece of a line that is a mistake of the grammar's, and
    (?!(?:if|for|while|until|case)\b)[^|&;\n]*       #   a next line
    )\n(?=\s*[^\s;)]|(?<=\\\n)).*""",
    re.VERBOSE | re.DOTALL,
)
"""What may stand behind the word that ends a here-document (captured: patch/heredoc_ends)."""


@dataclass(frozen=True, kw_only=True)
class ScriptedPatch:
    """The patch of a script, and the folder it goes to first."""

    text: str
    folder: str | None


def find_patch(script: str) -> ScriptedPatch | None:
    """The patch, if the script is of such a form."""
    start = _START.match(script)
    if start is None:
        return None
    folder = start["word"] or start["raw"]
    if start["string"] is not None:
        # Of a string with variables in it, the first text between them counts.
        folder = next((part for part in _EXPANSION.split(start["string"][1:-1]) if part), None)
        if folder is None:
            return None
    end = start["double"] or start["single"] or start["bare"].replace("\\", "")
    if not end.isascii():
        return None
    lines = script[start.end() :].split("\n")
    for number, line in enumerate(lines):
        # Blanks may stand before the word that ends it.
        first = line.lstrip(" \t")
        if first.startswith(end):
            after = "\n".join([first.removeprefix(end), *lines[number + 1 :]])
            if not _AFTER.fullmatch(after):
                return None
            return ScriptedPatch(text="\n".join(lines[:number]).rstrip("\n"), folder=folder)
    # Where the word never comes, everything up to the last line break is the patch (captured: fuzz/patch_open_heredoc).
    body = "\n".join(lines[:-1])
    if not body.strip() or lines[-1].strip() not in ("", ";", "&"):
        return None
    return ScriptedPatch(text=body.rstrip("\n"), folder=folder)
