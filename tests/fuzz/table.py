"""What a person reads at the end: the differences, and how many calls of which kind were compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from captures.scenario import Lane
from tests.fuzz.campaign import Tally
from tests.fuzz.findings import Finding, write_scenario

__all__ = ["Teller", "finding_lines", "tally_lines"]


class Teller:
    """Writes and prints each finding as it comes; `clear` makes room for it on the terminal."""

    def __init__(self, folder: Path, clear: Callable[[], None]) -> None:
        self._folder, self._clear, self._count = folder, clear, 0

    def __call__(self, finding: Finding) -> None:
        if finding.noise:
            return
        self._count += 1
        path = write_scenario(finding, self._folder, self._count)
        self._clear()
        print("\n".join(finding_lines(finding, path)), flush=True)


def finding_lines(finding: Finding, path: Path) -> list[str]:
    """One difference: where, what, how to see it again."""
    note = f" ({finding.note})" if finding.note else ""
    return [
        f"{finding.lane} {finding.kind}{note}, {sum(map(len, finding.groups))} calls: {path}",
        *(f"    {line}" for line in finding.text.splitlines()[:8]),
        f"    again: {finding.repro}",
    ]


def tally_lines(lane: Lane, tally: Tally) -> list[str]:
    """One line for a lane, and one for each kind of call with its share."""
    total = tally.calls.total()
    lines = [f"{lane}: {total} calls compared, {len(tally.findings)} differences"]
    if tally.noise:
        lines.append(f"    {len(tally.noise)} differences that come and go: codex-cli has both")
    if tally.patches:
        lines.append(
            f"    {tally.applied} of {tally.patches} patches were applied, {tally.applied / tally.patches:.0%}"
        )
    for kind, count in sorted(tally.calls.items()):
        lines.append(f"    {kind:12} {count:6} {count / total:6.1%}")
    return lines
