"""What the suite says of codex-cli, as measured: `scores.json`, written by `python -m tests.live.mcp_conformance`.

Two agents that both reach nothing score alike, too; so both are also held against this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.live.mcp_conformance.packages import PACKAGE, pinned_version
from tests.live.mcp_conformance.suite import Outcome

__all__ = ["LANES", "read_scores", "row_of", "write_scores"]

LANES = ("0.115.0/direct", "0.169.0/direct")
_FILE = Path(__file__).with_name("scores.json")


@cache
def read_scores() -> Mapping[str, Any]:
    """`suite`: the package and its version; `lanes`: lane -> scenario -> row."""
    found: Mapping[str, Any] = json.loads(_FILE.read_text())
    return found


def row_of(outcome: Outcome) -> dict[str, Any]:
    """What is kept of an outcome."""
    return {"passed": outcome.passed, "checks": {name: " ".join(found) for name, found in outcome.score.items()}}


def write_scores(measured: Mapping[str, Mapping[str, Any]]) -> None:
    """Lane -> scenario -> row."""
    data = {"suite": f"{PACKAGE}@{pinned_version()}", "agent": "codex-cli", "lanes": measured}
    _FILE.write_text(json.dumps(data, indent=1) + "\n")
