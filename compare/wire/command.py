"""`python -m compare wire`: its options, and its exit code."""

from __future__ import annotations

import argparse
from pathlib import Path

from captures.manifest import UPSTREAM
from captures.scenario import load_scenarios
from compare.verdicts import ExitCode
from compare.wire.facts import gather
from compare.wire.render import render

__all__ = ["PAGE", "add_options", "page", "run"]

PAGE = UPSTREAM.parent.parent / "docs" / "WIRE.md"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--write", action="store_true", help="write docs/WIRE.md; without it, say whether it is stale")


def page(upstream: Path = UPSTREAM) -> str:
    """The page as the scenarios and recordings have it now."""
    return render(gather(upstream), load_scenarios())


def run(args: argparse.Namespace) -> int:
    """Writes the page, or compares it."""
    text = page()
    same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    if args.write and not same:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    print("up to date" if same else "wrote docs/WIRE.md" if args.write else "stale: docs/WIRE.md")
    return ExitCode.OK if same or args.write else ExitCode.DIFFERENCE
