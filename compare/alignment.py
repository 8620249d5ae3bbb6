"""`docs/ALIGNMENT.md`: where an agent stands, from a verdict file over all cells; and from what it was made.

The page is committed. What it follows from (recordings, scenarios, declared differences, the tables of rules) is hashed
into its last line, so a test can say that it is out of date without running a cell. That the agent still does what the
page says is what the conformance tests show: they run every cell.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from captures.driver import REPO
from captures.manifest import read_manifest
from captures.recording import read_recording
from compare.cells import find_cells, scenarios_beside
from compare.declared import FOLDER, Declared
from compare.markdown import score_table, table
from compare.merge import Merged
from compare.others import FOLDER as OTHERS
from compare.others import read_others, render_others
from compare.run import ledger_of
from compare.verdicts import CellVerdict, Verdict, VerdictFile, summary

__all__ = ["RULES", "TOOLS", "AlignmentError", "basis", "basis_of", "render_alignment"]

RULES = tuple(REPO / "tests" / "conformance" / name for name in ("exec_rules.yaml", "tool_rules.yaml"))
"""The tables of measured rules; the rows that no recording can show say why."""

TOOLS = (
    "shell",
    "shell_command",
    "exec_command",
    "write_stdin",
    "exec",
    "wait",
    "web_search",
    "update_plan",
    "request_user_input",
    "request_permissions",
    "spawn_agent",
    "send_input",
    "resume_agent",
    "wait_agent",
    "close_agent",
    "apply_patch",
    "grep_files",
    "read_file",
    "list_dir",
    "view_image",
    "wait_infinite",
    "spawn_agents_on_csv",
    "report_agent_job_result",
    "js_repl",
    "js_repl_reset",
    "artifacts",
    "list_mcp_resources",
    "list_mcp_resource_templates",
    "read_mcp_resource",
    "multi_tool_use.parallel",
)
"""The tools that are asked for; others that recordings offer follow them in the table."""

_BASIS = re.compile(r"Basis: `([0-9a-f]{64})`")


_INTRO = """\
Written by `make report`; do not edit. A **cell** is one scenario in one lane (codex-cli version and role of the
model); a **surface** is one of twelve parts of what was recorded. A number alone means that all cells are identical
to the recordings of the real codex-cli. The same with a page for each cell: `make report HTML=out/`."""

_TOOLS_INTRO = """\
What recordings of codex-cli say of each tool: in how many cells it is offered to the model, in how many it is
called, and what became of {agent} in those."""


_OTHERS_INTRO = """\
How many cells are identical to the recordings of codex-cli, of agents that make no such promise: facts about these
versions. Cells whose recording is newer than the comparison are left out. Where codex-cli sends nothing, because it
refuses a command line for one, an agent that sends nothing either is identical on the surfaces of requests."""


class AlignmentError(ValueError):
    """Verdicts from which the page cannot be made; the message says what to run."""


def render_alignment(merged: Merged, upstream: Path, *, declared: Path | None = None, others: Path = OTHERS) -> str:
    """The page as Markdown. Raises AlignmentError unless there is one agent, with a verdict of every recording."""
    file = _whole(merged, upstream)
    ledger = ledger_of(file.agent, declared)
    parts = [
        f"# Alignment of {file.agent} with codex-cli",
        "",
        _INTRO,
        "",
        f"{summary(file.cells)}.",
        "",
        "## Score by surface and lane",
        "",
        *score_table(file),
        "",
        "## Areas",
        "",
        *_areas(file),
        "",
        "## Declared differences",
        "",
        *_declared(file, ledger),
        "",
        "## Different, not run, not compared",
        "",
        *_uncompared(file, ledger),
        "",
        "## Tools",
        "",
        _TOOLS_INTRO.format(agent=file.agent),
        "",
        *_tools(file, upstream),
        "",
        "## Not captured",
        "",
        *_not_captured(),
        "",
        *_others(upstream, others),
        "---",
        f"Basis: `{basis(upstream)}` (recordings, scenarios, declared differences, rules, other agents). When one of",
        "them changes, a test fails until `make report` has written this page again.",
    ]
    return "\n".join(parts) + "\n"


def basis(upstream: Path) -> str:
    """One hash over everything that the page follows from."""
    digest = hashlib.sha256()
    for name, value in _manifested(upstream).items():
        digest.update(f"{name} {value}\n".encode())
    scenarios = scenarios_beside(upstream)
    files = [(path.relative_to(scenarios).as_posix(), path) for path in scenarios.rglob("*.yaml")]
    files += [(path.name, path) for path in (*FOLDER.glob("*.toml"), *OTHERS.glob("*.json"), *RULES) if path.exists()]
    for name, path in sorted(files):
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def basis_of(page: str) -> str | None:
    """What a page says that it was made from."""
    match = _BASIS.search(page)
    return match[1] if match else None


def _manifested(upstream: Path) -> dict[str, str]:
    """Cell -> hash of its recording, from the manifests."""
    found: dict[str, str] = {}
    for version in sorted({cell.version for cell in find_cells(upstream)}):
        manifest = read_manifest(upstream / version)
        recordings = manifest.recordings if manifest else {}
        found |= {f"{version}/{name}": value for name, value in sorted(recordings.items())}
    return found


def _whole(merged: Merged, upstream: Path) -> VerdictFile:
    if len(merged.files) != 1:
        raise AlignmentError("it is about one agent, in all cells")
    file = merged.files[0]
    known = _manifested(upstream)
    said = {cell.name: cell.recording for cell in file.cells}
    if missing := sorted(known.keys() - said.keys()):
        raise AlignmentError(f"{len(missing)} of {len(known)} cells have no verdict, such as {missing[0]}")
    if other := sorted(name for name, value in known.items() if said[name] != value):
        raise AlignmentError(f"the verdict of {other[0]} is about another recording; run `make report`")
    return file


def _areas(file: VerdictFile) -> list[str]:
    areas: dict[str, list[CellVerdict]] = {}
    for cell in file.cells:
        areas.setdefault(cell.scenario.partition("/")[0], []).append(cell)
    rows = []
    for area, cells in sorted(areas.items()):
        counts = Counter(cell.verdict for cell in cells)
        rest = ", ".join(f"{counts[v]} {v}" for v in Verdict if counts[v] and v is not Verdict.IDENTICAL)
        scenarios = len({cell.scenario for cell in cells})
        rows.append([area, str(scenarios), str(len(cells)), str(counts[Verdict.IDENTICAL]), rest or "none"])
    return table(["area", "scenarios", "cells", "identical", "others"], rows)


def _declared(file: VerdictFile, ledger: Declared) -> list[str]:
    used: Counter[str] = Counter()
    for cell in file.cells:
        used.update({f.declared for surface in cell.surfaces for f in surface.findings if f.declared})
    rows = [
        [row.id, row.surface, f"{used[row.id]} ({', '.join(row.cells)})", row.reason, row.evidence]
        for row in ledger.rows
    ]
    return table(["id", "surface", "cells", "reason", "evidence"], rows) if rows else ["None."]


def _uncompared(file: VerdictFile, ledger: Declared) -> list[str]:
    words = (Verdict.DIFFERENT, Verdict.NOT_RUN, Verdict.HARNESS_ERROR, Verdict.NOT_CAPTURED)
    rows = [
        [
            cell.name,
            str(cell.verdict),
            ", ".join(cell.bad_surfaces) if cell.verdict is Verdict.DIFFERENT else cell.message,
        ]
        for cell in file.cells
        if cell.verdict in words
    ]
    found = table(["cell", "verdict", "where, or why"], rows) if rows else ["None: every cell was run and compared."]
    allowed = [[row.scenario, row.reason] for row in ledger.not_run]
    return [*found, "", *table(["may be not run", "why"], allowed)] if allowed else found


def _others(upstream: Path, folder: Path) -> list[str]:
    rows = render_others(read_others(folder), _manifested(upstream))
    return ["## Other agents", "", _OTHERS_INTRO, "", *rows, ""] if rows else []


def _not_captured() -> list[str]:
    import yaml

    data: list[dict[str, Any]] = []
    for path in RULES:
        data += yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    rows = [[row["rule"], row["not_captured"]] for row in data if "not_captured" in row]
    pinned = len(data) - len(rows)
    return [
        f"{pinned} measured rules of `codex exec` and its tools are pinned by scenarios; these cannot be recorded:",
        "",
        *table(["rule", "why there is no recording"], rows),
    ]


def _tools(file: VerdictFile, upstream: Path) -> list[str]:
    verdicts = {cell.name: cell.verdict for cell in file.cells}
    offered: dict[str, Counter[str]] = {}
    called: dict[str, set[str]] = {}
    for cell, folder in find_cells(upstream).items():
        names: set[str] = set()
        for request in read_recording(folder).tree["requests"]:
            body = request["body"] if isinstance(request["body"], dict) else {}
            items = [item for item in body.get("input") or () if isinstance(item, dict)]
            lists = [
                body.get("tools"),
                *(item.get("tools") for item in items if item.get("type") == "additional_tools"),
            ]
            names |= {name for tools in lists for name in _names(tools)}
            for name in _calls(items):
                called.setdefault(name, set()).add(str(cell))
        for name in names:
            offered.setdefault(name, Counter())[cell.lane] += 1
    order = [*TOOLS, *sorted(offered.keys() - set(TOOLS))]
    rows = []
    for name in order:
        lanes = ", ".join(f"{lane}: {n}" for lane, n in sorted(offered.get(name, Counter()).items()))
        cells = called.get(name, set())
        fate = Counter(str(verdicts.get(cell, Verdict.NOT_RUN)) for cell in cells)
        said = ", ".join(f"{fate[str(v)]} {v}" for v in Verdict if fate[str(v)])
        rows.append([name, lanes or "nowhere", str(len(cells)), said or "no recording calls it"])
    return table(["tool", "offered in cells of", "called in cells", "of these"], rows)


def _names(tools: Any, space: Any = None) -> Iterator[str]:
    """Names of the tools in a list, also of those in a namespace."""
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, Mapping):
            if isinstance(tool.get("tools"), list):
                yield from _names(tool["tools"], tool.get("name"))
            else:
                yield _full_name(tool.get("name") or tool.get("type"), space)


def _full_name(name: Any, space: Any) -> str:
    """With its namespace, unless it is one of TOOLS: the model finds these in one place or another."""
    return f"{space}.{name}" if space and name not in TOOLS else str(name)


def _calls(items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The tools that the items of a request's input call."""
    for item in items:
        kind = str(item.get("type"))
        if fnmatchcase(kind, "*_call"):
            yield _full_name(item.get("name") or kind.removesuffix("_call"), item.get("namespace"))
