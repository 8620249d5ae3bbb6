"""Texts as Rust's formatting prints them, where codex-cli shows a debug form to the model."""

from __future__ import annotations

import unicodedata

__all__ = ["debug_string", "float_text"]

_ESCAPES = {"\0": "\\0", "\t": "\\t", "\r": "\\r", "\n": "\\n", '"': '\\"', "\\": "\\\\"}
# Controls, formats, surrogates, private and unassigned code points, separators, and marks that join what
# stands before.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mn", "Me"})


def debug_string(text: str) -> str:
    """`text` as `{:?}` prints it: in double quotes, `\\u{1b}` for what cannot be printed."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character != " " and unicodedata.category(character) in _UNPRINTABLE:
        return f"\\u{{{ord(character):x}}}"
    return character


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
