"""Tables of comma-separated values, as jobs read and write them (captures: agents/csv_*)."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence

from pycodex.records import dataclass

__all__ = ["Table", "TableError", "read_table", "written"]

_SPECIAL = frozenset(',"\n\r')


class TableError(Exception):
    """What is wrong with a table, in upstream's words."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Each row has a value for each header."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_table(text: str, id_column: str | None = None) -> Table:
    """A text as a table, which has that column; rows without any value are left out. Raises TableError."""
    lines = _lines(text.removeprefix("\ufeff"))
    if not lines:
        raise TableError("csv input must include a header row")
    headers, *rows = lines
    for place, header in enumerate(headers):
        if header in headers[:place]:
            raise TableError(f"csv header {header} is duplicated")
    if id_column is not None and id_column not in headers:
        raise TableError(f"id_column {id_column} was not found in csv headers")
    rows = [row for row in rows if any(row)]
    for number, row in enumerate(rows, 2):
        if len(row) != len(headers):
            raise TableError(f"csv row {number} has {len(row)} fields but header has {len(headers)}")
    return Table(headers=tuple(headers), rows=tuple(map(tuple, rows)))


def _lines(text: str) -> list[list[str]]:
    limit = csv.field_size_limit(sys.maxsize)  # the limit is the process's own: it is put back
    try:
        return [line for line in csv.reader(io.StringIO(text, newline="")) if line]
    finally:
        csv.field_size_limit(limit)


def written(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text."""
    return "".join(",".join(map(_escaped, row)) + "\n" for row in (headers, *rows))


def _escaped(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if _SPECIAL.intersection(value) else value
