"""`pycodex doctor`: what a run needs, looked at one thing after the other, and what to do about what is wrong."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pycodex.cli.clap import Parsed
    from pycodex.doctor.report import Check
    from pycodex.doctor.style import DoctorStyle
    from pycodex.upstream.dialect import Dialect

__all__ = ["doctor_help", "run_doctor"]

_OWN_START = """Diagnose what a run needs: configuration, key, sandbox, network, a live answer

Usage: codex doctor [OPTIONS]

Options:
  -c, --config <key=value>  Override a configuration value
      --json                One JSON object, the checks by their ids
      --network-only        Only configuration, variables of the network, provider over HTTP and WebSocket
      --summary             Only the lines of the checks, without their details
      --all                 Whole lists
      --no-color            No colours
      --ascii               No characters beyond ASCII
  -h, --help                Print help"""
_OWN_HELP = """Of pycodex itself:
      --skip-live           Send no request to the model; everything else is looked at

Without --network-only it looks at: config.toml (file, line and key of what is wrong), .env, provider, key, sandbox,
proxy, DNS, TCP, TLS, WebSocket, the provider over HTTP, and sends one small request to the model; with --vllm-endpoint
URL at that backend and its list of models, and the request goes through the layer before it. All are looked at,
however many fail; one that needs another that failed is skipped. Keys are never shown. Seconds that each may take:
5, but TLS and HTTP 10, the sandbox 15, the WebSocket 20, the live request 60.

Exit codes: 0 nothing failed (warnings do not count), 1 something failed, 2 usage."""


def run_doctor(dialect: Dialect, parsed: Parsed) -> int:
    """Look at everything and print it. The exit code: 0, or 1 where something failed."""
    from pycodex.cli.exec import guarded

    return guarded(dialect, lambda: _doctor(dialect, parsed))


def _doctor(dialect: Dialect, parsed: Parsed) -> int:
    from pycodex.doctor.examine import examine, examine_network
    from pycodex.doctor.report import overall
    from pycodex.doctor.subject import open_subject

    subject = open_subject(dialect, parsed, os.environ)
    values: Mapping[str, Any] = {} if parsed.sub is None else parsed.sub[1].values
    if values.get("network_only"):
        checks = asyncio.run(examine_network(subject))
    else:
        checks = asyncio.run(examine(subject, live=not values.get("skip_live")))
    sys.stdout.write(_text(subject.style, dialect.version, checks, values))
    return 1 if overall(checks) == "fail" else 0


def _text(style: DoctorStyle, version: str, checks: Sequence[Check], values: Mapping[str, Any]) -> str:
    if values.get("json"):
        from pycodex.doctor.as_json import as_json

        return as_json(version, checks) + "\n"
    from pycodex.doctor.as_text import COLORS, Layout, as_text
    from pycodex.paint import Painter, wants_colors

    choice = "never" if values.get("no_color") or "NO_COLOR" in os.environ else None
    colors = wants_colors(choice, terminal=sys.stdout.isatty(), environment=os.environ)
    layout = Layout(
        details=not values.get("summary"),
        all=bool(values.get("all")),
        ascii=bool(values.get("ascii")),
        paint=Painter(roles=COLORS if colors else {}),
        home=os.environ.get("HOME", "").rstrip("/"),
    )
    return as_text(style.title, version, checks, layout)


def doctor_help(dialect: Dialect, length: str) -> str:
    """codex-cli's own help of a version that has a doctor, and below it what pycodex adds."""
    from pycodex.upstream.data import UpstreamData

    if not dialect.cli.doctor_help:
        return f"{_OWN_START}\n\n{_OWN_HELP}"
    return f"{UpstreamData(dialect.version).text(f'help.doctor.{length}.txt').rstrip()}\n\n{_OWN_HELP}"
