"""The traffic of runs in files that other programs open: HAR for browsers, `.flow` for mitmweb. On request.

A recording is canonical: no times, no ids, no lengths. Here is what was on the wire, with credentials masked. While
cells are recorded their exchanges go into a spool, so that a thousand cells need no more memory than one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from captures.agents import AgentError
from captures.canonical import RawRun
from captures.har import write_har
from captures.proxy import ProxyError, mitmdump_path

__all__ = ["Traffic", "add_options", "asked_traffic", "write_flows"]


_REPO = Path(__file__).resolve().parent.parent


class Traffic:
    """What went over the wire, cell by cell: one JSON line for each exchange, with the name of its cell."""

    def __init__(self, spool: Path) -> None:
        spool.parent.mkdir(parents=True, exist_ok=True)
        self._spool = spool
        spool.write_bytes(b"")

    def add(self, cell: str, raw: RawRun) -> None:
        """The exchanges of a cell, in order."""
        with self._spool.open("a", encoding="utf-8") as file:
            for one in raw.exchanges:
                row = {"cell": cell, "run": one.run, **one.exchange.to_json(redact=True)}
                file.write(json.dumps(row) + "\n")

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Each exchange again, as `Exchange.to_json` has it, with `cell` and `run`."""
        with self._spool.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    def write(self, *, har: Path | None, flow: Path | None, mitmdump: Path | None = None) -> None:
        """Writes the files that are asked for. Raises OSError, and AgentError where mitmproxy cannot write flows."""
        if har is not None:
            har.parent.mkdir(parents=True, exist_ok=True)
            write_har(self.rows, har)
        if flow is not None:
            flow.parent.mkdir(parents=True, exist_ok=True)
            write_flows(self._spool, flow, mitmdump)

    def close(self) -> None:
        self._spool.unlink(missing_ok=True)


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--har` and `--flow`."""
    group = parser.add_argument_group("the traffic itself, credentials masked")
    group.add_argument("--har", type=Path, metavar="FILE", help="as HAR 1.2, for a browser's network panel")
    group.add_argument("--flow", type=Path, metavar="FILE", help="as mitmproxy's flows, for `mitmweb -r FILE`")


@contextlib.contextmanager
def asked_traffic(args: argparse.Namespace, work: Path) -> Iterator[Traffic | None]:
    """A Traffic where one of the options is given, else None; the files are written at the end. Raises AgentError."""
    if args.har is None and args.flow is None:
        yield None
        return
    mitmdump = None
    try:
        mitmdump = None if args.flow is None else mitmdump_path(_REPO)
    except ProxyError as error:
        raise AgentError(f"--flow: {error}") from None
    traffic = Traffic(work / f"traffic-{os.getpid()}.jsonl")
    try:
        yield traffic
        traffic.write(har=args.har, flow=args.flow, mitmdump=mitmdump)
        for path in (args.har, args.flow):
            if path is not None:
                print(f"wrote {path}")
    except OSError as error:
        raise AgentError(f"{error.filename}: {error.strerror}") from None
    finally:
        traffic.close()


def write_flows(spool: Path, flow: Path, mitmdump: Path | None) -> None:
    """Has mitmproxy's own library write the file, in the environment where it is. Raises AgentError."""
    python = (mitmdump or mitmdump_path(_REPO)).with_name("python")
    command = [str(python), "-m", "captures.flows", str(spool.resolve()), str(flow.resolve())]
    done = subprocess.run(command, cwd=_REPO, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AgentError(f"{flow}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'not written'}")
