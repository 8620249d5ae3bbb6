"""Verdicts: what a comparison means for a cell, and the one file that every report is rendered from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from compare.declared import Declared
from compare.difference import Comparison, Difference
from compare.surfaces import REQUEST_SURFACES, SURFACES, Path, Tree, look_up, surface_of

__all__ = [
    "FORMAT",
    "CellVerdict",
    "ExitCode",
    "Finding",
    "SurfaceVerdict",
    "Verdict",
    "VerdictError",
    "VerdictFile",
    "exit_code",
    "judge",
    "lanes_of",
    "summary",
    "surface_counts",
    "uniform",
]

FORMAT = 1


class VerdictError(ValueError):
    """A verdict file that cannot be read; the message says why."""


class Verdict(StrEnum):
    """From good to bad; a cell is as bad as its worst surface."""

    IDENTICAL = "identical"
    DECLARED = "declared"
    DIFFERENT = "different"
    NOT_CAPTURED = "not captured"
    NOT_RUN = "not run"
    HARNESS_ERROR = "harness error"


class ExitCode:
    """What `python -m compare` says to the shell."""

    OK = 0
    DIFFERENCE = 1
    USAGE = 2
    HARNESS_ERROR = 3
    STALE = 4


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One difference as it is reported; `declared` is the id of the row that declares it."""

    place: str
    kind: str
    text: str
    declared: str | None = None


@dataclass(frozen=True, kw_only=True)
class SurfaceVerdict:
    """One surface of one cell."""

    surface: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CellVerdict:
    """One scenario in one lane: twelve verdicts. `message` says why there was nothing to compare.

    `recording` is the hash of upstream's recording that it was held against, as its manifest has it.
    """

    lane: str
    scenario: str
    surfaces: tuple[SurfaceVerdict, ...]
    message: str = ""
    recording: str = ""

    @property
    def verdict(self) -> Verdict:
        order = list(Verdict)
        return max((surface.verdict for surface in self.surfaces), key=order.index)

    @property
    def different(self) -> bool:
        """True unless every surface is identical or declared."""
        return self.verdict not in (Verdict.IDENTICAL, Verdict.DECLARED)

    @property
    def bad_surfaces(self) -> tuple[str, ...]:
        """The surfaces that are neither identical nor declared."""
        good = (Verdict.IDENTICAL, Verdict.DECLARED)
        return tuple(surface.surface for surface in self.surfaces if surface.verdict not in good)

    @property
    def name(self) -> str:
        return f"{self.lane}/{self.scenario}"


