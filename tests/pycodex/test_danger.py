"""Which commands are refused. The rows were measured on both binaries: 0.115.0 first, then 0.169.0."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pycodex.approvals import Refuse, decide
from pycodex.danger import forced_rm_anywhere, plain_forced_rm
from pycodex.exec_rules import Rules
from pycodex.upstream import load_dialect

STYLES = [load_dialect(version).exec.approval for version in ("0.115.0", "0.169.0")]
CAPTURED: dict[str, list[str | None]] = json.loads(
    (Path(__file__).parent / "dangerous_scripts.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("script", CAPTURED)
def test_captured_rows(script: str) -> None:
    for style, danger in zip(STYLES, CAPTURED[script], strict=True):
        verdict = decide("never", Rules(), style, ["/bin/bash", "-c", script])
        reason = verdict.refusal.rpartition("rejected: ")[2] if isinstance(verdict, Refuse) else None
        assert reason == (None if danger is None else style.danger_reasons[danger])  # type: ignore[index]


@pytest.mark.parametrize("argv", [["rm", "-rf", "x"], ["sudo", "rm", "-f"], ["sh", "-c", "ls && rm -f x"]])
def test_an_argv_that_both_rules_refuse(argv: list[str]) -> None:
    assert plain_forced_rm(argv) == forced_rm_anywhere(argv) == "forced rm"


@pytest.mark.parametrize("argv", [["rm", "x"], ["rm", "--", "-f"], ["env"], ["sudo"], ["trap"], ["sh", "-c", "ls"], []])
def test_an_argv_that_neither_rule_refuses(argv: list[str]) -> None:
    assert plain_forced_rm(argv) is forced_rm_anywhere(argv) is None
