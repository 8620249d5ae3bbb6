"""Texts as Rust prints and cuts them, where codex-cli shows the model a debug form or takes a text apart."""

from __future__ import annotations

import unicodedata

__all__ = ["debug_string", "float_text", "lines", "number", "os_error", "same_path", "trim", "trim_end"]

_WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Unicode calls white space; Python's own list has the separators U+001C to U+001F besides."""

_ESCAPES = {"\0": "\\0", "\t": "\\t", "\r": "\\r", "\n": "\\n", '"': '\\"', "\\": "\\\\"}
# Controls, formats, surrogates, private and unassigned code points, separators, and marks that join what
# stands before.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn", "Me"})


def os_error(error: OSError | ValueError) -> str:
    """What went wrong with a file; Python has a ValueError for a path with a NUL byte."""
    if isinstance(error, OSError):
        return f"{error.strerror} (os error {error.errno})"
    return "file name contained an unexpected NUL byte"


def debug_string(text: str) -> str:
    """`text` as `{:?}` prints it: in double quotes, `\\u{1b}` for what cannot be printed."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character != " " and unicodedata.category(character) in _UNPRINTABLE:
        return f"\\u{{{ord(character):x}}}"
    return character


def same_path(path: str) -> str:
    """What all spellings of a path have in common that count as equal: `a/./b`, `a//b` and `a/b/`, but not `a/../b`."""
    parts = "/".join(part for part in path.split("/") if part not in ("", "."))
    return f"/{parts}" if path.startswith("/") else parts


def trim(text: str) -> str:
    """`text` without white space at its ends."""
    return text.strip(_WHITE_SPACE)


def trim_end(text: str) -> str:
    """`text` without white space at its end."""
    return text.rstrip(_WHITE_SPACE)


def lines(text: str) -> list[str]:
    """The lines of a text, each without its line feed and the carriage return before that."""
    parts = text.split("\n")
    last = parts.pop()
    return [part.removesuffix("\r") for part in parts] + ([last] if last else [])


def number(value: float) -> str:
    """A float as `{}` prints it: a whole one without a point."""
    return float_text(value).removesuffix(".0")


def float_text(value: float) -> str:
    """A float in the shortest form: with a point from 1e-5 up to below 1e16, with an exponent (`1e+16`,
    `1e-7`) else."""
    from decimal import Decimal

    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not isinstance(exponent, int) or value == 0:
        return repr(value)
    point = len(digits) + exponent  # where the point stands, counted from the first digit
    text = "".join(map(str, digits))
    if not -5 < point <= 16:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        body = f"{text[0]}{fraction}e{point - 1:+d}"
    elif point <= 0:
        body = "0." + "0" * -point + text
    else:
        body = text[:point].ljust(point, "0") + "." + (text[point:] or "0")
    return "-" * sign + body
