"""Command line of the fake server: `python -m fake_server`.

Exit codes: 0 the server ran and saw no problem; 1 there were problems; 2 it could not start.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from fake_server.console import arrival_lines, client_help, end_lines, head_lines, summary
from fake_server.friendly import Friendly
from fake_server.journal import Exchange
from fake_server.loading import LoadError, load_replay, load_scenario, load_script
from fake_server.server import Arrival, FakeServer
from fake_server.tracks import Source, Tracks

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, serve until interrupted (or, with --once, until there is nothing left to say), and give the exit code."""
    options = _parser().parse_args(argv)
    try:
        source, what = _source(options)
        record = _record_file(options.record)
    except LoadError as error:
        print(f"fake_server: {error}", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_serve(options, source, what, record))
    except OSError as error:
        print(
            f"fake_server: cannot listen on {options.host}:{options.port}: {error.strerror or error}",
            file=sys.stderr,
        )
        return 2
    finally:
        if record is not None:
            record.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fake_server",
        description="A scripted Responses server. Without a script it greets any client and obeys `run: CMD`.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--script", type=Path, metavar="FILE", help="answers from a script file (YAML or JSON)")
    parser.add_argument("--scenario", type=Path, metavar="FILE", help="answers from the `answers` of a scenario file")
    parser.add_argument("--replay", type=Path, metavar="FOLDER", help="serve a recording's responses back")
    parser.add_argument("--proxy", metavar="URL", help="stand before a live provider, e.g. https://api.openai.com/v1")
    parser.add_argument("--once", action="store_true", help="end when the answers are used up")
    parser.add_argument(
        "--record", type=Path, metavar="FOLDER", help="write FOLDER/exchanges.jsonl, credentials masked"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print the head of each request, credentials masked"
    )
    return parser


def _source(options: argparse.Namespace) -> tuple[Source | None, str]:
    """Where answers come from, and words for it; None for a live provider."""
    chosen = [name for name in ("script", "scenario", "replay", "proxy") if getattr(options, name) is not None]
    if len(chosen) > 1 and chosen != ["scenario", "replay"]:
        raise LoadError(f"--{chosen[0]} and --{chosen[1]} do not go together; give one")
    if options.proxy is not None:
        if not options.proxy.startswith(("http://", "https://")):
            raise LoadError(f"--proxy {options.proxy}: give a URL that begins with http:// or https://")
        return None, f"in front of {options.proxy}"
    scenario = load_scenario(options.scenario) if options.scenario is not None else None
    if options.replay is not None:
        script, what = load_replay(options.replay, scenario), f"replay of {options.replay}"
    elif options.script is not None:
        script, what = load_script(options.script), f"script {options.script}"
    elif scenario is not None:
        script, what = scenario, f"scenario {options.scenario}"
    else:
        return Friendly(), "no script: it greets any client"
    return Tracks(script), f"{what}, {sum(1 for _ in script.answers)} answers"


def _record_file(folder: Path | None) -> TextIO | None:
    if folder is None:
        return None
    path = folder / "exchanges.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return path.open("x", encoding="utf-8")
    except FileExistsError:
        raise LoadError(
            f"{path} is there already; give --record a new folder, recordings are never overwritten"
        ) from None
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror}") from None


async def _serve(options: argparse.Namespace, source: Source | None, what: str, record: TextIO | None) -> int:
    stop = asyncio.Event()

    def arrived(arrival: Arrival) -> None:
        lines = list(arrival_lines(arrival))
        if options.verbose:
            lines[1:1] = head_lines(arrival.request.head)
        _say(*lines)

    def ended(exchange: Exchange) -> None:
        _say(*end_lines(exchange))
        if record is not None:
            record.write(json.dumps(exchange.to_json(redact=True)) + "\n")
            record.flush()
        if options.once and (source is None or source.at_rest()):
            stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = FakeServer(options.host, options.port, upstream=options.proxy, on_arrival=arrived, on_exchange=ended)
    async with server:
        if source is not None:
            server.load(source)
        _say(
            f"fake server, {what}",
            *client_help(server.url, env_key="FAKE_KEY" if source else "OPENAI_API_KEY"),
            "",
        )
        await stop.wait()
        await server.settle()
        problems = server.finish()
        _say("", *summary(server.journal, problems))
    return 1 if problems else 0


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
