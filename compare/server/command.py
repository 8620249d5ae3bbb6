"""`python -m compare server`: its options, and its exit code."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from captures.manifest import UPSTREAM
from compare.server.check import Options, Result, check_server, result_lines, results_json
from compare.server.talk import Client, Unreachable
from compare.verdicts import ExitCode

__all__ = ["add_options", "run"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("url", metavar="URL", help="base URL, as base_url of a codex provider: http://host:port/v1")
    parser.add_argument("--key-env", metavar="NAME", help="the variable with the server's key")
    parser.add_argument("--model", metavar="M", help="the model to ask for (default: the recorded one)")
    parser.add_argument("--version", action="append", default=[], metavar="V", help="only this codex-cli version")
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="only these cases")
    parser.add_argument("--burst", type=int, default=0, metavar="N", help="send N prompts at once to see a 429")
    parser.add_argument("--quiet", type=float, default=120.0, metavar="SECONDS", help="silence that counts as the end")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the results as JSON")


def run(args: argparse.Namespace) -> int:
    """Sends, prints, and says by the exit code whether a fault was found."""
    known = sorted(path.name for path in UPSTREAM.iterdir() if path.is_dir())
    versions = args.version or known
    if unknown := [version for version in versions if version not in known]:
        return _usage(f"no recordings of codex-cli {unknown[0]}; there are: {', '.join(known)}")
    if not args.url.startswith(("http://", "https://")):
        return _usage(f"{args.url}: give a URL that begins with http:// or https://")
    if args.key_env is not None and not os.environ.get(args.key_env):
        return _usage(f"the variable {args.key_env} is not set; export it with the server's key")
    key = os.environ[args.key_env] if args.key_env else None
    options = Options(model=args.model, only=args.only, burst=args.burst)
    try:
        results = asyncio.run(_check(args.url, key, args.quiet, versions, options))
    except Unreachable as error:
        print(f"compare server: {error}", file=sys.stderr)
        return ExitCode.HARNESS_ERROR
    if not results:
        return _usage(f"no case fits {', '.join(args.only)}")
    print("\n".join(result_lines(results)))
    if args.json is not None:
        args.json.write_text(json.dumps(results_json(results), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return ExitCode.DIFFERENCE if any(result.findings for result in results) else ExitCode.OK


async def _check(url: str, key: str | None, quiet: float, versions: list[str], options: Options) -> list[Result]:
    async with Client(url, key, quiet) as client:
        return await check_server(client, versions, options)


def _usage(message: str) -> int:
    print(f"compare server: {message}", file=sys.stderr)
    return ExitCode.USAGE
