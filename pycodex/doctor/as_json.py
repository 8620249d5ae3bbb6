"""The report as codex-cli prints it with --json: one object, checks by id, details by name (captured: doctor/*)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from pycodex.doctor.report import Check, Issue, overall
from pycodex.doctor.secrets import cut_urls, shown

__all__ = ["as_json"]


def as_json(version: str, checks: Sequence[Check]) -> str:
    """The whole text."""
    report = {
        "schemaVersion": 1,
        "generatedAt": f"{int(time.time())}s since unix epoch",
        "overallStatus": overall(checks),
        "codexVersion": version,
        "checks": {check.id: _check(check) for check in sorted(checks, key=lambda check: check.id)},
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


def _check(check: Check) -> dict[str, Any]:
    details: dict[str, Any] = {}
    told = shown(check)
    notes = [value for name, value in told if not name]
    for name, value in sorted((pair for pair in told if pair[0]), key=lambda pair: pair[0]):
        if name not in details:
            details[name] = value
        elif isinstance(details[name], list):
            details[name].append(value)
        else:
            details[name] = [details[name], value]
    return {
        "id": check.id,
        "category": check.category,
        "status": check.status,
        "summary": check.summary,
        "details": details,
        **({"issues": [_issue(issue) for issue in check.issues]} if check.issues else {}),
        **({"notes": notes} if notes else {}),
        "remediation": check.remedy,
        "durationMs": check.milliseconds,
    }


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "severity": issue.severity,
        "cause": cut_urls(issue.cause),
        "measured": cut_urls(issue.measured),
        "expected": cut_urls(issue.expected),
        "remedy": cut_urls(issue.remedy),
        "fields": list(issue.fields),
    }
