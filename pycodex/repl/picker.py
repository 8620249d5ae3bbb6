"""A list to choose from, above the composer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["Picker", "shortened"]


_SHOWN = 9
_LABEL = 60


def shortened(text: str) -> str:
    """A text as a label: its first line, or the beginning of it."""
    line, _, rest = text.strip().partition("\n")
    return line if len(line) <= _LABEL and not rest else line[:_LABEL] + "…"


class Picker:
    """`text()` is the list with the marked row; `take` gets the number of the row that is chosen."""

    def __init__(
        self, title: str, rows: Sequence[tuple[str, str]], take: Callable[[int], None], marked: int = 0
    ) -> None:
        self.title = title
        self._rows = tuple(rows)
        self._take = take
        self._marked = marked

    def text(self) -> str:
        """The list."""
        width = max(len(label) for label, _ in self._rows)
        rows = [self.title]
        first = min(max(self._marked - _SHOWN // 2, 0), max(len(self._rows) - _SHOWN, 0))
        for number, (label, description) in list(enumerate(self._rows))[first : first + _SHOWN]:
            mark = "›" if number == self._marked else " "
            rows.append(f" {mark} {number + 1}. {label:{width}}  {description}".rstrip())
        rows.append("   up, down and Enter, or a number; Esc changes nothing")
        return "\n".join(rows)

    def move(self, by: int) -> None:
        """Mark another row; after the last one comes the first."""
        self._marked = (self._marked + by) % len(self._rows)

    def choose(self, number: int | None = None) -> None:
        """Take the row of that number, counted from 1; None: the marked one."""
        index = self._marked if number is None else number - 1
        if 0 <= index < len(self._rows):
            self._take(index)
