"""Verdicts as JUnit XML, for the viewers of CI systems.

A suite for each agent and lane, a test case for each cell: twelve surfaces times hundreds of cells as test cases of
their own would drown what GitLab and GitHub show, and one cell is one thing to repair. The class name is the area,
which both viewers fold by; what differs is the failure's text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from xml.etree import ElementTree as XML

from compare.verdicts import CellVerdict, Verdict, VerdictFile, lanes_of

__all__ = ["junit"]

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(files: Sequence[VerdictFile], allowed_not_run: Mapping[str, Collection[str]] | None = None) -> str:
    """The XML text; `allowed_not_run`: agent -> scenarios that may be not run, which are skipped and not failed."""
    root = XML.Element("testsuites", name="alignment")
    for file in files:
        allowed = (allowed_not_run or {}).get(file.agent, ())
        for lane in lanes_of([file]):
            cells = [cell for cell in file.cells if cell.lane == lane]
            suite = XML.SubElement(root, "testsuite", name=_clean(f"{file.agent} {lane}"))
            for cell in cells:
                _case(suite, file.agent, cell, allowed)
            counts = {tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")}
            suite.attrib |= {
                "tests": str(len(cells)),
                "failures": str(counts["failure"]),
                "errors": str(counts["error"]),
                "skipped": str(counts["skipped"]),
                "time": "0",
            }
    XML.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{XML.tostring(root, encoding="unicode")}\n'


def _case(suite: XML.Element, agent: str, cell: CellVerdict, allowed: Collection[str]) -> None:
    area, _, _ = cell.scenario.rpartition("/")
    classname = ".".join(word for word in (agent, cell.lane, area) if word)
    case = XML.SubElement(suite, "testcase", classname=_clean(classname), name=_clean(cell.scenario), time="0")
    verdict, lines = cell.verdict, _lines(cell, declared=False)
    if verdict is Verdict.NOT_RUN and cell.scenario in allowed:
        XML.SubElement(case, "skipped", message=_clean(cell.message))
    elif verdict is Verdict.HARNESS_ERROR:
        XML.SubElement(case, "error", message=_clean(cell.message), type=str(verdict)).text = _clean(cell.message)
    elif cell.different:
        message = cell.message or f"{len(lines)} differences: {', '.join(cell.bad_surfaces)}"
        failure = XML.SubElement(case, "failure", message=_clean(message), type=str(verdict))
        failure.text = _clean("\n".join(lines or [cell.message]))
    if declared := _lines(cell, declared=True):
        XML.SubElement(case, "system-out").text = _clean("\n".join(declared))


def _lines(cell: CellVerdict, *, declared: bool) -> list[str]:
    return [
        f"{surface.surface}: {finding.text}{f' [declared: {finding.declared}]' if declared else ''}"
        for surface in cell.surfaces
        for finding in surface.findings
        if bool(finding.declared) == declared
    ]


def _clean(text: str) -> str:
    """XML 1.0 has no way to write most control characters; what an agent printed may hold them."""
    return _NOT_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
