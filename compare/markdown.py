"""The score and what differs as Markdown, for the summary of a CI step or a comment; short, whatever happened."""

from __future__ import annotations

import re
from collections.abc import Iterable

from compare.merge import Merged
from compare.surfaces import SURFACES
from compare.verdicts import CellVerdict, Verdict, VerdictFile, lanes_of, summary, surface_counts

__all__ = ["cell_text", "render_markdown", "score_table", "table"]

_MOST = 50
_WIDTH = 400
_SIGNIFICANT = re.compile(r"[\\`*\[\]<>#|~&]|(?<!\w)_|_(?!\w)")


def render_markdown(merged: Merged) -> str:
    """A heading, the score table, and at most so many lines, for each agent. GitHub takes a summary up to 1 MiB."""
    parts = []
    for file in merged.files:
        different = [cell for cell in file.cells if cell.different]
        parts += [f"## {_safe(file.agent)} beside codex-cli", "", f"{summary(file.cells)}.", "", *score_table(file), ""]
        lines = [line for cell in different for line in _lines(cell)]
        parts += [*lines[:_MOST], *([f"- … and {len(lines) - _MOST} more"] if len(lines) > _MOST else [])]
        parts += [f"- stale: declared difference `{_code(row)}` excuses nothing any more" for row in file.stale]
    parts += [f"- conflict: {_safe(conflict.text)}" for conflict in merged.conflicts[:_MOST]]
    return "\n".join(parts).rstrip() + "\n"


def score_table(file: VerdictFile) -> list[str]:
    """Surfaces by lanes: how many cells are identical, and how many are what else."""
    counts, lanes = surface_counts(file.cells), lanes_of([file])
    rows = [
        [surface, *(cell_text({verdict: counts[surface, lane, verdict] for verdict in Verdict}) for lane in lanes)]
        for surface in SURFACES
    ]
    return table(["surface", *lanes], rows)


def cell_text(counts: dict[Verdict, int]) -> str:
    """`244`, or `243 of 244: 1 declared`."""
    total, identical = sum(counts.values()), counts.get(Verdict.IDENTICAL, 0)
    others = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n and verdict is not Verdict.IDENTICAL)
    return f"{identical} of {total}: {others}" if others else str(identical)


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A Markdown table; the texts are made safe."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(_safe(word) if word != '---' else word for word in line)} |" for line in lines]


def _lines(cell: CellVerdict) -> Iterable[str]:
    if cell.message or not any(surface.findings for surface in cell.surfaces):
        yield f"- `{_code(cell.name)}` {cell.verdict}{f': {_safe(cell.message)}' if cell.message else ''}"
    for surface in cell.surfaces:
        for finding in surface.findings:
            if finding.declared is None:
                yield f"- `{_code(cell.name)}` **{surface.surface}** {_safe(finding.text)}"


def _safe(text: str) -> str:
    """On one line, and nothing in it means anything to Markdown or HTML."""
    flat = " ".join(text.split())
    return _SIGNIFICANT.sub(r"\\\g<0>", flat if len(flat) <= _WIDTH else f"{flat[:_WIDTH]}…")


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
