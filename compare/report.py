"""A verdict file as text: a table, one line per difference, one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from compare.surfaces import SURFACES
from compare.verdicts import CellVerdict, Verdict, VerdictFile, lanes_of, summary, surface_counts

__all__ = ["print_report", "render_text"]

MOST_LINES = 200


def print_report(verdicts: VerdictFile, *, most: int = MOST_LINES) -> None:
    """Prints the report; the table is drawn with rich where stdout is a terminal."""
    if not sys.stdout.isatty():
        print(render_text(verdicts, most=most))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*_columns(verdicts), title=verdicts.agent)
    for row in _rows(verdicts):
        table.add_row(row[0], *(f"[red]{text}[/]" if "differ" in text else f"[green]{text}[/]" for text in row[1:]))
    console = Console(highlight=False)
    console.print(table)
    for line in _lines(verdicts, most):
        console.print(line, markup=False, soft_wrap=True)


def render_text(verdicts: VerdictFile, *, most: int = MOST_LINES) -> str:
    """The same as plain text; at most `most` difference lines."""
    return "\n".join([*_plain_table(_columns(verdicts), _rows(verdicts)), "", *_lines(verdicts, most)])


def _columns(verdicts: VerdictFile) -> list[str]:
    return ["surface", *lanes_of([verdicts])]


def _rows(verdicts: VerdictFile) -> list[list[str]]:
    counts = surface_counts(verdicts.cells)
    return [
        [surface, *(_counted({v: counts[surface, lane, v] for v in Verdict}) for lane in lanes_of([verdicts]))]
        for surface in SURFACES
    ]


def _counted(counts: dict[Verdict, int]) -> str:
    words = {Verdict.DIFFERENT: "differ"}
    return ", ".join(f"{count} {words.get(verdict, verdict)}" for verdict, count in counts.items() if count)


def _plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    line = ["-" * width for width in widths]
    return [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
        for row in (columns, line, *rows)
    ]


def _lines(verdicts: VerdictFile, most: int) -> list[str]:
    found = [line for cell in verdicts.cells for line in _cell_lines(cell)]
    lines = found[:most]
    if len(found) > most:
        lines.append(f"... and {len(found) - most} more lines; the verdict file has them all")
    lines += [
        f"stale: declared difference {name!r} excuses nothing any more; remove its row" for name in verdicts.stale
    ]
    return [*lines, *([""] if lines else []), summary(verdicts.cells)]


def _cell_lines(cell: CellVerdict) -> Iterable[str]:
    if cell.message:
        yield f"{cell.name}  {cell.verdict}: {cell.message}"
    for surface in cell.surfaces:
        for finding in surface.findings:
            mark = f" [declared: {finding.declared}]" if finding.declared else ""
            yield f"{cell.name}  {surface.surface}  {finding.text}{mark}"
