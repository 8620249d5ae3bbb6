"""What a check found, as plain data; how it is told is the business of `as_json` and `as_text`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pycodex.records import dataclass

__all__ = ["Check", "Issue", "Verdict", "overall"]

Verdict = Literal["ok", "warning", "fail", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One thing that is wrong, measured against what is expected."""

    severity: Verdict
    cause: str
    measured: str
    expected: str
    remedy: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. `id` is stable; `category` names its line; `details` are in the order in which people see them;
    one without a name is a note."""

    id: str
    category: str
    status: Verdict
    summary: str
    details: tuple[tuple[str, str], ...] = ()
    issues: tuple[Issue, ...] = ()
    remedy: str | None = None
    milliseconds: int = 0
    plain: bool = False
    """Of pycodex' own: what is secret is masked by its value, so a detail may speak of keys."""

    def detail(self, name: str) -> str | None:
        """The first detail of that name."""
        return next((value for key, value in self.details if key == name), None)


def overall(checks: Sequence[Check]) -> Verdict:
    """The worst verdict; what was skipped says nothing."""
    found = {check.status for check in checks}
    return "fail" if "fail" in found else "warning" if "warning" in found else "ok"
