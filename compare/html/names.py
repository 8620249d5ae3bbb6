"""Where a page of the report lies, and how a verdict is said in a letter, a word and a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compare.verdicts import CellVerdict, Verdict

__all__ = ["SHORT", "cell_page", "rows_file", "slug", "title_of"]

SHORT: Mapping[Verdict, str] = {
    Verdict.IDENTICAL: "ok",
    Verdict.DECLARED: "decl",
    Verdict.DIFFERENT: "DIFF",
    Verdict.NOT_CAPTURED: "no rec",
    Verdict.NOT_RUN: "not run",
    Verdict.HARNESS_ERROR: "ERROR",
}
"""What stands in the matrix: readable without colour."""

_ODD = re.compile(r"^\.|[^A-Za-z0-9._/-]")


def slug(name: str) -> str:
    """A name as part of a path: what is not plain in a file name is written as its code between plus signs.

    A verdict file comes from elsewhere: no name in it may lead out of the report's folder.
    """
    return "/".join(_ODD.sub(lambda match: f"+{ord(match[0]):x}+", part) or "+" for part in name.split("/"))


def cell_page(agent: str, cell: CellVerdict) -> str:
    """The page of a cell, from the report's folder."""
    return f"cells/{slug(agent.replace('/', '+'))}/{slug(cell.lane)}/{slug(cell.scenario)}.html"


def rows_file(lane: str) -> str:
    """The script with the rows that the cells of a lane share, from the report's folder."""
    return f"rows/{slug(lane)}.js"


def title_of(cell: CellVerdict) -> str:
    """`different: head (2), stdout (1)`, or the verdict and its message."""
    parts = [f"{surface.surface} ({len(surface.findings)})" for surface in cell.surfaces if surface.findings]
    return ": ".join(text for text in (str(cell.verdict), ", ".join(parts) or cell.message) if text)