@dataclass(frozen=True, kw_only=True)
class VerdictFile:
    """All cells of one check. `stale` are ids of declared rows that excused nothing in a full check.

    `command` is what `--agent` was given, to run a cell again.
    """

    agent: str
    cells: tuple[CellVerdict, ...]
    stale: tuple[str, ...] = ()
    command: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "agent": self.agent,
            "command": self.command,
            "stale": list(self.stale),
            "cells": [_cell_to_json(cell) for cell in self.cells],
        }

    @classmethod
    def from_json(cls, data: Any) -> VerdictFile:
        """Reads what `to_json` gave. Raises VerdictError for another format, or for what is no verdict file."""
        if not isinstance(data, Mapping) or "format" not in data:
            raise VerdictError("not a verdict file; `python -m compare report --json FILE` writes one")
        if data["format"] != FORMAT:
            version = data["format"]
            raise VerdictError(f"verdict file format {version}; this program reads {FORMAT}; run the check again")
        try:
            return cls(
                agent=data["agent"],
                command=data.get("command", ""),
                cells=tuple(_cell_from_json(cell) for cell in data["cells"]),
                stale=tuple(data["stale"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise VerdictError(f"not a verdict file: {type(error).__name__}: {error}") from None


def judge(
    lane: str, scenario: str, expected: Tree, actual: Tree, comparison: Comparison, declared: Declared
) -> CellVerdict:
    """The verdicts of one compared cell.

    A candidate that sent no request while upstream did has nothing identical about its requests: every
    surface of them that upstream shows is different, whatever else was declared.
    """
    findings: dict[str, list[Finding]] = {name: [] for name in SURFACES}
    for difference in comparison.differences:
        findings[difference.surface].append(_finding(f"{lane}/{scenario}", difference, declared))
    if expected["requests"] and not actual["requests"]:
        for surface in _shown_by_requests(expected):
            findings[surface].append(Finding(place="requests", kind="missing", text="no request was sent"))
    surfaces = tuple(
        SurfaceVerdict(surface=name, verdict=_verdict(found), findings=tuple(found)) for name, found in findings.items()
    )
    return CellVerdict(lane=lane, scenario=scenario, surfaces=surfaces)


def uniform(lane: str, scenario: str, verdict: Verdict, message: str) -> CellVerdict:
    """A cell in which nothing could be compared: the same verdict for all surfaces."""
    surfaces = tuple(SurfaceVerdict(surface=name, verdict=verdict) for name in SURFACES)
    return CellVerdict(lane=lane, scenario=scenario, surfaces=surfaces, message=message)


def exit_code(verdicts: VerdictFile, allowed_not_run: Collection[str] = ()) -> int:
    """0 all identical or declared; 3 before 1 before 4, so that the first thing to repair is the one
    reported.

    `allowed_not_run` are scenario ids that may be `not run`; `not captured` counts as a difference, because
    nothing says that the candidate is right there. A check of no cell at all is a harness error.
    """
    found = {cell.verdict for cell in verdicts.cells if not _is_allowed(cell, allowed_not_run)}
    if Verdict.HARNESS_ERROR in found or not verdicts.cells:
        return ExitCode.HARNESS_ERROR
    if found - {Verdict.IDENTICAL, Verdict.DECLARED}:
        return ExitCode.DIFFERENCE
    return ExitCode.STALE if verdicts.stale else ExitCode.OK


def lanes_of(files: Iterable[VerdictFile]) -> list[str]:
    """The lanes of all cells, in order."""
    return sorted({cell.lane for file in files for cell in file.cells})


def surface_counts(cells: Iterable[CellVerdict]) -> Counter[tuple[str, str, Verdict]]:
    """(surface, lane, verdict) -> how many."""
    return Counter((surface.surface, cell.lane, surface.verdict) for cell in cells for surface in cell.surfaces)


def summary(cells: Sequence[CellVerdict]) -> str:
    """`24 cells x 12 surfaces = 288 verdicts: 280 identical, 8 different`."""
    counts = Counter(surface.verdict for cell in cells for surface in cell.surfaces)
    parts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    total = f"{len(cells)} cells x {len(SURFACES)} surfaces = {counts.total()} verdicts"
    return f"{total}: {parts}" if parts else total


def _is_allowed(cell: CellVerdict, allowed: Collection[str]) -> bool:
    return cell.verdict is Verdict.NOT_RUN and cell.scenario in allowed


def _finding(cell: str, difference: Difference, declared: Declared) -> Finding:
    row = declared.find(cell, difference)
    return Finding(
        place=difference.place,
        kind=difference.kind,
        text=difference.text,
        declared=row.id if row else None,
    )


def _verdict(findings: Iterable[Finding]) -> Verdict:
    verdict = Verdict.IDENTICAL
    for finding in findings:
        if finding.declared is None:
            return Verdict.DIFFERENT
        verdict = Verdict.DECLARED
    return verdict


def _shown_by_requests(tree: Tree) -> list[str]:
    """The surfaces that upstream's requests show at all, `tool_output` only where there is one."""
    paths: list[Path] = []
    for number, request in enumerate(tree["requests"]):
        paths += [("requests", number, "head"), ("requests", number, "body", "tool_choice")]
        body = request["body"]
        if isinstance(body, dict):
            paths += [("requests", number, "body", key) for key in ("instructions", "tools") if key in body]
            paths += [("requests", number, "body", "input", i) for i in range(len(look_up(body, ("input",), ())))]
    shown = {surface_of(path, tree) for path in paths}
    return [surface for surface in REQUEST_SURFACES if surface in shown]


def _cell_to_json(cell: CellVerdict) -> dict[str, Any]:
    return {
        "lane": cell.lane,
        "scenario": cell.scenario,
        "verdict": str(cell.verdict),
        "message": cell.message,
        "recording": cell.recording,
        "surfaces": {
            surface.surface: {
                "verdict": str(surface.verdict),
                "differences": [asdict(finding) for finding in surface.findings],
            }
            for surface in cell.surfaces
        },
    }


def _cell_from_json(data: Mapping[str, Any]) -> CellVerdict:
    surfaces = tuple(
        SurfaceVerdict(
            surface=name,
            verdict=Verdict(row["verdict"]),
            findings=tuple(Finding(**finding) for finding in row["differences"]),
        )
        for name, row in data["surfaces"].items()
    )
    return CellVerdict(
        lane=data["lane"],
        scenario=data["scenario"],
        surfaces=surfaces,
        message=data["message"],
        recording=data.get("recording", ""),
    )
