"""`python -m compare shapes`: its options, and its exit code."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from captures.manifest import UPSTREAM
from compare.shapes.publish import SHAPES, stale, write
from compare.verdicts import ExitCode

__all__ = ["add_options", "run"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("--write", action="store_true", help="write docs/shapes from the recordings")
    parser.add_argument("--version", metavar="V", help="the codex-cli version to hold the agent against (the newest)")
    parser.add_argument("--url", help="a live provider to pass the requests on to (default: our own server answers)")
    parser.add_argument("--key-env", metavar="NAME", help="the variable with that provider's key")
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="answers from the `answers` of a scenario file")
    parser.add_argument(
        "command",
        nargs=argparse.REMAINDER,
        metavar="-- COMMAND",
        help="an agent; {url} in a word is the proxy's base URL, else CODEX_HOME names it",
    )


def run(args: argparse.Namespace) -> int:
    """Writes, runs an agent, or says whether what is written is what the recordings say."""
    if args.write:
        changed = write()
        print("\n".join(f"wrote {path.relative_to(SHAPES.parent.parent)}" for path in changed) or "nothing changed")
        return ExitCode.OK
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        old = stale()
        print("\n".join(f"stale: {path.relative_to(SHAPES.parent.parent)}" for path in old) or "up to date")
        return ExitCode.DIFFERENCE if old else ExitCode.OK
    return _watch(args, command)


def _watch(args: argparse.Namespace, command: list[str]) -> int:
    from compare.shapes.judge import Shapes
    from compare.shapes.live import Options, Watch, run_agent
    from fake_server.loading import LoadError, load_scenario
    from fake_server.tracks import Tracks

    version = args.version or max(
        (path.name for path in UPSTREAM.iterdir() if path.is_dir()), key=lambda text: [int(n) for n in text.split(".")]
    )
    if args.key_env is not None and not os.environ.get(args.key_env):
        return _usage(f"the variable {args.key_env} is not set; export it with the provider's key")
    try:
        source = Tracks(load_scenario(args.scenario)) if args.scenario else None
        watch = Watch(shapes=Shapes(version), tell=lambda text: print(text, file=sys.stderr, flush=True))
        key = os.environ[args.key_env] if args.key_env else None
        options = Options(version=version, upstream=args.url, key=key, source=source)
        code = asyncio.run(run_agent(command, options, watch))
    except (LoadError, ValueError) as error:
        return _usage(str(error))
    except OSError as error:
        print(f"compare shapes: {command[0]}: {error.strerror or error}", file=sys.stderr)
        return ExitCode.HARNESS_ERROR
    found = f"{len(watch.violations)} violations of the shapes of codex-cli {version}"
    print(f"{watch.requests} requests, {found}; the agent's exit code was {code}", file=sys.stderr)
    if not watch.requests:
        print("compare shapes: the agent sent nothing here; tell it the address with {url}", file=sys.stderr)
        return ExitCode.HARNESS_ERROR
    return ExitCode.DIFFERENCE if watch.violations else ExitCode.OK


def _usage(message: str) -> int:
    print(f"compare shapes: {message}", file=sys.stderr)
    return ExitCode.USAGE
