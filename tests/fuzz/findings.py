"""What the fuzzer found: one difference, how it was reached, and the scenario file that shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from captures.scenario import Lane
from tests.fuzz.calls import Group
from tests.fuzz.units import scenario_data

__all__ = ["Finding", "signature", "write_scenario"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`note`: why it is not steady, that is, not so in every run; `noise`: codex-cli itself does both."""

    lane: Lane
    seed: int
    unit: int
    kind: str
    text: str
    groups: Sequence[Group]
    note: str = ""
    noise: bool = False

    @property
    def steady(self) -> bool:
        return not self.note

    @property
    def name(self) -> str:
        return f"{self.kind}_{self.lane.version.replace('.', '_')}_{self.seed}_{self.unit}"

    @property
    def repro(self) -> str:
        return f"python -m tests.fuzz --lane {self.lane} --seed {self.seed} --unit {self.unit}"


def signature(kind: str, text: str) -> str:
    """Equal for differences that look like one: the kind of call, and the text without what varies."""
    first = text.partition("\n")[0]
    return kind + re.sub(r'\d+|"(?:[^"\\]|\\.)*"', "_", first)[:160]


def write_scenario(finding: Finding, folder: Path, number: int) -> Path:
    """The finding as a scenario, ready to be recorded once it has a rule; `number` tells it from others of a run."""
    import yaml

    data = scenario_data(
        finding.groups, f"Found by the fuzzer, kind {finding.kind}; say here what holds.", finding.lane.role
    )
    data = {"format": data.pop("format"), "rule": data.pop("rule"), "lanes": [str(finding.lane)], **data}
    lines = [finding.repro, *finding.text.splitlines()]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{finding.name}_{number}.yaml"
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    path.write_text("".join(f"# {line}\n" for line in lines) + text, encoding="utf-8")
    return path
