"""A reader of JSON text that stands where serde_json would stand, and fails with its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pycodex.json_cursor import ArgumentsError, ArgumentStyle, Cursor
from pycodex.rust import debug_string, float_text

__all__ = ["MAX_DEPTH", "ArgumentStyle", "ArgumentsError", "Reader", "described"]

MAX_DEPTH = 127


def described(value: object) -> str:
    """A value as serde calls it in `invalid type: ...`."""
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{float_text(value)}`"
    return f"string {debug_string(str(value))}"


class Reader(Cursor):
    """Reads one JSON text from left to right."""

    def __init__(self, text: str, style: ArgumentStyle) -> None:
        super().__init__(text, style)
        self._depth = 0

    def wrong_field(self, message: str) -> ArgumentsError:
        """An error about the key that was just read: blanks are passed over and a closing bracket is taken first."""
        if self._peek() == "}":
            self._at += 1
        return self.wrong(message)

    def mark(self) -> tuple[int, int]:
        """Where the reader stands, for `back_to`."""
        return self._at, self._depth

    def back_to(self, mark: tuple[int, int]) -> None:
        """Stand there again."""
        self._at, self._depth = mark

    def scalar(self) -> Any:
        """The string, number or literal that comes next."""
        first = self.peek_value()
        if first == '"':
            return self.string()
        # A version that keeps a number as it was written has no largest one.
        return self.literal() if first in "tfn" else self.number(bounded=not self._style.floats_are_numbers)

    def misfit(self) -> str:
        """The string, number or literal that comes next, as serde calls it in `invalid type: ...`."""
        first = self.peek_value()
        if first in '"tfn':
            return described(self.scalar())
        number = self.number(bounded=not self._style.floats_are_numbers)
        if not self._style.floats_are_numbers or not isinstance(number, float):
            return described(number)
        # This reader keeps a number as it was written, and `-0` can be read as an integer (fuzzer).
        return described(0) if self.number_text == "-0" else "number"

    def skip(self) -> None:
        """Pass over any value as serde_json does for a field nobody asked for: no limit of depth, escapes and
        the size of numbers are not looked at, a trailing comma is a missing value."""
        brackets = ""
        while True:
            after_value = self._skip_start()
            if not after_value:
                brackets += chr(self._data[self._at - 1])
            brackets, more = self._skip_ends(brackets, after_value)
            if not more:
                return
            if brackets[-1] == "{":
                self._skip_key()

    def _skip_start(self) -> bool:
        """A scalar, or the bracket that opens a container; whether it was a scalar."""
        first = self.peek_value()
        if first in "{[":
            self._at += 1
            return False
        if first == '"':
            self.skip_string()
        elif first in "tfn":
            self.literal()
        else:
            self.number(bounded=False)
        return True

    def _skip_ends(self, brackets: str, after_value: bool) -> tuple[str, bool]:
        """The closing brackets and the comma behind a value; the brackets that are left, and whether a value
        follows."""
        while brackets:
            follows = self._peek()
            what, close = ("a list", "]") if brackets[-1] == "[" else ("an object", "}")
            if follows == "," and after_value:
                self._at += 1
                return brackets, True
            if not follows:
                raise self.wrong(f"EOF while parsing {what}")
            if follows != close:
                if after_value:
                    raise self.wrong_here(f"expected `,` or `{close}`")
                return brackets, True
            self._at += 1
            brackets, after_value = brackets[:-1], True
        return brackets, False

    def _skip_key(self) -> None:
        follows = self._peek()
        if not follows:
            raise self.wrong("EOF while parsing an object")
        if follows != '"':
            raise self.wrong_here("key must be a string")
        self.skip_string()
        self.colon()

    def value(self) -> Any:
        """Any value."""
        first = self.peek_value()
        if first == "{":
            entries: dict[str, Any] = {}
            for key in self.object():
                self.colon()
                entries[key] = self.value()
            return entries
        if first == "[":
            return [self.value() for _ in self.array()]
        return self.scalar()

    # --- containers

    def array(self, fields: int | None = None) -> Iterator[None]:
        """One step per element; the caller reads the element. `fields`: how many a struct asks for; behind the
        last only the end is looked for (fuzzer: `[""[`)."""
        self._open()
        if self._peek() == "]":
            self._close()
            return
        while True:
            if not self._peek():
                raise self.wrong("EOF while parsing a list")
            if fields != 0:
                yield
                fields = None if fields is None else fields - 1
            if fields == 0:
                self._end_of_fields()
                return
            follows = self._peek()
            if not follows:
                raise self.wrong("EOF while parsing a list")
            if follows == "]":
                self._close()
                return
            if follows != ",":
                raise self.wrong_here("expected `,` or `]`")
            self._at += 1
            if self._peek() == "]":
                raise self.wrong_here("trailing comma")
            if not self._peek():
                raise self.wrong("EOF while parsing a value")

    def _end_of_fields(self) -> None:
        follows = self._peek()
        if not follows:
            raise self.wrong("EOF while parsing a list")
        if follows == ",":
            self._at += 1
            if self._peek() == "]":
                raise self.wrong_here("trailing comma")
        if follows != "]":
            raise self.wrong_here("trailing characters")
        self._close()

    def object(self) -> Iterator[str]:
        """One step per key; the caller reads `colon()` and the value."""
        self._open()
        first = True
        while True:
            follows = self._peek()
            if not follows:
                raise self.wrong("EOF while parsing an object")
            if follows == "}":
                self._close()
                return
            if not first:
                if follows != ",":
                    raise self.wrong_here("expected `,` or `}`")
                self._at += 1
                follows = self._peek()
                if not follows:
                    raise self.wrong("EOF while parsing a value")
                if follows == "}":
                    raise self.wrong_here("trailing comma")
            if follows != '"':
                raise self.wrong_here("key must be a string")
            first = False
            yield self.string()

    def enter(self) -> None:
        """The bracket that opens an object; `leave` takes the one that closes it."""
        self._open()

    def leave(self) -> None:
        """The closing bracket of an object that was entered."""
        follows = self._peek()
        if not follows:
            raise self.wrong("EOF while parsing an object")
        if follows != "}":
            raise self.wrong("expected value")
        self._close()

    def _open(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.wrong_here("recursion limit exceeded")
        self._at += 1

    def _close(self) -> None:
        self._depth -= 1
        self._at += 1
