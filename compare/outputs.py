"""What a check can leave beside its text: HTML, JUnit, Markdown, JSON, rows, the alignment page; and their options."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from compare.merge import Merged, merge
from compare.run import ledger_of
from compare.verdicts import ExitCode, VerdictError, VerdictFile, exit_code

__all__ = [
    "SUMMARY",
    "OutputError",
    "add_options",
    "check_options",
    "read_verdicts",
    "worst_code",
    "write_json",
    "write_outputs",
]

SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable by which GitHub names the file that a step's summary is appended to."""


class OutputError(ValueError):
    """An output that cannot be written; the message says which and why."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--html`, `--junit`, `--markdown`, `--summary`, `--row`, `--alignment`."""
    group = parser.add_argument_group("what to write")
    group.add_argument("--html", type=Path, metavar="DIR", help="a folder of pages: score, matrix, a page per cell")
    group.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML: a suite per lane, a test case per cell")
    group.add_argument("--markdown", type=Path, metavar="FILE", help="the score and what differs, as Markdown")
    group.add_argument(
        "--summary", action="store_true", help=f"append the Markdown to the file that ${SUMMARY} names, if it is set"
    )
    group.add_argument(
        "--row",
        type=Path,
        metavar="FILE",
        help="renew this agent's row of the page: compare/others/AGENT.json",
    )
    group.add_argument(
        "--alignment", type=Path, metavar="FILE", help="docs/ALIGNMENT.md anew; only of one agent in all cells"
    )


def read_verdicts(paths: Sequence[Path]) -> list[VerdictFile]:
    """Raises VerdictError, which names the file."""
    files = []
    for path in paths:
        try:
            files.append(VerdictFile.from_json(json.loads(path.read_text(encoding="utf-8"))))
        except OSError as error:
            raise VerdictError(f"{path}: {error.strerror}") from None
        except ValueError as error:
            raise VerdictError(f"{path}: {error}") from None
    return files


def check_options(args: argparse.Namespace) -> None:
    """Raises OutputError for what could not be written after a run of minutes."""
    if args.html is not None:
        from compare.html.site import HtmlError, check_folder

        try:
            check_folder(args.html)
        except HtmlError as error:
            raise OutputError(str(error)) from None


def write_outputs(
    args: argparse.Namespace, files: Sequence[VerdictFile], folders: Sequence[Path], upstream: Path
) -> Merged:
    """Writes what the options ask for; `folders`: for each file, where the candidate's recordings lie. Prints where.

    Raises OutputError.
    """
    merged = merge(files)
    allowed = _allowed(merged, args)
    try:
        if args.html is not None:
            from compare.html.site import HtmlError, write_html

            runs = {key: folders[number] for key, number in merged.origin.items()}
            try:
                write_html(args.html, merged, upstream=upstream, runs=runs, declared=args.declared)
            except HtmlError as error:
                raise OutputError(str(error)) from None
            print(f"wrote {args.html / 'index.html'} and {sum(len(file.cells) for file in merged.files)} cells")
        if args.junit is not None:
            from compare.junit import junit

            _write(args.junit, junit(merged.files, allowed))
        if args.markdown is not None or args.summary:
            from compare.markdown import render_markdown

            text = render_markdown(merged)
            if args.markdown is not None:
                _write(args.markdown, text)
            if args.summary and os.environ.get(SUMMARY):
                with open(os.environ[SUMMARY], "a", encoding="utf-8") as file:
                    file.write(text)
        if args.row is not None:
            from compare.others import renewed, write_other

            if len(merged.files) != 1:
                raise OutputError("--row: it is about one agent, and these verdicts are of several")
            write_other(args.row, renewed(args.row, merged.files[0]))
            print(f"wrote {args.row}")
        if args.alignment is not None:
            from compare.alignment import AlignmentError, render_alignment

            try:
                _write(args.alignment, render_alignment(merged, upstream, declared=args.declared))
            except AlignmentError as error:
                print(f"{args.alignment} is left as it is: {error}")
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}") from None
    return merged


def write_json(path: Path, verdicts: VerdictFile) -> None:
    """The verdict file itself. Raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(verdicts.to_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from None


def worst_code(merged: Merged, args: argparse.Namespace) -> int:
    """The exit code of all agents: a harness error before a difference before a stale row."""
    allowed = _allowed(merged, args)
    codes = [exit_code(file, allowed[file.agent]) for file in merged.files]
    order = (ExitCode.HARNESS_ERROR, ExitCode.DIFFERENCE, ExitCode.STALE)
    return next((code for code in order if code in codes), ExitCode.OK if codes else ExitCode.HARNESS_ERROR)


def _allowed(merged: Merged, args: argparse.Namespace) -> Mapping[str, Sequence[str]]:
    return {
        file.agent: [*ledger_of(file.agent, args.declared).may_be_not_run, *args.allow_not_run] for file in merged.files
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    print(f"wrote {path}")
