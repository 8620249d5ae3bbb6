"""Units: what one start of an agent is given. A unit follows from its seed and number alone.

Calls are dealt so that every unit has each kind's share, as near as whole calls allow; what is left over goes to the
next unit's draw. Each response has one call, because 0.115.0 runs the calls of one response in any order; a message
before the call marks in the events where it begins.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from captures.scenario import Lane, Scenario, scenario_from_data
from tests.fuzz.calls import Call, Group, World
from tests.fuzz.kinds import Kind, kinds_for
from tests.fuzz.kinds.patches import FILES as PATCHED

__all__ = [
    "FILES",
    "LAST",
    "SIZE",
    "call_id",
    "calls_of",
    "kinds_of",
    "make_unit",
    "mark",
    "scenario_data",
    "scenario_of",
]

SIZE = 40
"""Calls per unit, about: a group is not cut."""

LAST = "done"
"""The message that ends a unit."""

FILES = {
    "notes.txt": "one\ntwo\nthree\n",
    "sub/deep.txt": "alpha\nbeta\ngamma\ndelta\n",
    **PATCHED,
}

_MODEL: Any = {
    "slug": "m1",
    "display_name": "M1",
    "supported_reasoning_levels": [],
    "shell_type": "default",
    "visibility": "list",
    "supported_in_api": True,
    "priority": 1,
    "base_instructions": "Be brief.",
    "supports_reasoning_summaries": False,
    "support_verbosity": False,
    "apply_patch_tool_type": "freeform",
    "truncation_policy": {"mode": "tokens", "limit": 10000},
    "supports_parallel_tool_calls": False,
    "experimental_supported_tools": ["read_file", "list_dir", "grep_files"],
}
"""A model with the tools that only some models have."""

_SETTLING: Any = {"call": {"name": "exec_command", "arguments": {"cmd": "sleep 0.8"}, "call_id": "call_settling"}}
"""Stands before the calls: 0.169.0 runs what comes in its first moments in a login shell or not, from run to run,
because its snapshot of the shell is still being made (two runs: `shopt login_shell` gave `on`, then `off`)."""


def make_unit(seed: int, number: int, size: int = SIZE, role: str = "direct") -> list[Group]:
    """The groups of a unit, `size` calls or a few more."""
    kinds = kinds_for(role)
    random = Random(f"{seed}/{number}")
    world = World(random=random, files=dict(FILES))
    groups: list[Group] = []
    for name in _deal(random, size, kinds):
        world.number = len(groups)
        groups.append(kinds[name].make(world))
        if sum(map(len, groups)) >= size:
            break
    return groups


def _deal(random: Random, size: int, kinds: Mapping[str, Kind]) -> list[str]:
    """Kinds in random order, by their shares."""
    total = sum(kind.share for kind in kinds.values())
    hand: list[str] = []
    for name, kind in kinds.items():
        exact = size * kind.share / total / kind.calls
        hand += [name] * (int(exact) + (random.random() < exact % 1))
    random.shuffle(hand)
    # Groups may be longer than they usually are, or shorter: then any kind fills the rest.
    return hand + random.choices(list(kinds), [kind.share / kind.calls for kind in kinds.values()], k=size)


def calls_of(groups: Iterable[Group]) -> list[Call]:
    return [call for group in groups for call in group]


def kinds_of(groups: Iterable[Group]) -> Counter[str]:
    """How many calls of which kind."""
    return Counter(call.kind for call in calls_of(groups))


def call_id(index: int) -> str:
    return f"call_{index:03}"


def mark(index: int) -> str:
    """The message that stands before a call."""
    return f"call {index}"


def scenario_data(groups: Sequence[Group], rule: str = "What the fuzzer made.", role: str = "direct") -> dict[str, Any]:
    """The scenario file of these calls. A model in code mode is the lane's own."""
    answers: list[dict[str, Any]] = [{"output": [_SETTLING]}]
    take: dict[str, str] = {}
    for index, call in enumerate(calls_of(groups)):
        item = {kind: {**body, "call_id": call_id(index)} for kind, body in call.item.items()}
        answers.append({**({"take": take} if take else {}), "output": [{"message": mark(index)}, item]})
        take = dict(call.take)
    answers.append({**({"take": take} if take else {}), "output": [{"message": LAST}]})
    own: dict[str, Any] = {
        "home_files": {"models.json": json.dumps({"models": [_MODEL]})},
        "config": {
            "model": _MODEL["slug"],
            "model_catalog_json": "$root/home/.codex/models.json",
            "tools": {"update_plan": {"enabled": True}},
            "features": {"request_permissions_tool": True},
            "suppress_unstable_features_warning": True,
        },
    }
    return {
        "format": 1,
        "rule": rule,
        "files": dict(FILES),
        **(own if role == "direct" else {}),
        "runs": [
            {"argv": ["exec", "--json", "--skip-git-repo-check", "-s", "danger-full-access", "go"], "timeout": 120}
        ],
        "answers": {"main": answers},
    }


def scenario_of(groups: Sequence[Group], lane: Lane) -> Scenario:
    """The scenario of these calls, for one lane."""
    return replace(scenario_from_data(scenario_data(groups, role=lane.role), "fuzz", "fuzz"), lanes=(lane,))
