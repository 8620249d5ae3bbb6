"""What is piped into the program, as text: UTF-8, or UTF-16 that says so (captured: exec/stdin_encodings)."""

from __future__ import annotations

import codecs
import sys

from pycodex.cli.exec_options import Refused

__all__ = ["decode", "read_stdin"]

_FAILED = "Failed to read prompt from stdin: input "
_RETRY = "Convert it to UTF-8 and retry"
_UTF_32 = ((codecs.BOM_UTF32_LE, "UTF-32LE"), (codecs.BOM_UTF32_BE, "UTF-32BE"))
_UTF_16 = ((codecs.BOM_UTF16_LE, "UTF-16LE"), (codecs.BOM_UTF16_BE, "UTF-16BE"))


def read_stdin() -> str:
    """All of standard input. Raises Refused when it is no text."""
    return decode(sys.stdin.buffer.read())


def decode(data: bytes) -> str:
    """The text without its byte order mark. Raises Refused, worded as upstream words it."""
    for mark, name in _UTF_32:
        if data.startswith(mark):
            raise Refused(f"{_FAILED}appears to be {name}. {_RETRY}.")
    for mark, name in _UTF_16:
        if data.startswith(mark):
            try:
                return data.removeprefix(mark).decode(name)
            except UnicodeDecodeError:
                raise Refused(f"{_FAILED}looked like {name} but could not be decoded. {_RETRY}.") from None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        hint = "(e.g., `iconv -f <ENC> -t UTF-8 prompt.txt`)"
        where = f"(invalid byte at offset {error.start})"
        raise Refused(f"{_FAILED}is not valid UTF-8 {where}. {_RETRY} {hint}.") from None
