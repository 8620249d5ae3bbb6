"""The page of one cell: what its template shows, from the verdict, the two recordings and the scenario."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from captures.recording import Recording, RecordingError, folder_hash, read_recording
from captures.scenario import Scenario
from captures.wire import read_wire
from compare.declared import Row as DeclaredRow
from compare.diff import compare_recordings
from compare.difference import Comparison
from compare.html.parts import Part, outputs_of, requests_of
from compare.html.sides import Sides
from compare.html.texts import SharedTexts
from compare.html.wirelog import LogRow, wire_log
from compare.verdicts import CellVerdict, Finding, Verdict

__all__ = ["CellView", "NumberedFinding", "view_cell"]


@dataclass(frozen=True, kw_only=True)
class NumberedFinding:
    """A finding as the verdict file has it, the row that declares it, and the anchor of its place below."""

    finding: Finding
    declared: DeclaredRow | None = None
    anchor: int | None = None


@dataclass(frozen=True, kw_only=True)
class CellView:
    """What the template of a cell needs. `notes` are things that a reader has to know first."""

    cell: CellVerdict
    agent: str
    rule: str
    commands: Sequence[str]
    again: str
    notes: Sequence[str]
    findings: Mapping[str, Sequence[NumberedFinding]]
    log: Sequence[LogRow]
    log_note: str
    requests: Sequence[Part]
    outputs: Sequence[Part]


def view_cell(
    cell: CellVerdict,
    *,
    agent: str,
    command: str,
    upstream: Path,
    runs: Path | None,
    scenario: Scenario | None,
    declared: Mapping[str, DeclaredRow],
    texts: SharedTexts,
) -> CellView:
    """Reads what there is of the cell; the candidate's recording only where something differs."""
    notes = [cell.message] if cell.message else []
    expected = _read(upstream / cell.name, notes, "upstream")
    if expected is not None and cell.recording and folder_hash(upstream / cell.name) != cell.recording:
        notes.append("upstream's recording has changed since this verdict: run the cell again")
    findings = [finding for surface in cell.surfaces for finding in surface.findings]
    folder = runs / cell.name if runs is not None else None
    actual: Recording | None = None
    if findings:
        actual = _read(folder, notes, agent) if folder is not None else None
        if actual is None and folder is None:
            notes.append(f"no recording of {agent} is at hand, so only upstream's side is shown")
    comparison = compare_recordings(expected, actual) if expected and actual else Comparison(differences=())
    sides = Sides(comparison, {finding.text: finding.declared for finding in findings}, texts)
    ours = expected.tree if expected else None
    theirs = actual.tree if actual else ours
    requests: list[Part] = []
    outputs: list[Part] = []
    log: list[LogRow] = []
    times = read_wire(folder) if folder is not None and cell.verdict is not Verdict.NOT_CAPTURED else None
    if ours is not None and theirs is not None:
        pairs = sides.paired(ours["requests"], theirs["requests"], ("requests",))
        requests = list(requests_of(ours, theirs, pairs, sides))
        outputs = list(outputs_of(ours, theirs, sides))
        log = wire_log(ours, theirs, pairs, times, scenario.answers if scenario else {})
    anchors = {difference.text: number for number, difference in enumerate(comparison.differences, 1)}
    return CellView(
        cell=cell,
        agent=agent,
        rule=scenario.rule if scenario else "(the scenario is not in captures/scenarios)",
        commands=list(_commands(agent, expected.inputs if expected else ())),
        again=_again(cell, command or agent),
        notes=notes,
        findings={
            surface.surface: [
                NumberedFinding(
                    finding=finding, declared=declared.get(finding.declared or ""), anchor=anchors.get(finding.text)
                )
                for finding in surface.findings
            ]
            for surface in cell.surfaces
            if surface.findings
        },
        log=log,
        log_note=_log_note(agent, times),
        requests=requests,
        outputs=outputs,
    )


def _read(folder: Path, notes: list[str], whose: str) -> Recording | None:
    if not (folder / "result.json").exists():
        notes.append(f"no recording of {whose} is at hand")
        return None
    try:
        return read_recording(folder)
    except (RecordingError, OSError, ValueError, KeyError) as error:
        notes.append(f"the recording of {whose} cannot be read: {error}")
        return None


def _again(cell: CellVerdict, command: str) -> str:
    agent = [] if command == "pycodex" else ["--agent", command]
    return shlex.join([".venv/bin/python", "-m", "compare", "report", *agent, "--only", cell.name])


def _commands(agent: str, inputs: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """The command lines of the runs; the same one in a row once, with its number."""
    for line, group in groupby(shlex.join([agent, *run["argv"]]) + _piped(run) for run in inputs):
        count = len(list(group))
        yield f"{line}   (×{count})" if count > 1 else line


def _piped(run: Mapping[str, Any]) -> str:
    stdin = run.get("stdin")
    return "" if stdin is None else f"   (stdin: {len(stdin)} characters)"


def _log_note(agent: str, times: object) -> str:
    upstream = "Upstream's recordings are canonical and hold no times"
    if times is None:
        return f"{upstream}; no wire.json lies beside {agent}'s, so there are no times here."
    return f"{upstream}; the times are {agent}'s, in milliseconds: since the scenario began, and + since the request."
