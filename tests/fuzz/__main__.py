"""`make fuzz`: the same random tool calls to the real codex-cli and to pycodex, until they differ.

A unit (a seed and a number) is some forty calls, one in each response, in a fresh home and workspace at the same
paths for both. Each call's output and events are compared, then the files. What differs is made small and written as
a scenario. codex-cli's side is kept in .work/fuzz, so a run that was stopped, or one after a repair, goes on quickly.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from pathlib import Path

from captures.agents import AgentError, load_agent
from captures.driver import WORK
from captures.progress import Progress
from captures.scenario import Lane
from compare.declared import DeclaredError, read_declared
from compare.verdicts import ExitCode
from fake_server import ScriptError
from tests.fuzz.campaign import UNSTEADY, Campaign
from tests.fuzz.table import Teller, tally_lines
from tests.fuzz.traces import Store
from tests.fuzz.units import SIZE

__all__ = ["main"]

LANES = (Lane("0.115.0", "direct"), Lane("0.169.0", "direct"))
ALL = (*LANES, Lane("0.169.0", "code_mode"))
DECLARED = Path(__file__).parent / "declared.toml"
FULL = 10_000
"""A run of so many calls meets every declared row; one that it does not meet is stale."""


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 no difference, 1 a difference, 2 usage, 3 an agent could not be run, 4 a stale declared row."""
    args = _parse(argv)
    if args.reference == "codex-cli" and shutil.which("npm") is None and not (WORK / "npm").is_dir():
        print("fuzz: npm is needed to install the real codex-cli", file=sys.stderr)
        return ExitCode.USAGE
    lanes = args.lane or [lane for lane in LANES if not args.version or lane.version in args.version]
    try:
        return _run(_campaign(args), lanes, args)
    except DeclaredError as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except (AgentError, ScriptError, OSError) as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return ExitCode.HARNESS_ERROR


def _campaign(args: argparse.Namespace) -> Campaign:
    reference = load_agent(args.reference)
    return Campaign(
        reference=reference,
        agent=load_agent(args.agent),
        declared=read_declared(args.declared),
        # What a released version answers stays; an agent that is worked on changes.
        store=Store(WORK / "fuzz" / reference.name) if reference.npm_package else None,
        seed=args.seed,
        size=min(args.calls, SIZE),
        jobs=args.jobs,
        most_findings=args.stop_after,
        budget=args.tries,
        reference_only=args.reference_only,
    )


def _run(campaign: Campaign, lanes: list[Lane], args: argparse.Namespace) -> int:
    """Runs it, and says what it did, also where a person stopped it."""
    first = args.first if args.unit is None else args.unit
    count = -(-args.calls // SIZE) if args.unit is None else 1
    units = [(lane, number) for number in range(first, first + count) for lane in lanes]
    stopped, start = False, time.monotonic()
    with Progress(len(units), f"fuzz, seed {args.seed}") as progress:
        tell = Teller(args.keep or WORK / "fuzz" / "found", progress.clear)
        try:
            asyncio.run(campaign.run(units, progress.advance, tell))
        except KeyboardInterrupt:
            stopped = True
    for lane, tally in campaign.tallies.items():
        print("\n".join(tally_lines(lane, tally)))
    print(f"seed {args.seed}, units {first} to {first + count - 1}, {time.monotonic() - start:.0f} s")
    if stopped:
        print("fuzz: stopped; the same command goes on with what is kept", file=sys.stderr)
        return 130
    full = count * SIZE >= FULL and len(lanes) == len(LANES)
    stale = _stale(campaign) if full else []
    for name in stale:
        print(f"stale: declared row {name!r} excused nothing; remove it")
    if any(tally.findings for tally in campaign.tallies.values()):
        return ExitCode.DIFFERENCE
    return ExitCode.STALE if stale else ExitCode.OK


def _stale(campaign: Campaign) -> list[str]:
    """Rows that excused nothing; what comes and goes may stay away."""
    rows = [row for row in campaign.declared.rows if not all(cell.endswith(UNSTEADY) for cell in row.cells)]
    return [row.id for row in rows if row.id not in campaign.used]


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--calls", type=int, default=FULL, help=f"per version (default: {FULL})")
    parser.add_argument("--seed", type=int, default=1, help="what the calls follow from (default: 1)")
    parser.add_argument("--version", action="append", choices=[lane.version for lane in LANES], help="only this one")
    parser.add_argument("--lane", action="append", type=Lane.parse, choices=ALL, help="only this one, code mode too")
    parser.add_argument("--first", type=int, default=0, metavar="UNIT", help="begin with this unit of the seed")
    parser.add_argument("--unit", type=int, help="only this unit of the seed")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="units at a time (default: 2)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for the scenarios of what is found")
    parser.add_argument("--stop-after", type=int, default=20, metavar="N", help="differences (default: 20)")
    parser.add_argument("--tries", type=int, default=60, help="runs of both to make a difference small (default: 60)")
    parser.add_argument("--agent", default="pycodex", help="an agent's name or command line (default: pycodex)")
    parser.add_argument("--reference", default="codex-cli", help="the agent that is right (default: codex-cli)")
    parser.add_argument("--reference-only", action="store_true", help="only do and keep codex-cli's side")
    parser.add_argument("--declared", type=Path, default=DECLARED, help="ledger of the differences that are meant")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
