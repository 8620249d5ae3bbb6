"""`python -m compare`: hold recordings against each other, take new ones, learn noise, report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compare.verdicts import VerdictFile

__all__ = ["main"]

_CODES = "exit codes: 0 ok, 1 difference, 2 usage, 3 harness error, 4 stale declared difference"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and returns its exit code: 0 ok, 1 difference, 2 usage, 3 harness error, 4 stale ledger."""
    args = _parser().parse_args(argv)
    from captures.agents import AgentError
    from captures.recording import RecordingError
    from captures.scenario import ScenarioError
    from compare.accept import EditedError
    from compare.declared import DeclaredError
    from compare.outputs import OutputError
    from compare.verdicts import ExitCode, VerdictError

    try:
        return _VERBS[args.verb](args)
    except (ScenarioError, DeclaredError, VerdictError, OutputError, _UsageError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except EditedError as error:
        print(f"compare: {error}", file=sys.stderr)
        return ExitCode.DIFFERENCE
    except (AgentError, RecordingError) as error:
        print(f"compare: {error}", file=sys.stderr)
        return ExitCode.HARNESS_ERROR
    except KeyboardInterrupt:
        print("compare: stopped", file=sys.stderr)
        return 130


class _UsageError(Exception):
    """What was asked for cannot be done; the message says what to ask for."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m compare", description=__doc__, epilog=_CODES)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", epilog=_CODES)

    check = verb("check", "compare fresh recordings with the committed ones and print the verdicts")
    check.add_argument("runs", type=Path, metavar="RUNS", help="folder with <version>/<role>/<scenario id>/ below")
    _expected(check)
    _checking(check)

    report = verb("report", "record an agent in all committed cells and check it")
    report.add_argument("--agent", default="pycodex", help="pycodex or a command line (default: pycodex)")
    report.add_argument("-j", "--jobs", type=int, default=4, help="workers (default: 4)")
    report.add_argument(
        "--attempts",
        type=int,
        metavar="N",
        help="how often a cell that differs is recorded before it counts as different (default: 3; 1: once)",
    )
    report.add_argument(
        "--out", type=Path, metavar="DIR", help="where its recordings go; emptied first (default: .work/runs/<agent>)"
    )
    _expected(report)
    _checking(report)
    from captures import traffic

    traffic.add_options(report)

    render = verb("render", "make reports of verdict files, those of many jobs as one")
    render.add_argument(
        "verdicts", type=Path, nargs="+", metavar="VERDICTS", help="files that `check` or `report` wrote, of any agents"
    )
    render.add_argument(
        "--runs",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="the agent's recordings, for each file in turn (default: the folder that the file lies in)",
    )
    _expected(render)
    _judged(render)

    accept = verb("accept", "take fresh recordings of upstream where they differ beyond the noise, or are new")
    accept.add_argument("runs", type=Path, metavar="RUNS", help="folder with <version>/<role>/<scenario id>/ below")
    _into(accept)
    _only(accept)

    learn = verb("learn", "grow the noise rules from several recordings of the same binary")
    learn.add_argument("runs", type=Path, nargs="+", metavar="RUNS", help="folders of repeated recordings")
    _into(learn)
    _only(learn)

    capture = verb("capture", "record the real codex-cli and take what differs beyond the noise")
    capture.add_argument("scenario", nargs="*", help="scenario id, folder of ids or file; none: all")
    capture.add_argument(
        "--version", action="append", default=[], help="only this version (repeatable; default: all with recordings)"
    )
    capture.add_argument(
        "--lane", action="append", default=[], metavar="VERSION/ROLE", help="only this lane (repeatable)"
    )
    capture.add_argument("--noise", type=int, default=0, metavar="N", help="record N more times and learn the noise")
    capture.add_argument("-j", "--jobs", type=int, default=2, help="workers (default: 2)")
    capture.add_argument("--sample", action="store_true", help="only the scenarios tagged `sample`, one per folder")
    _into(capture)

    session = verb("session", "run pycodex in a terminal for the session that the README shows")
    session.add_argument("--write", action="store_true", help="into the README (default: print it)")

    again = verb("repeat", "record an agent in the same cells again and again, and count how often they are identical")
    again.add_argument("--agent", default="pycodex", help="codex-cli, pycodex or a command line (default: pycodex)")
    again.add_argument("--times", type=int, default=20, help="how often (default: 20)")
    again.add_argument("-j", "--jobs", type=int, default=2, help="workers (default: 2)")
    _only(again)

    from compare.drift import command as drift
    from compare.server import command as server
    from compare.shapes import command as shapes
    from compare.wire import command as wire

    drifting = verb("drift", "list what changed between two versions of codex-cli, in the order of what to do first")
    drifting.epilog = drift.CODES
    drift.add_options(drifting)
    server.add_options(verb("server", "send what codex-cli was recorded to send to a server, and judge its answers"))
    shapes.add_options(verb("shapes", "hold an agent against the shapes of a version while it runs, or write them"))
    wire.add_options(verb("wire", "write docs/WIRE.md, what codex-cli sends and reads, from scenarios and recordings"))

    verb("demo", "one turn of pycodex against the fake server, compared with upstream's recording")
    return parser


def _expected(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--expected", type=Path, metavar="DIR", help="recordings of upstream (captures/upstream)")


def _into(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--into", type=Path, metavar="DIR", help="recordings of upstream (captures/upstream)")


def _only(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--only", action="append", default=[], metavar="GLOB", help="only these cells: lane, scenario or both"
    )


def _checking(parser: argparse.ArgumentParser) -> None:
    _judged(parser)
    _only(parser)


def _judged(parser: argparse.ArgumentParser) -> None:
    from compare.outputs import add_options

    parser.add_argument("--declared", type=Path, metavar="FILE", help="declared differences of this agent")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the verdict file")
    parser.add_argument(
        "--allow-not-run", action="append", default=[], metavar="ID", help="a scenario that may be not run"
    )
    add_options(parser)


def _check(args: argparse.Namespace) -> int:
    from compare.run import check_folder

    runs: Path = args.runs
    if not runs.is_dir():
        raise _UsageError(f"{runs}: no such folder; record first, with `python -m captures run`")
    agent = runs.resolve().name
    return _finish(
        args, runs, check_folder(runs, agent, upstream=args.expected, only=args.only, declared=args.declared)
    )


def _report(args: argparse.Namespace) -> int:
    import asyncio

    from captures.agents import load_agent
    from captures.driver import WORK
    from captures.progress import Progress
    from captures.traffic import asked_traffic
    from compare.cells import upstream_folder
    from compare.outputs import check_options
    from compare.run import check_agent, committed_cells

    check_options(args)
    agent = load_agent(args.agent)
    upstream = args.expected or upstream_folder()
    cells = committed_cells(upstream, args.only)
    if not cells:
        raise _UsageError(f"no committed recording below {upstream} to hold {agent.name} against")
    runs: Path = args.out or WORK / "runs" / agent.name
    if args.out is not None and runs.exists() and any(runs.iterdir()) and not (runs / "texts").is_dir():
        raise _UsageError(f"--out {runs}: there is something else in this folder; name an empty or a new one")
    with asked_traffic(args, WORK) as traffic, Progress(len(cells), agent.name) as progress:
        verdicts = asyncio.run(
            check_agent(
                agent,
                out=runs,
                upstream=upstream,
                only=args.only,
                declared=args.declared,
                command=args.agent,
                jobs=args.jobs,
                attempts=args.attempts,
                traffic=traffic,
                watch=progress.step,
            )
        )
    return _finish(args, runs, verdicts)


def _finish(args: argparse.Namespace, runs: Path, verdicts: VerdictFile) -> int:
    from compare.cells import upstream_folder
    from compare.outputs import worst_code, write_json, write_outputs
    from compare.report import print_report

    write_json(args.json or runs / "verdicts.json", verdicts)
    print_report(verdicts)
    return worst_code(write_outputs(args, [verdicts], [runs], args.expected or upstream_folder()), args)


def _render(args: argparse.Namespace) -> int:
    from compare.cells import upstream_folder
    from compare.outputs import read_verdicts, worst_code, write_json, write_outputs
    from compare.report import print_report

    files = read_verdicts(args.verdicts)
    if args.runs and len(args.runs) not in (1, len(files)):
        raise _UsageError(f"--runs: give one folder for all, or one for each of the {len(files)} verdict files")
    folders = args.runs * len(files) if len(args.runs) == 1 else args.runs or [path.parent for path in args.verdicts]
    if args.json is not None and len({file.agent for file in files}) > 1:
        raise _UsageError("--json: a verdict file holds one agent, and these are of several")
    merged = write_outputs(args, files, folders, args.expected or upstream_folder())
    for verdicts in merged.files:
        if args.json is not None:
            write_json(args.json, verdicts)
        print_report(verdicts)
    for conflict in merged.conflicts:
        print(f"conflict: {conflict.text}", file=sys.stderr)
    return worst_code(merged, args)


def _accept(args: argparse.Namespace) -> int:
    from compare.accept import accept, accepted_lines
    from compare.cells import upstream_folder

    done = accept(args.runs, args.into or upstream_folder(), only=args.only)
    print("\n".join(accepted_lines(done)))
    return 0


def _learn(args: argparse.Namespace) -> int:
    from compare.cells import upstream_folder
    from compare.learn import learn, learned_lines

    done = learn(args.runs, args.into or upstream_folder(), only=args.only)
    print("\n".join(learned_lines(done)))
    return 1 if any(learned.unexplained for learned in done.values()) else 0


def _capture(args: argparse.Namespace) -> int:
    from captures.scenario import Lane
    from compare.capture import Recorder, capture
    from compare.cells import upstream_folder

    return capture(
        args.into or upstream_folder(),
        versions=args.version,
        lanes=[Lane.parse(text) for text in args.lane],
        only=args.scenario,
        noise=args.noise,
        sample=args.sample,
        recorder=Recorder(jobs=args.jobs),
    )


def _drift(args: argparse.Namespace) -> int:
    from compare.drift.command import DriftError, run

    try:
        return run(args)
    except DriftError as error:
        raise _UsageError(str(error)) from None


def _server(args: argparse.Namespace) -> int:
    from compare.server.command import run

    return run(args)


def _shapes(args: argparse.Namespace) -> int:
    from compare.shapes.command import run

    return run(args)


def _wire(args: argparse.Namespace) -> int:
    from compare.wire.command import run

    return run(args)


def _repeat(args: argparse.Namespace) -> int:
    from compare.repeat import repeat

    return repeat(args.agent, args.times, only=args.only or ["*/interactive/long_session"], jobs=args.jobs)


def _session(args: argparse.Namespace) -> int:
    from compare.session import run

    return run(write=args.write)


def _demo(args: argparse.Namespace) -> int:
    from compare.demo import demo

    return demo()


_VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "report": _report,
    "render": _render,
    "accept": _accept,
    "learn": _learn,
    "drift": _drift,
    "capture": _capture,
    "demo": _demo,
    "repeat": _repeat,
    "session": _session,
    "server": _server,
    "shapes": _shapes,
    "wire": _wire,
}

if __name__ == "__main__":
    sys.exit(main())
