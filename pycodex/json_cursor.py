"""The words of a JSON text one after the other, with places and messages as serde_json has them.

Columns count bytes, from 1; an error about a character that was not yet taken points at it.
"""

from __future__ import annotations

from pycodex.records import dataclass

__all__ = ["ArgumentStyle", "ArgumentsError", "Cursor"]


_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONTROL_CHARACTER = "control character (\\u0000-\\u001F) found while parsing a string"
_LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


class ArgumentsError(Exception):
    """The arguments do not fit; `str(error)` is what follows `failed to parse function arguments: `."""


@dataclass(frozen=True, kw_only=True)
class ArgumentStyle:
    """What differs between versions of the JSON reader."""

    floats_are_numbers: bool
    """Whether a float where another type belongs is called `number` (else ``floating point `1.5` ``)."""


class Cursor:
    """Stands in one JSON text and takes words from left to right."""

    def __init__(self, text: str, style: ArgumentStyle) -> None:
        self._data = text.encode("utf-8", "surrogatepass")
        self._at = 0
        self._style = style
        self.number_text = ""
        """The last number that was read, as it is written."""

    # --- places and errors

    def error_at(self, message: str, at: int) -> ArgumentsError:
        """`message` with the place of the byte before `at`, as serde_json counts: that many bytes were
        read."""
        before = self._data[:at]
        line = before.count(b"\n") + 1
        column = at - (before.rfind(b"\n") + 1)
        return ArgumentsError(f"{message} at line {line} column {column}")

    def wrong(self, message: str) -> ArgumentsError:
        """An error about what was just read."""
        return self.error_at(message, self._at)

    def wrong_here(self, message: str, *, consume: bool = False) -> ArgumentsError:
        """An error about the next byte. `consume`: its bracket was already opened."""
        return self.error_at(message, min(self._at + 1, len(self._data)) if not consume else self._at)

    # --- pieces

    def _blank(self) -> None:
        data, at = self._data, self._at
        while at < len(data) and data[at] in b" \n\t\r":
            at += 1
        self._at = at

    def _peek(self) -> str:
        """The next byte that is not blank, as a character; "" at the end."""
        self._blank()
        return chr(self._data[self._at]) if self._at < len(self._data) else ""

    def peek_value(self) -> str:
        """The first character of the value that comes next. Raises at the end and where no value begins."""
        first = self._peek()
        if not first:
            raise self.wrong("EOF while parsing a value")
        if first not in '"{[-tfn' and not first.isdigit():
            raise self.wrong_here("expected value")
        return first

    def end(self) -> None:
        """Nothing but blanks may follow."""
        if self._peek():
            raise self.wrong_here("trailing characters")

    def literal(self) -> bool | None:
        """true, false, null."""
        word, value = _LITERALS[chr(self._data[self._at])]
        for character in word.encode():
            if self._at >= len(self._data):
                raise self.wrong("EOF while parsing a value")
            self._at += 1
            if self._data[self._at - 1] != character:
                raise self.wrong("expected ident")
        return value

    # --- numbers

    def number(self, *, bounded: bool = True) -> int | float:
        """A number: int, or float if it has a point, an exponent, or does not fit 64 bits. `bounded`:
        infinity fails."""
        start = self._at
        if self._byte() == b"-":
            self._at += 1
        if not self._byte():
            raise self.wrong("EOF while parsing a value")
        if self._byte() == b"0":
            self._at += 1
            if self._byte().isdigit():
                raise self.wrong_here("invalid number")
        elif not self._digits():
            raise self.wrong_here("invalid number")
        whole = True
        if self._byte() == b".":
            whole = False
            self._at += 1
            self._some_digits()
        if self._byte() in (b"e", b"E"):
            whole = False
            self._at += 1
            if self._byte() in (b"+", b"-"):
                self._at += 1
            self._some_digits()
        text = self.number_text = self._data[start : self._at].decode()
        if whole and -(1 << 63) <= int(text) < 1 << 64:
            return int(text) if text != "-0" else -0.0
        number = float(text)
        if bounded and number in (float("inf"), float("-inf")):
            raise self.wrong("number out of range")
        return number

    def _byte(self) -> bytes:
        return self._data[self._at : self._at + 1]

    def _digits(self) -> bool:
        start = self._at
        while self._byte().isdigit():
            self._at += 1
        return self._at > start

    def _some_digits(self) -> None:
        if not self._byte():
            raise self.wrong("EOF while parsing a value")
        if not self._digits():
            raise self.wrong_here("invalid number")

    # --- strings

    def string(self) -> str:
        """A string, its opening quote being next."""
        self._at += 1
        out = bytearray()
        data = self._data
        while True:
            if self._at >= len(data):
                raise self.wrong("EOF while parsing a string")
            byte = data[self._at]
            if byte == 0x22:
                self._at += 1
                return out.decode("utf-8", "surrogatepass")
            if byte == 0x5C:
                self._at += 1
                out += self._escape().encode()
            elif byte < 0x20:
                # A string that is read has taken the character (a newline: `line 2 column 0`); one that is
                # skipped has not.
                raise self.error_at(_CONTROL_CHARACTER, self._at + 1)
            else:
                out.append(byte)
                self._at += 1

    def skip_string(self) -> None:
        """Pass over a string; its escapes are only looked at by letter."""
        self._at += 1
        while True:
            letter = self._next_of_string()
            if letter == '"':
                return
            if letter == "\\":
                letter = self._next_of_string()
                if letter == "u":
                    self._hex4()
                elif letter not in _ESCAPES:
                    raise self.wrong("invalid escape")
            elif letter < " ":
                raise self.error_at(_CONTROL_CHARACTER, self._at - 1)

    def _escape(self) -> str:
        letter = self._next_of_string()
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter != "u":
            raise self.wrong("invalid escape")
        code = self._hex4()
        if 0xDC00 <= code <= 0xDFFF:
            raise self.wrong("lone leading surrogate in hex escape")
        if 0xD800 <= code <= 0xDBFF:
            if self._next_of_string() != "\\":
                raise self.wrong("unexpected end of hex escape")
            if self._next_of_string() != "u":
                raise self.wrong("unexpected end of hex escape")
            low = self._hex4()
            if not 0xDC00 <= low <= 0xDFFF:
                raise self.wrong("lone leading surrogate in hex escape")
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        return chr(code)

    def _next_of_string(self) -> str:
        if self._at >= len(self._data):
            raise self.wrong("EOF while parsing a string")
        self._at += 1
        return chr(self._data[self._at - 1])

    def _hex4(self) -> int:
        digits = self._data[self._at : self._at + 4]
        if len(digits) < 4:
            self._at = len(self._data)
            raise self.wrong("EOF while parsing a string")
        self._at += 4
        try:
            return int(digits.decode("ascii"), 16) if digits.isalnum() else int("x", 16)
        except ValueError:
            raise self.wrong("invalid escape") from None

    def colon(self) -> None:
        """The colon after a key."""
        follows = self._peek()
        if not follows:
            raise self.wrong("EOF while parsing an object")
        if follows != ":":
            raise self.wrong_here("expected `:`")
        self._at += 1
