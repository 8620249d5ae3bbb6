"""`python -m captures`: run agents through scenarios, export upstream's data, make a scenario of a recording."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 recorded, 1 a real server's answers have faults, 2 usage, 3 harness error."""
    parser = argparse.ArgumentParser(prog="python -m captures", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    run = verbs.add_parser("run", help="run an agent through scenarios and write recordings")
    run.add_argument("scenario", nargs="*", help="scenario id, folder of ids or file; none: all")
    run.add_argument("--agent", default="pycodex", help="codex-cli, pycodex or a command line (default: pycodex)")
    run.add_argument("--lane", action="append", default=[], metavar="VERSION/ROLE", help="only this lane (repeatable)")
    run.add_argument("--out", type=Path, help="folder for the recordings (default: .work/runs/<agent>)")
    run.add_argument("--via", choices=["proxy", "direct"], help="through mitmproxy or straight to the server")
    run.add_argument("--server", metavar="URL", help="a real Responses server in place of the scripted one")
    run.add_argument("--key-env", metavar="NAME", help="the variable with that server's key")
    run.add_argument("--model", metavar="M", help="the model to ask that server for")
    run.add_argument("-j", "--jobs", type=int, default=2, help="workers (default: 2)")

    from captures import traffic

    traffic.add_options(run)

    install = verbs.add_parser("install", help="install a codex-cli version from npm into .work")
    install.add_argument("version", nargs="+")

    promote = verbs.add_parser("promote", help="make a scenario of a recording")
    promote.add_argument(
        "recording", type=Path, help="folder of a recording, or of a session that `fake_server --record` wrote"
    )
    promote.add_argument("--into", type=Path, help="YAML file to write (default: print it)")

    export = verbs.add_parser("export", help="write pycodex's data of a version from its recordings")
    export.add_argument("version", nargs="*", help="default: every version with recordings")
    export.add_argument("--into", type=Path, help="data folder (default: pycodex/upstream/data)")

    models = verbs.add_parser("models", help="take the catalog out of a codex-cli that prints none (needs npm)")
    models.add_argument("version", nargs="*", help="default: every version with recordings")
    prompts = verbs.add_parser("prompts", help="capture what a prompt in codex-cli's terminal asks first (needs npm)")
    prompts.add_argument("version", nargs="*", help="default: every version with recordings")

    args = parser.parse_args(argv)
    from captures.agents import AgentError
    from captures.recording import RecordingError
    from captures.scenario import ScenarioError

    try:
        return _VERBS[args.verb](args)
    except (ScenarioError, RecordingError) as error:
        print(f"captures: {error}", file=sys.stderr)
        return 2
    except AgentError as error:
        print(f"captures: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("captures: stopped", file=sys.stderr)
        return 130


def _run(args: argparse.Namespace) -> int:
    from captures.agents import load_agent
    from captures.driver import WORK, LiveServer, record
    from captures.progress import Progress
    from captures.scenario import Lane, load_scenarios
    from captures.sightings import finding_lines
    from captures.traffic import asked_traffic

    if args.server is None and (args.key_env or args.model):
        print("captures: --key-env and --model go with --server URL", file=sys.stderr)
        return 2
    if args.key_env is not None and not os.environ.get(args.key_env):
        print(f"captures: the variable {args.key_env} is not set; export it with the server's key", file=sys.stderr)
        return 2
    key = os.environ[args.key_env] if args.key_env else None
    agent = load_agent(args.agent)
    lanes = [Lane.parse(text) for text in args.lane]
    cells = [
        (scenario, lane)
        for scenario in load_scenarios(only=args.scenario)
        for lane in scenario.lanes
        if not lanes or lane in lanes
    ]
    if not cells:
        print("captures: no scenario has such a lane", file=sys.stderr)
        return 2
    out = args.out or WORK / "runs" / agent.name
    with asked_traffic(args, WORK) as traffic, Progress(len(cells), f"{agent.name}") as progress:
        outcomes = asyncio.run(
            record(
                cells,
                agent,
                out=out,
                jobs=args.jobs,
                via=args.via,
                server=None if args.server is None else LiveServer(url=args.server, key=key, model=args.model),
                traffic=traffic,
                progress=progress.step,
            )
        )
    for outcome in outcomes:
        note = f": {outcome.message}" if outcome.message else ""
        print(f"{outcome.status:14} {outcome.lane}/{outcome.scenario_id}{note}")
        for number, finding in outcome.findings:
            first, *more = finding_lines(finding, outcome.lane.version)
            print(f"  request {number}: {first}", *more, sep="\n  ")
    print(f"{sum(o.status == 'recorded' for o in outcomes)} of {len(outcomes)} recorded below {out}")
    if any(o.status != "recorded" for o in outcomes):
        return 3
    return 1 if any(o.findings for o in outcomes) else 0


def _install(args: argparse.Namespace) -> int:
    from captures.driver import WORK
    from captures.install import install

    for version in args.version:
        done = install("@openai/codex", version, WORK)
        print(f"{version}: {done.binary}")
        for package, integrity in done.integrity.items():
            print(f"  {package} {integrity}")
    return 0


def _promote(args: argparse.Namespace) -> int:
    from captures.adopt import EXCHANGES, adopt
    from captures.promote import promote
    from captures.recording import read_recording

    folder: Path = args.recording
    text = promote(adopt(folder) if (folder / EXCHANGES).exists() else read_recording(folder))
    if args.into is None:
        print(text, end="")
    else:
        args.into.parent.mkdir(parents=True, exist_ok=True)
        args.into.write_text(text, encoding="utf-8")
        print(f"wrote {args.into}; run it with: python -m captures run --agent codex-cli {args.into}")
    return 0


def _export(args: argparse.Namespace) -> int:
    from captures.driver import REPO
    from captures.export import export
    from captures.manifest import UPSTREAM

    into = args.into or REPO / "pycodex" / "upstream" / "data"
    for version in args.version or sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir()):
        written = export(UPSTREAM / version, into / version)
        print(f"{version}: {written} files below {into / version}")
    return 0


def _models(args: argparse.Namespace) -> int:
    from captures.catalog import write_embedded
    from captures.manifest import UPSTREAM

    for version in args.version or sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir()):
        found = write_embedded(version, UPSTREAM)
        print(f"{version}: {'models.json written' if found else 'no catalog in the binary: it prints its own'}")
    return 0


def _prompts(args: argparse.Namespace) -> int:
    from captures.manifest import UPSTREAM
    from captures.prompts import capture_prompts

    for version in args.version or sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir()):
        asyncio.run(capture_prompts(version, UPSTREAM))
        print(f"{version}: prompt.json written; next: python -m captures export {version}")
    return 0


_VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "install": _install,
    "promote": _promote,
    "export": _export,
    "models": _models,
    "prompts": _prompts,
}

if __name__ == "__main__":
    sys.exit(main())
