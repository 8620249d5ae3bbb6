"""Writes the report: one folder, self-contained, to be opened as a file.

    index.html   score, matrix, search and filter
    faults.html  the fault table: what codex-cli's recordings show of each fault
    cells/       a page per cell
    texts/       long texts, once
    static/      style and script

Everything that a recording or a verdict file holds is foreign text: the templates escape it, no page runs it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from captures.scenario import load_scenarios
from compare.cells import scenarios_beside
from compare.declared import Row as DeclaredRow
from compare.faults.seen import seen_table
from compare.faults.table import load_table
from compare.html.cell import view_cell
from compare.html.index import view_index
from compare.html.names import SHORT, cell_page, rows_file, title_of
from compare.html.rows import SharedRows, is_shared
from compare.html.texts import SharedTexts
from compare.merge import Merged
from compare.run import ledger_of
from compare.verdicts import Verdict

__all__ = ["MARK", "HtmlError", "check_folder", "write_html"]

MARK = '<meta name="generator" content="python -m compare">'
"""In `index.html` it says that the folder is a report of ours, and so may be emptied before it is written again."""

_HERE = Path(__file__).parent


class HtmlError(ValueError):
    """The folder cannot be used; the message says why."""


def write_html(
    out: Path,
    merged: Merged,
    *,
    upstream: Path,
    runs: Mapping[tuple[str, str], Path],
    declared: Path | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> int:
    """Writes the report into `out`, and returns the number of pages.

    `runs`: agent and cell -> the folder that holds the candidate's recordings. Raises HtmlError.
    """
    _empty(out)
    env = _environment()
    scenarios = {scenario.id: scenario for scenario in load_scenarios(scenarios_beside(upstream))}
    (out / "index.html").write_text(
        env.get_template("index.html").render(
            view=view_index(merged, scenarios),
            root="",
            mark=Markup(MARK),
            verdicts=[str(verdict) for verdict in Verdict],
        ),
        encoding="utf-8",
    )
    versions, sections = seen_table(load_table(), upstream)
    faults = env.get_template("faults.html")
    text = faults.render(versions=versions, sections=sections, root="", mark=Markup(MARK))
    (out / "faults.html").write_text(text, encoding="utf-8", errors="backslashreplace")
    texts = SharedTexts(out / "texts")
    shared: dict[str, SharedRows] = {}
    done, total = 0, sum(len(file.cells) for file in merged.files)
    template = env.get_template("cell.html")
    others = _lanes_of_scenarios(merged)
    for file in merged.files:
        rows: dict[str, DeclaredRow] = {row.id: row for row in ledger_of(file.agent, declared).rows}
        for cell in file.cells:
            view = view_cell(
                cell,
                agent=file.agent,
                command=file.command,
                upstream=upstream,
                runs=runs.get((file.agent, cell.name)),
                scenario=scenarios.get(cell.scenario),
                declared=rows,
                texts=texts,
            )
            page = cell_page(file.agent, cell)
            root = "../" * page.count("/")
            target = out / page
            target.parent.mkdir(parents=True, exist_ok=True)
            text = template.render(
                view=view,
                root=root,
                mark=Markup(MARK),
                others=others[cell.scenario],
                page=page,
                rows=shared.setdefault(cell.lane, SharedRows()),
                rows_file=rows_file(cell.lane),
            )
            target.write_text(text, encoding="utf-8", errors="backslashreplace")
            done += 1
            if watch is not None:
                watch(done, total)
    for lane, alike in shared.items():
        alike.write(out / rows_file(lane))
    return done + 2


def check_folder(out: Path) -> None:
    """Raises HtmlError where something else lies than a report; to be asked before a run of minutes."""
    try:
        if out.exists() and any(out.iterdir()):
            index = out / "index.html"
            if not index.is_file() or MARK not in index.read_text(encoding="utf-8", errors="replace")[:400]:
                raise HtmlError(f"{out}: there is something else in this folder; name an empty or a new one")
    except OSError as error:
        raise HtmlError(f"{out}: {error.strerror or error}") from None


def _lanes_of_scenarios(merged: Merged) -> dict[str, list[tuple[str, str, str]]]:
    """Scenario -> (column, page, verdict) of its cells."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for file in merged.files:
        for cell in file.cells:
            row = (f"{file.agent} {cell.lane}", cell_page(file.agent, cell), str(cell.verdict))
            found.setdefault(cell.scenario, []).append(row)
    return found


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["href"] = quote
    env.filters["content"] = _content
    env.globals["short"] = _short
    env.globals["title_of"] = title_of
    env.globals["is_shared"] = is_shared
    return env


def _content(text: str) -> Markup:
    """Escaped for the inside of an element, where quotes may stand: what is on the wire is full of them."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _short(verdict: str) -> str:
    return SHORT[Verdict(verdict)]


def _empty(out: Path) -> None:
    """Makes the folder, or empties it if a report lies there. Nothing else is ever deleted."""
    check_folder(out)
    try:
        for name in ("cells", "texts", "rows", "static"):
            shutil.rmtree(out / name, ignore_errors=True)
        out.mkdir(parents=True, exist_ok=True)
        shutil.copytree(_HERE / "static", out / "static")
    except OSError as error:
        raise HtmlError(f"{out}: {error.strerror or error}") from None
